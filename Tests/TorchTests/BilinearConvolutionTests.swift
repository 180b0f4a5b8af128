import TestSupport
import Testing

@testable import Torch

/// Doubling by interpolation, and the convolution after it.
struct BilinearConvolutionTests {
  /// New pixels lie a quarter of an old one beside the old ones' middles: of [a b] come a, 3/4 a + 1/4 b,
  /// 1/4 a + 3/4 b and b; the same downwards.
  @Test func doublingByHand() {
    let row = Tensor([0, 4], shape: [1, 1, 1, 2]).doubledBilinearly()
    #expect(row.shape == [1, 1, 2, 4])
    #expect(row.elements == [0, 1, 3, 4, 0, 1, 3, 4])
    let column = Tensor([0, 4, 8], shape: [1, 1, 3, 1]).doubledBilinearly()
    #expect(column.elements == [0, 0, 1, 1, 3, 3, 5, 5, 7, 7, 8, 8])
  }

  /// Maps in channel blocks give the same, and the same gradients.
  @Test func doublingInChannelBlocks() throws {
    func results(_ enter: (Tensor) -> Tensor) throws -> [Tensor] {
      let x = Tensor.normal(shape: [2, 32, 5, 7], seed: 1).requiringGradient()
      let y = enter(x).doubledBilinearly()
      (y * Tensor.normal(shape: y.shape, seed: 2)).sum().backward()
      return [y, try #require(x.gradient)]
    }
    let (found, expected) = (try results { $0.inChannelBlocks() }, try results { $0 })
    #expect(found[0].shape == [2, 32, 10, 14])
    for (x, y) in zip(found, expected) { expectClose(x, y, tolerance: 1e-5) }
  }

  /// One value stays one: every output is made of the same weights, and nothing fades at the border, as a
  /// transposed convolution's does.
  @Test func oneValueStaysOne() throws {
    let layer = BilinearConv2d(inputChannels: 1, outputChannels: 1, kernelSize: 3, bias: true)
    try layer.load(
      [
        "weight": Tensor((1...9).map(Float.init), shape: [1, 1, 3, 3]),
        "bias": Tensor([5], shape: [1]),
      ],
      from: "here")
    let y = layer(.full(2, shape: [1, 1, 3, 2]), .training)
    #expect(y.shape == [1, 1, 6, 4])
    // 2 (1 + 2 + ... + 9) + 5
    expectClose(y, y.filled(with: 95), tolerance: 1e-4)
    expectClose(layer(.full(2, shape: [1, 1, 3, 2]), addingBias: false), y - 5, tolerance: 1e-4)
  }

  @Test func namesAreAConvolutions() {
    let layer = BilinearConv2d(inputChannels: 4, outputChannels: 2, kernelSize: 3, bias: true)
    #expect(
      layer.stateDict.map { "\($0.name) \($0.tensor.shape)" } == [
        "weight [2, 4, 3, 3]", "bias [2]",
      ])
  }
}

/// Weights over their largest singular value.
struct SpectralNormTests {
  /// The weight as a matrix is [3 0; 0 1], whose singular values are 3 and 1.
  private func layer(_ u: [Float]) throws -> SpectralConv2d {
    let layer = SpectralConv2d(
      Conv2d(inputChannels: 1, outputChannels: 2, kernelSize: 2, bias: false))
    try layer.load(
      [
        "weight": Tensor([3, 0, 0, 0, 0, 1, 0, 0], shape: [2, 1, 2, 2]),
        "weight_u": Tensor(u, shape: [2]),
      ], from: "here")
    return layer
  }

  private let image = Tensor([1, 1, 0, 0], shape: [1, 1, 2, 2])

  /// With u = (0.6, 0.8): W^T u = (1.8, 0.8) and sigma is its length, sqrt(3.88). The convolution gives 3 and 1
  /// over that.
  @Test func sigmaByHand() throws {
    let layer = try layer([0.6, 0.8])
    expectClose(layer.largestSingularValue.item, 3.88.squareRoot(), tolerance: 1e-6)
    let y = layer(image, .training).elements
    expectClose(
      y, [Float(3 / 3.88.squareRoot()), Float(1 / 3.88.squareRoot())], tolerance: 1e-6)
  }

  /// W v is along (5.4, 0.8), which is u after one step; after many it is (1, 0), and sigma is 3.
  @Test func theIterationFindsTheLargest() throws {
    let layer = try layer([0.6, 0.8])
    layer.iterate()
    let length = (5.4 * 5.4 + 0.8 * 0.8).squareRoot()
    let u = layer.stateDict.first { $0.name == "weight_u" }?.tensor.elements ?? []
    expectClose(u, [Float(5.4 / length), Float(0.8 / length)], tolerance: 1e-6)
    for _ in 0..<20 { layer.iterateSpectralNorms() }
    expectClose(layer.largestSingularValue.item, 3, tolerance: 1e-6)
    expectClose(layer(image, .training).elements, [1, 1.0 / 3], tolerance: 1e-6)
  }

  /// W / sigma does not change when W is scaled: the gradient along W is zero. That along the smaller singular value
  /// is not: y2 = w22 / 3, with a slope of 1/3.
  @Test func gradientsSeeTheDivision() throws {
    let layer = try layer([1, 0])
    layer(image, .training).sum().backward()
    let gradient = try #require(layer.weight.gradient).elements.map(Double.init)
    // y1 = w11 / w11 is 1 whatever w11 is, and y2 = w22 / w11 has a slope of -1/9 by w11.
    expectClose(gradient[0], -1.0 / 9, tolerance: 1e-6)
    expectClose(gradient[5], 1.0 / 3, tolerance: 1e-6)
  }

  @Test func freshLayersHaveASingularValueNearTheirLargest() {
    let layer = SpectralConv2d(
      Conv2d(inputChannels: 8, outputChannels: 16, kernelSize: 4, bias: true))
    layer.initialize(.normal(gain: 0.02), seed: 3)
    #expect(layer.parameterCount == 16 * 8 * 16 + 16)
    let early = layer.largestSingularValue.item
    for _ in 0..<200 { layer.iterate() }
    let late = layer.largestSingularValue.item
    // The iteration comes from below; random matrices of this shape have sigma near 0.02 (sqrt(128) + sqrt(16)).
    #expect(early <= late * 1.0001 && early > late * 0.9)
    expectClose(late, 0.02 * (128.0.squareRoot() + 4), tolerance: 0.03)
  }
}
