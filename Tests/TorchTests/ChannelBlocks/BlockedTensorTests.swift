import CTorch
import TestSupport
import Testing

@testable import Torch

extension Tensor {
  /// The same map in channel blocks, where the CPU has kernels for them; differentiable. Nothing in Swift shows
  /// the layout: a convolution makes blocks, and what is joined to a larger map in blocks goes into blocks.
  func inChannelBlocks() -> Tensor {
    let (channels, height) = (shape[1], shape[2])
    let larger = Tensor.zeros(shape: [shape[0], channels, height + 2, shape[3]])
    let blocked = withoutGradients {
      larger.conv2d(
        weight: .zeros(shape: [channels, channels, 3, 3]), bias: nil, stride: 1, padding: 1)
    }
    return .concatenated([blocked, self], axis: 2)
      .narrowed(axis: 2, (height + 2)..<(2 * height + 2))
  }
}

/// A map in channel blocks is the same tensor to Swift as one in the usual layout.
struct BlockedTensorTests {
  private let x = Tensor.normal(shape: [2, 32, 5, 4], seed: 1)
  private let other = Tensor.normal(shape: [2, 32, 5, 4], seed: 2)

  @Test func shapeAndElements() {
    let blocked = x.inChannelBlocks()
    #expect(blocked.rank == 4)
    #expect(blocked.shape == [2, 32, 5, 4])
    #expect(blocked.elementCount == 2 * 32 * 5 * 4)
    #expect(blocked.dtype == .float32)
    #expect(blocked.device == .cpu)
    #expect(blocked.elements == x.elements)
    #expect(blocked.bytes == x.bytes)
  }

  struct Operation: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let apply: @Sendable (Tensor) -> Tensor
    init(_ name: String, _ apply: @escaping @Sendable (Tensor) -> Tensor) {
      testDescription = name
      self.apply = apply
    }
  }

  static let operations: [Operation] = [
    .init("narrowed(batch)") { $0.narrowed(axis: 0, 1..<2) },
    .init("narrowed(channels)") { $0.narrowed(axis: 1, 3..<20) },
    .init("narrowed(whole blocks)") { $0.narrowed(axis: 1, 16..<32) },
    .init("narrowed(rows)") { $0.narrowed(axis: 2, 1..<4) },
    .init("narrowed(columns)") { $0.narrowed(axis: 3, 2..<3) },
    .init("narrowed(from behind)") { $0.narrowed(axis: -2, 1..<3) },
    .init("permuted") { $0.permuted([0, 2, 3, 1]) },
    .init("reshaped") { $0.reshaped([64, 20]) },
    .init("contiguous") { $0.contiguous() },
    .init("cloned") { $0.cloned() },
    .init("converted") { $0.converted(to: .float64) },
    .init("converted and back") { $0.converted(to: .float64).converted(to: .float32) },
    .init("converted to its own type") { $0.converted(to: .float32) },
    .init("moved") { $0.moved(to: .cpu) },
    .init("linear") { $0.linear(weight: .normal(shape: [3, 4], seed: 5), bias: nil) },
    .init("absolute") { $0.absolute() },
    .init("clamped") { $0.clamped(to: -0.5...0.5) },
    .init("leaky ReLU") { $0.leakyReLU(slope: 0.2) },
    .init("tanh") { $0.tanh() },
    .init("plus a number") { $0 + 2 },
    .init("times a number") { $0 * 3 },
    .init("times a scalar tensor") { $0 * Tensor([3], shape: []) },
    .init("times one element") { Tensor([3], shape: [1, 1, 1, 1]) * $0 },
    .init("minus one for each channel") { $0 - .normal(shape: [1, 32, 1, 1], seed: 6) },
    .init("minus one for each image and channel") { $0 - .normal(shape: [2, 32, 1, 1], seed: 6) },
    .init("plus one for each column") { $0 + .normal(shape: [4], seed: 6) },
    .init("plus one for each pixel") { $0 + .normal(shape: [2, 1, 5, 4], seed: 6) },
    .init("plus a map in the usual layout") { .normal(shape: [2, 32, 5, 4], seed: 6) + $0 },
    .init("plus a larger one") {
      $0 + .normal(shape: [2, 32, 5, 4], seed: 6).converted(to: .float64)
    },
    .init("sum of all") { $0.sum() },
    .init("mean of each channel") { $0.mean(axes: [0, 2, 3]) },
    .init("mean of each channel and image") { $0.mean(axes: [-1, -2]) },
    .init("sum over channels") { $0.sum(axes: [1]) },
    .init("concatenated with another layout") {
      .concatenated([$0, .normal(shape: [2, 3, 5, 4], seed: 6)], axis: 1)
    },
    .init("concatenated with blocks to be") {
      .concatenated([.normal(shape: [2, 16, 5, 4], seed: 6), $0], axis: 1)
    },
    .init("concatenated with zeros") {
      .concatenated([.zeros(shape: [2, 32, 5, 1]), $0, .zeros(shape: [2, 32, 5, 2])], axis: -1)
    },
    .init("concatenated with itself") { .concatenated([$0, $0], axis: 1) },
    .init("reflection padded") { $0.reflectionPadded(top: 2, bottom: 2, left: 2, right: 2) },
    .init("batch norm") {
      $0.batchNorm(
        weight: .normal(shape: [32], seed: 5), bias: .normal(shape: [32], seed: 6),
        runningMean: .zeros(shape: [32]), runningVariance: .full(1, shape: [32]), training: true,
        momentum: 0.1, eps: 1e-5)
    },
    .init("L1 loss") { $0.l1Loss(.zeros(shape: $0.shape)) },
    .init("filled") { $0 + $0.filled(with: 2) },
  ]

  /// The same numbers, and the same gradients, from either layout.
  @Test(arguments: operations) func sameAsInTheUsualLayout(_ operation: Operation) throws {
    func results(_ enter: (Tensor) -> Tensor) throws -> (y: Tensor, slope: Tensor) {
      let leaf = x.requiringGradient()
      let y = operation.apply(enter(leaf))
      (y * Tensor.normal(shape: y.shape, seed: 3)).sum().backward()
      return (y, try #require(leaf.gradient))
    }
    let (found, expected) = (try results { $0.inChannelBlocks() }, try results { $0 })
    #expect(found.y.shape == expected.y.shape)
    #expect(found.y.dtype == expected.y.dtype)
    // Sums of up to 1280 numbers in another order; all others are equal.
    expectClose(found.y, expected.y, tolerance: 1e-4)
    expectClose(found.slope, expected.slope, tolerance: 1e-5)
  }

  @Test func sumsOfTwoMaps() {
    let sum = x + other
    #expect((x.inChannelBlocks() + other.inChannelBlocks()).elements == sum.elements)
    #expect((x.inChannelBlocks() + other).elements == sum.elements)
    #expect((x + other.inChannelBlocks()).elements == sum.elements)
    // The addends of instance norm.
    let expected = x.instanceNorm(eps: 1e-5, adding: other)
    expectClose(
      x.inChannelBlocks().instanceNorm(eps: 1e-5, adding: other), expected, tolerance: 1e-5)
    expectClose(
      x.instanceNorm(eps: 1e-5, adding: other.inChannelBlocks()), expected, tolerance: 1e-5)
  }

  /// One block of 16 channels is not spread over two.
  @Test func differentChannelsDoNotBroadcast() {
    let sixteen = Tensor.normal(shape: [1, 16, 3, 3], seed: 1).inChannelBlocks()
    let more = Tensor.normal(shape: [1, 32, 3, 3], seed: 2).inChannelBlocks()
    #expect(throws: TorchError.self) {
      try attemptTensor("add") {
        ctorch_add(sixteen.handle.pointer, more.handle.pointer, $0, $1)
      }
    }
  }

  @Test func copiesGoInPlace() {
    let blocked = x.inChannelBlocks()
    blocked.copyInPlace(from: other)
    #expect(blocked.elements == other.elements)
    blocked.copyInPlace(from: x.inChannelBlocks())
    #expect(blocked.elements == x.elements)
    let plain = Tensor.zeros(shape: [2, 32, 7, 4], dtype: .float64)
    plain.narrowed(axis: 2, 1..<6).copyInPlace(from: blocked)
    #expect(plain.narrowed(axis: 2, 1..<6).elements == x.elements)
    #expect(plain.narrowed(axis: 2, 6..<7).elements.allSatisfy { $0 == 0 })
  }

  @Test func aCloneIsAnother() {
    let blocked = x.inChannelBlocks()
    let clone = blocked.cloned()
    blocked.copyInPlace(from: other)
    #expect(clone.elements == x.elements)
  }

  @Test func oneElementIsRead() {
    let blocked = Tensor.normal(shape: [1, 16, 3, 3], seed: 1).inChannelBlocks()
    let one = blocked.narrowed(axis: 1, 4..<5).narrowed(axis: 2, 1..<2).narrowed(axis: 3, 2..<3)
    #expect(one.item == Double(blocked.elements[4 * 9 + 5]))
  }

  /// A map in blocks can be a leaf, and be asked for a gradient.
  @Test func gradientsOfABlockedLeaf() throws {
    let leaf = x.inChannelBlocks().requiringGradient()
    #expect(leaf.requiresGradient)
    (leaf * other).sum().backward()
    #expect(try #require(leaf.gradient).shape == [2, 32, 5, 4])
    #expect(try #require(leaf.gradient).elements == other.elements)
    let twice = leaf.squared().gradient(of: leaf, createGraph: true)
    #expect(twice.elements == (x * 2).elements)
    #expect(leaf.detached().elements == x.elements)
  }
}
