import TestSupport
import Testing

@testable import Torch

/// The binomial filter, and the transposed convolution before it.
struct SmoothedConvolutionTests {
  /// Along a row 1/4 of the left pixel, 1/2 of the middle and 1/4 of the right one, where the border is mirrored: of
  /// [0 4 12] come 1/2 0 + 1/2 4, 1/4 0 + 1/2 4 + 1/4 12 and 1/2 4 + 1/2 12. Rows that are alike stay so.
  @Test func theFilterByHand() {
    let rows = Tensor([0, 4, 12, 0, 4, 12], shape: [1, 1, 2, 3]).smoothed()
    #expect(rows.elements == [2, 5, 8, 2, 5, 8])
    let columns = Tensor([0, 0, 4, 4, 12, 12], shape: [1, 1, 3, 2]).smoothed()
    #expect(columns.elements == [2, 2, 5, 5, 8, 8])
    // Channels do not mix, and what changes with every pixel is gone.
    let board = Tensor([0, 1, 0, 1, 1, 0, 1, 0, 3, 3, 3, 3, 3, 3, 3, 3], shape: [1, 2, 2, 4])
    #expect(
      board.smoothed().elements
        == [Float](repeating: 0.5, count: 8) + [Float](repeating: 3, count: 8))
  }

  /// Maps in channel blocks give the same, and the same gradients; under bfloat16's autocast as well.
  @Test(arguments: [false, true]) func channelBlocksGiveTheSame(autocasts: Bool) throws {
    func results(_ enter: (Tensor) -> Tensor) throws -> [Tensor] {
      let x = Tensor.normal(shape: [2, 32, 5, 7], seed: 1).requiringGradient()
      let y = withBFloat16Autocast(autocasts, on: .cpu) { enter(x).smoothed() }
      (y * Tensor.normal(shape: y.shape, seed: 2)).sum().backward()
      return [y, try #require(x.gradient)]
    }
    let (found, expected) = (try results { $0.inChannelBlocks() }, try results { $0 })
    #expect(found[0].shape == [2, 32, 5, 7])
    for (x, y) in zip(found, expected) { expectClose(x, y, tolerance: 1e-5) }
  }

  /// The sum of y g over the outputs is linear in x: its gradient is what the filter's transpose makes of g. At the
  /// mirrored border an inner pixel counts for two: of g = [1 0 0] comes [1/2 1/2 0], of [0 1 0] [1/4 1/2 1/4].
  @Test func theGradientByHand() throws {
    for (g, expected) in [
      ([1, 0, 0], [0.5, 0.5, 0]), ([0, 1, 0], [0.25, 0.5, 0.25]),
    ] as [([Float], [Float])] {
      let x = Tensor([1, 2, 3, 1, 2, 3], shape: [1, 1, 2, 3]).requiringGradient()
      (x.smoothed() * Tensor(g + g, shape: [1, 1, 2, 3])).sum().backward()
      #expect(try #require(x.gradient).elements == expected + expected)
    }
  }

  /// From one value a transposed convolution with the weights 1 to 9 makes four: 5, 4 + 6, 2 + 8 and 1 + 3 + 7 + 9, in
  /// turns; behind it all are their mean, 11.25, with the bias.
  @Test func oneValueStaysOneInside() throws {
    let layer = SmoothedConvTranspose2d(inputChannels: 1, outputChannels: 1, bias: true)
    try layer.load(
      [
        "weight": Tensor((1...9).map(Float.init), shape: [1, 1, 3, 3]),
        "bias": Tensor([5], shape: [1]),
      ],
      from: "here")
    let x = Tensor.full(2, shape: [1, 1, 4, 4])
    let plain = layer.convolution(x, .training)
    #expect(plain.narrowed(axis: 2, 2..<4).narrowed(axis: 3, 2..<4).elements == [15, 25, 25, 45])
    let y = layer(x, .training)
    #expect(y.shape == [1, 1, 8, 8])
    let inside = y.narrowed(axis: 2, 1..<6).narrowed(axis: 3, 1..<6)
    #expect(inside.elements == [Float](repeating: 2 * 11.25 + 5, count: 25))
    #expect(layer(x, addingBias: false).elements == (y - 5).elements)
  }

  @Test func namesAreATransposedConvolutions() {
    let layer = SmoothedConvTranspose2d(inputChannels: 4, outputChannels: 2, bias: true)
    #expect(
      layer.stateDict.map { "\($0.name) \($0.tensor.shape)" } == [
        "weight [4, 2, 3, 3]", "bias [2]",
      ])
  }
}
