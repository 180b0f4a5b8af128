import Testing

@testable import Torch

/// Derivatives of powers, and who records them.
struct GradientTests {
  private let x = Tensor([1, -2, 3], shape: [3]).requiringGradient()

  /// d(sum of x^2) = 2x; two backward passes add up until the gradient is dropped.
  @Test func gradientsAccumulate() {
    #expect(x.gradient == nil)
    x.squared().sum().backward()
    #expect(x.gradient?.elements == [2, -4, 6])
    x.squared().sum().backward()
    #expect(x.gradient?.elements == [4, -8, 12])
    x.dropGradient()
    #expect(x.gradient == nil)
  }

  /// x^3: 3x^2, and from that 6x. Nothing is accumulated.
  @Test func gradientsOfGradients() {
    let cube = x * x * x
    let first = cube.gradient(of: x, createGraph: true)
    #expect(first.elements == [3, 12, 27])
    #expect(first.gradient(of: x, createGraph: false).elements == [6, -12, 18])
    #expect(x.gradient == nil)
  }

  @Test func withoutAGraphTheGradientIsAConstant() {
    let first = (x * x).gradient(of: x, createGraph: false)
    #expect(!first.requiresGradient)
  }

  @Test func detachedTensorsRecordNothing() {
    #expect((x * 2).requiresGradient)
    #expect(!(x.detached() * 2).requiresGradient)
    // The product rule's other half is missing: d(x * constant) = constant.
    (x * x.detached()).sum().backward()
    #expect(x.gradient?.elements == x.elements)
  }

  @Test func theScopeRestoresTheMode() {
    struct Stop: Error {}
    withoutGradients {
      #expect(!(x * 2).requiresGradient)
      withoutGradients { #expect(!(x * 2).requiresGradient) }
      #expect(!(x * 2).requiresGradient)
    }
    #expect((x * 2).requiresGradient)
    #expect(throws: Stop.self) { try withoutGradients { throw Stop() } }
    #expect((x * 2).requiresGradient)
  }

  @Test func frozenNetworksPassGradientsThrough() {
    let layer = Conv2d(inputChannels: 1, outputChannels: 1, kernelSize: 1, bias: false)
    layer.initialize(.normal(gain: 1), seed: 1)
    layer.setRequiresGradient(false)
    let input = Tensor([1], shape: [1, 1, 1, 1]).requiringGradient()
    layer(input, .training).sum().backward()
    #expect(input.gradient?.elements == layer.weight.tensor.elements)
    #expect(layer.weight.gradient == nil)
    layer.setRequiresGradient(true)
    layer(input, .training).sum().backward()
    #expect(layer.weight.gradient?.elements == [1])
  }
}

/// Convolutions in bfloat16, while the scope lasts.
struct AutocastTests {
  private let x = Tensor.normal(shape: [1, 2, 4, 4], seed: 1)
  private let weight = Tensor.normal(shape: [2, 2, 3, 3], seed: 2)

  private var convolved: Tensor { x.conv2d(weight: weight, bias: nil, stride: 1, padding: 1) }

  @Test func onlyTheScopeIsInBFloat16() {
    let inside = withBFloat16Autocast(true, on: .cpu) { convolved.dtype }
    #expect(inside == .bfloat16)
    #expect(convolved.dtype == .float32)
    #expect(withBFloat16Autocast(false, on: .cpu) { convolved.dtype } == .float32)
  }

  @Test func throwingLeavesTheScope() {
    struct Stop: Error {}
    #expect(throws: Stop.self) { try withBFloat16Autocast(true, on: .cpu) { throw Stop() } }
    #expect(convolved.dtype == .float32)
  }

  @Test func anInnerScopeDoesNotEndTheOuterOne() {
    withBFloat16Autocast(true, on: .cpu) {
      withBFloat16Autocast(true, on: .cpu) { #expect(convolved.dtype == .bfloat16) }
      #expect(convolved.dtype == .bfloat16)
    }
    #expect(convolved.dtype == .float32)
  }

  /// The cast of a weight is kept within a scope; the next scope has to see the new weight.
  @Test func theNextScopeSeesChangedWeights() {
    let weight = Parameter(.full(1, shape: [1, 1, 1, 1]))
    let one = Tensor.full(1, shape: [1, 1, 1, 1])
    func result() -> [Float] {
      withBFloat16Autocast(true, on: .cpu) {
        one.conv2d(weight: weight.tensor, bias: nil, stride: 1, padding: 0).elements
      }
    }
    #expect(result() == [1])
    weight.tensor.copyInPlace(from: .full(2, shape: [1, 1, 1, 1]))
    #expect(result() == [2])
  }

  @Test func gradientsOfFloatWeightsStayFloat() throws {
    let weight = self.weight.requiringGradient()
    let loss = withBFloat16Autocast(true, on: .cpu) {
      x.conv2d(weight: weight, bias: nil, stride: 1, padding: 1).converted(to: .float32).mean()
    }
    loss.backward()
    let gradient = try #require(weight.gradient)
    #expect(gradient.dtype == .float32)
  }

  /// Each thread sums over images of its own. Every value is -1, 0 or 1, so that a gradient is a whole
  /// number of at most 5 images * 36 pixels = 180, which bfloat16 holds exactly; the batch of 5 is no
  /// multiple of threads.
  @Test(arguments: [(3, 16), (5, 6), (16, 16)], [false, true])
  func gradientsOfABatchAreSumsOverItsImages(channels: (Int, Int), isTransposed: Bool) throws {
    func whole(_ shape: [Int], _ factor: Int) -> Tensor {
      Tensor((0..<shape.reduce(1, *)).map { Float(($0 * factor / 3) % 3 - 1) }, shape: shape)
    }
    let (input, output) = channels
    let x = whole([5, input, 6, 6], 7)
    let slope = whole([5, output, 6, 6], 11)
    let shape = isTransposed ? [input, output, 3, 3] : [output, input, 3, 3]
    func gradients(inBFloat16: Bool) throws -> [[Float]] {
      let weight = whole(shape, 5).requiringGradient()
      let bias = Tensor.zeros(shape: [output]).requiringGradient()
      let loss = withBFloat16Autocast(inBFloat16, on: .cpu) {
        let y =
          isTransposed
          ? x.convTranspose2d(weight: weight, bias: bias, stride: 1, padding: 1, outputPadding: 0)
          : x.conv2d(weight: weight, bias: bias, stride: 1, padding: 1)
        return (y.converted(to: .float32) * slope).sum()
      }
      loss.backward()
      return [try #require(weight.gradient).elements, try #require(bias.gradient).elements]
    }
    #expect(try gradients(inBFloat16: true) == gradients(inBFloat16: false))
  }
}
