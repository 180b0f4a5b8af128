import TestSupport
import Testing

@testable import Torch

/// The layers between convolutions in channel blocks, against the same layers in the usual layout.
struct BlockedLayerTests {
  struct Image: Sendable {
    var height: Int, width: Int, padding: Int
  }

  /// Narrow images have pixels that are reflected to both sides.
  static let images = [
    Image(height: 6, width: 9, padding: 1), Image(height: 4, width: 4, padding: 3),
    Image(height: 2, width: 5, padding: 1), Image(height: 12, width: 3, padding: 2),
  ]

  @Test(arguments: images) func reflectionPadding(_ image: Image) throws {
    func results(_ enter: (Tensor) -> Tensor) throws -> [Tensor] {
      let x = Tensor.normal(shape: [2, 32, image.height, image.width], seed: 1)
        .requiringGradient()
      let y = ReflectionPad2d(image.padding)(enter(x), .training)
      (y * Tensor.normal(shape: y.shape, seed: 2)).sum().backward()
      return [y, try #require(x.gradient)]
    }
    let (found, expected) = (
      try results { $0.inChannelBlocks() }, try results { $0 }
    )
    #expect(found[0].elements == expected[0].elements)
    // Up to nine numbers near 1 are summed in another order.
    expectClose(found[1], expected[1], tolerance: 1e-5)
  }

  /// A tile at the border of an image is padded on its outer sides only.
  @Test func unevenReflectionPadding() throws {
    func results(_ enter: (Tensor) -> Tensor) throws -> [Tensor] {
      let x = Tensor.normal(shape: [1, 16, 5, 4], seed: 1).requiringGradient()
      let y = enter(x).reflectionPadded(top: 3, bottom: 0, left: 1, right: 2)
      (y * Tensor.normal(shape: y.shape, seed: 2)).sum().backward()
      return [y, try #require(x.gradient)]
    }
    let (found, expected) = (try results { $0.inChannelBlocks() }, try results { $0 })
    #expect(found[0].shape == [1, 16, 8, 7])
    #expect(found[0].elements == expected[0].elements)
    expectClose(found[1], expected[1], tolerance: 1e-5)
  }

  struct Norm: Sendable {
    var slope = 1.0, padding = 0
    var hasResidual = false
  }

  static let norms = [
    Norm(), Norm(slope: 0), Norm(slope: 0.2), Norm(slope: 0, padding: 1),
    Norm(hasResidual: true), Norm(slope: 0.2, padding: 2, hasResidual: true),
  ]

  private func layer(_ norm: Norm, _ x: Tensor, _ residual: Tensor) -> Tensor {
    x.instanceNorm(
      eps: 1e-5, slope: norm.slope, adding: norm.hasResidual ? residual : nil,
      padding: norm.padding)
  }

  /// Against the operators one by one, in the usual layout.
  private func separate(_ norm: Norm, _ x: Tensor, _ residual: Tensor) -> Tensor {
    var y = x.instanceNorm(eps: 1e-5).leakyReLU(slope: norm.slope)
    if norm.hasResidual { y = y + residual }
    return y.reflectionPadded(
      top: norm.padding, bottom: norm.padding, left: norm.padding, right: norm.padding)
  }

  @Test(arguments: norms) func instanceNorm(_ norm: Norm) throws {
    func results(
      _ enter: (Tensor) -> Tensor, _ layer: (Norm, Tensor, Tensor) -> Tensor
    ) throws -> [Tensor] {
      let x = (Tensor.normal(shape: [2, 32, 7, 6], seed: 1) * 3 + 5).requiringGradient()
      let residual = Tensor.normal(shape: [2, 32, 7, 6], seed: 2).requiringGradient()
      let y = layer(norm, enter(x), enter(residual))
      (y * Tensor.normal(shape: y.shape, seed: 3)).sum().backward()
      return [y, try #require(x.gradient)]
        + (norm.hasResidual ? [try #require(residual.gradient)] : [])
    }
    let found = try results({ $0.inChannelBlocks() }, layer)
    let fused = try results({ $0 }, layer)
    let expected = try results({ $0 }, separate)
    for index in expected.indices {
      // Numbers near 1 after a few float32 roundings, of sums over 42 pixels.
      expectClose(found[index], expected[index], tolerance: 1e-5)
      expectClose(fused[index], expected[index], tolerance: 1e-5)
    }
  }

  /// What the gradient penalty needs.
  @Test(arguments: norms) func secondGradients(_ norm: Norm) throws {
    func second(
      _ enter: (Tensor) -> Tensor, _ layer: (Norm, Tensor, Tensor) -> Tensor
    ) throws -> Tensor {
      let x = Tensor.normal(shape: [1, 16, 5, 4], seed: 1).requiringGradient()
      let residual = Tensor.normal(shape: [1, 16, 5, 4], seed: 2)
      let y = layer(norm, enter(x), enter(residual))
      let slope = (y * Tensor.normal(shape: y.shape, seed: 3)).gradient(of: x, createGraph: true)
      slope.squared().sum().backward()
      return try #require(x.gradient)
    }
    // Sums over 20 pixels of numbers up to about 10, in float32.
    expectClose(
      try second({ $0.inChannelBlocks() }, layer), try second({ $0 }, separate), tolerance: 1e-4)
  }

  /// 1000, 1000.25, 1000.5, ... has the variance of 0, 0.25, 0.5, ...: (n^2 - 1) / 12 / 16. Squares of
  /// numbers this far from zero would leave float32 without a digit of it.
  @Test func theMeanDoesNotDrownTheVariance() {
    let pixels = 8 * 8
    let ramp = (0..<pixels).map { 1000 + 0.25 * Float($0) }
    let x = Tensor((0..<16).flatMap { _ in ramp }, shape: [1, 16, 8, 8])
    let deviation = (Float(pixels * pixels - 1) / 12).squareRoot() * 0.25
    let expected = ramp.map { ($0 - 1000 - 0.25 * Float(pixels - 1) / 2) / deviation }
    let found = x.inChannelBlocks().instanceNorm(eps: 0)
    expectClose(Array(found.elements[..<pixels]), expected, tolerance: 1e-4)
  }

  @Test func aNumberThatIsNoneStaysInItsChannel() {
    var numbers = [Float](repeating: 1, count: 16 * 4)
    numbers[0] = .nan
    let x = Tensor(numbers, shape: [1, 16, 2, 2])
    let found = x.inChannelBlocks().instanceNorm(eps: 1e-5, slope: 0)
    let elements = found.elements
    #expect(elements.prefix(4).count { $0.isNaN } == 4)
    #expect(Array(elements.dropFirst(4)) == [Float](repeating: 0, count: 15 * 4))
  }
}
