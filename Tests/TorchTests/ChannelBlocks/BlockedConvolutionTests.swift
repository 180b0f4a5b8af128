import TestSupport
import Testing

@testable import Torch

/// Convolutions in channel blocks against libtorch's own in float64, which have no kernels in blocks. On a CPU
/// without AVX-512 both are libtorch's.
struct BlockedConvolutionTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var inputs: Int, outputs: Int, height: Int, width: Int, kernel: Int
    var stride = 1, padding = 0, batch = 1

    var testDescription: String {
      "\(batch)x\(inputs)x\(height)x\(width) to \(outputs), kernel \(kernel), stride \(stride), "
        + "padding \(padding)"
    }

    var x: Tensor { .normal(shape: [batch, inputs, height, width], seed: 1) }
    /// Scaled so that results are near 1.
    var weight: Tensor {
      let fanIn = Double(inputs * kernel * kernel)
      return .normal(shape: [outputs, inputs, kernel, kernel], seed: 2) * (1 / fanIn.squareRoot())
    }
  }

  /// Every kind of convolution that the networks have, at sizes that leave tiles and blocks over.
  static let cases = [
    // A residual block's: Winograd, with one, several and odd numbers of tiles, and images in a batch.
    Case(inputs: 32, outputs: 32, height: 6, width: 6, kernel: 3),
    Case(inputs: 64, outputs: 32, height: 17, width: 13, kernel: 3),
    Case(inputs: 32, outputs: 64, height: 18, width: 22, kernel: 3, padding: 1, batch: 3),
    Case(inputs: 128, outputs: 128, height: 34, width: 34, kernel: 3, batch: 2),
    // Too few channels for it.
    Case(inputs: 16, outputs: 16, height: 9, width: 10, kernel: 3),
    // The first of a generator and of a discriminator, from images of 1 and 3 channels.
    Case(inputs: 3, outputs: 16, height: 20, width: 14, kernel: 7),
    Case(inputs: 4, outputs: 16, height: 9, width: 8, kernel: 3, padding: 1),
    Case(inputs: 1, outputs: 32, height: 16, width: 16, kernel: 4, stride: 2, padding: 1),
    // Downsampling, also where the stride does not divide.
    Case(inputs: 16, outputs: 32, height: 12, width: 8, kernel: 3, stride: 2, padding: 1, batch: 2),
    Case(inputs: 32, outputs: 16, height: 11, width: 9, kernel: 4, stride: 2, padding: 1),
    // The last row and column are not seen.
    Case(inputs: 16, outputs: 16, height: 8, width: 8, kernel: 3, stride: 2),
    Case(inputs: 32, outputs: 32, height: 3, width: 5, kernel: 3, padding: 4),
    // The last ones, which go by rows and give the usual layout; and too many results for that.
    Case(inputs: 16, outputs: 3, height: 15, width: 12, kernel: 7, batch: 2),
    Case(inputs: 32, outputs: 1, height: 8, width: 9, kernel: 4, padding: 1),
    Case(inputs: 16, outputs: 6, height: 12, width: 12, kernel: 7),
    Case(inputs: 16, outputs: 5, height: 9, width: 9, kernel: 3, stride: 2),
    // A pixel discriminator's.
    Case(inputs: 16, outputs: 32, height: 7, width: 5, kernel: 1),
  ]

  private func blocked(_ c: Case, _ x: Tensor, _ weight: Tensor, bias: Tensor? = nil) -> Tensor {
    (c.inputs % 16 == 0 ? x.inChannelBlocks() : x)
      .conv2d(weight: weight, bias: bias, stride: c.stride, padding: c.padding)
  }

  private func plain(_ c: Case, _ x: Tensor, _ weight: Tensor, bias: Tensor? = nil) -> Tensor {
    x.converted(to: .float64).conv2d(
      weight: weight.converted(to: .float64), bias: bias?.converted(to: .float64),
      stride: c.stride, padding: c.padding
    ).converted(to: .float32)
  }

  /// Winograd rounds in another way than libtorch, which shows that the cases here are computed in blocks.
  @Test(.enabled(if: Backend.convolutionLibrary != nil)) func blocksAreUsed() {
    let c = Self.cases[3]
    let inLibtorch = c.x.conv2d(weight: c.weight, bias: nil, stride: c.stride, padding: c.padding)
    #expect(blocked(c, c.x, c.weight).elements != inLibtorch.elements)
  }

  @Test(arguments: cases) func sameValues(_ c: Case) {
    let bias = Tensor.normal(shape: [c.outputs], seed: 3)
    let expected = plain(c, c.x, c.weight, bias: bias)
    expectWithinTenThousandth(blocked(c, c.x, c.weight, bias: bias), expected)
  }

  @Test(arguments: cases) func sameGradients(_ c: Case) throws {
    func gradients(_ layer: (Case, Tensor, Tensor, Tensor?) -> Tensor) throws -> [Tensor] {
      let (x, weight) = (c.x.requiringGradient(), c.weight.requiringGradient())
      let bias = Tensor.zeros(shape: [c.outputs]).requiringGradient()
      let y = layer(c, x, weight, bias)
      (y * Tensor.normal(shape: y.shape, seed: 4)).sum().backward()
      return try [x, weight, bias].map { try #require($0.gradient) }
    }
    let found = try gradients { blocked($0, $1, $2, bias: $3) }
    let expected = try gradients { plain($0, $1, $2, bias: $3) }
    for (one, other) in zip(found, expected) { expectWithinTenThousandth(one, other) }
  }

  /// What the gradient penalty needs: the gradient of a function of the gradient by the input.
  @Test(arguments: cases) func sameSecondGradients(_ c: Case) throws {
    func secondGradients(_ layer: (Case, Tensor, Tensor) -> Tensor) throws -> Tensor {
      let (x, weight) = (c.x.requiringGradient(), c.weight.requiringGradient())
      let slope = layer(c, x, weight).squared().gradient(of: x, createGraph: true)
      slope.squared().sum().backward()
      return try #require(weight.gradient)
    }
    let found = try secondGradients { blocked($0, $1, $2) }
    expectWithinTenThousandth(found, try secondGradients { plain($0, $1, $2) })
  }

  /// The gradient that nobody asks for is not computed, and not missed.
  @Test func gradientsOfOneSideOnly() throws {
    let c = Self.cases[3]
    let weight = c.weight.requiringGradient()
    blocked(c, c.x, weight).sum().backward()
    let other = c.weight.requiringGradient()
    plain(c, c.x, other).sum().backward()
    expectWithinTenThousandth(try #require(weight.gradient), try #require(other.gradient))
  }

  static let transposedCases = [
    (Case(inputs: 32, outputs: 16, height: 5, width: 6, kernel: 3, stride: 2, padding: 1), 1),
    (
      Case(
        inputs: 16, outputs: 32, height: 7, width: 4, kernel: 4, stride: 2, padding: 1, batch: 2), 0
    ),
    (Case(inputs: 32, outputs: 3, height: 6, width: 6, kernel: 4, stride: 2, padding: 1), 0),
    // A U-Net's bottleneck.
    (Case(inputs: 16, outputs: 16, height: 1, width: 1, kernel: 4, stride: 2, padding: 1), 0),
    (Case(inputs: 16, outputs: 32, height: 1, width: 2, kernel: 4, stride: 2, padding: 1), 0),
  ]

  @Test(arguments: transposedCases)
  func transposedHasTheSameValuesAndGradients(_ c: Case, _ outputPadding: Int) throws {
    func results(_ enter: (Tensor) -> Tensor) throws -> [Tensor] {
      let x = c.x.requiringGradient()
      let shape = [c.inputs, c.outputs, c.kernel, c.kernel]
      let weight = (Tensor.normal(shape: shape, seed: 2) * 0.1).requiringGradient()
      let bias = Tensor.normal(shape: [c.outputs], seed: 3).requiringGradient()
      let y = enter(x).convTranspose2d(
        weight: weight, bias: bias, stride: c.stride, padding: c.padding,
        outputPadding: outputPadding)
      (y * Tensor.normal(shape: y.shape, seed: 4)).sum().backward()
      return try [y] + [x, weight, bias].map { try #require($0.gradient) }
    }
    let found = try results { $0.inChannelBlocks() }
    let expected = try results { $0 }
    for (one, other) in zip(found, expected) { expectWithinTenThousandth(one, other) }
  }

  /// bfloat16 has 8 bits, so products are off by up to 2^-8, and their sums less. libtorch 1.13 has no such
  /// convolutions on CPUs without AVX-512.
  @Test(.enabled(if: Backend.convolutionLibrary != nil), arguments: cases) func autocastStaysNear(
    _ c: Case
  ) throws {
    func results(_ layer: (Tensor, Tensor) -> Tensor) throws -> [Tensor] {
      let (x, weight) = (c.x.requiringGradient(), c.weight.requiringGradient())
      let y = layer(x, weight)
      y.squared().sum().backward()
      return try [y] + [x, weight].map { try #require($0.gradient) }
    }
    let found = try results { x, weight in
      withBFloat16Autocast(true, on: .cpu) { blocked(c, x, weight) }
        .converted(to: .float32)
    }
    let expected = try results { plain(c, $0, $1) }
    for (one, other) in zip(found, expected) {
      let largest = Double(other.elements.map(abs).max() ?? 0)
      expectClose(one, other, tolerance: 0.02 * largest)
    }
  }

  /// The same numbers from a cold and a warm cache, and after other shapes have come between.
  @Test func resultsDoNotDependOnWhatRanBefore() {
    let c = Self.cases[3]
    let first = blocked(c, c.x, c.weight).elements
    for other in Self.cases { _ = blocked(other, other.x, other.weight) }
    #expect(blocked(c, c.x, c.weight).elements == first)
  }

  /// Every thread has its own working memory.
  @Test func threadsDoNotDisturbEachOther() async {
    let expected = blocked(Self.cases[3], Self.cases[3].x, Self.cases[3].weight).elements
    await withTaskGroup(of: [Float].self) { group in
      for _ in 0..<8 {
        group.addTask {
          let c = Self.cases[3]
          return self.blocked(c, c.x, c.weight).elements
        }
      }
      for await found in group { #expect(found == expected) }
    }
  }

  /// Within 1e-4 of the largest element, what Winograd's transforms may cost in float32.
  private func expectWithinTenThousandth(
    _ found: Tensor, _ expected: Tensor, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let largest = Double(expected.elements.map(abs).max() ?? 0)
    expectClose(found, expected, tolerance: 1e-4 * largest, sourceLocation: sourceLocation)
  }
}
