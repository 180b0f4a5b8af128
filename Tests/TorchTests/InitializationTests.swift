import TestSupport
import Testing

@testable import Torch

/// What weights are drawn from: their mean, spread and orthogonality.
struct InitializationTests {
  /// 64 x 16 x 5 x 5 = 25600 draws; fan-in 16 * 25 = 400, fan-out 64 * 25 = 1600.
  private static let shape = [64, 16, 5, 5]

  struct Spread: Sendable {
    let initialization: Initialization
    let deviation: Double
  }

  private static let spreads = [
    Spread(initialization: .normal(gain: 0.02), deviation: 0.02),
    // sqrt(2 / (400 + 1600))
    Spread(initialization: .xavier(gain: 1), deviation: 0.0316228),
    Spread(initialization: .xavier(gain: 0.02), deviation: 0.02 * 0.0316228),
    // sqrt(2 / 400), whatever the gain
    Spread(initialization: .kaiming(gain: 0.02), deviation: 0.0707107),
  ]

  /// A mean of n draws spreads by deviation / sqrt(n) = 1/160, a deviation by 1 / sqrt(2n) = 1/226 of
  /// itself; four of those leave one chance in 16000 of a false alarm, and the seed is fixed.
  @Test(arguments: spreads) func meanAndDeviation(_ spread: Spread) {
    let weights = spread.initialization.weight(shape: Self.shape, seed: 5).elements.map(Double.init)
    let mean = weights.reduce(0, +) / Double(weights.count)
    let variance = weights.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(weights.count)
    expectClose(mean, 0, tolerance: spread.deviation / 40)
    expectClose(variance.squareRoot(), spread.deviation, tolerance: spread.deviation / 56)
  }

  /// Wide weights have orthogonal rows, tall ones orthogonal columns, all of the length of the gain.
  @Test(arguments: [[6, 2, 3, 3], [20, 2, 2, 2], [8, 2, 2, 2]]) func orthogonality(shape: [Int]) {
    let (rows, columns) = (shape[0], shape[1] * shape[2] * shape[3])
    let weights = Initialization.orthogonal(gain: 0.5).weight(shape: shape, seed: 2)
    #expect(weights.shape == shape)
    let values = weights.elements.map(Double.init)
    let vectors =
      rows <= columns
      ? (0..<rows).map { row in (0..<columns).map { values[row * columns + $0] } }
      : (0..<columns).map { column in (0..<rows).map { values[$0 * columns + column] } }
    for (i, a) in vectors.enumerated() {
      for (j, b) in vectors.enumerated() {
        let product = zip(a, b).map(*).reduce(0, +)
        expectClose(product, i == j ? 0.25 : 0, tolerance: 1e-6)
      }
    }
  }

  @Test func networksDrawEveryLayerByItself() {
    let network = Sequential([
      Conv2d(inputChannels: 2, outputChannels: 2, kernelSize: 3, bias: true),
      BatchNorm2d(channels: 4000),
      ConvTranspose2d(
        inputChannels: 2, outputChannels: 2, kernelSize: 3, stride: 2, padding: 1,
        bias: true),
    ])
    network.initialize(.normal(gain: 0.02), seed: 9)
    let values = Dictionary(
      uniqueKeysWithValues: network.stateDict.map { ($0.name, $0.tensor.elements) })
    #expect(values["0.weight"] != values["2.weight"])
    #expect(values["0.weight"]?.contains(0) == false)
    #expect(values["0.bias"] == [0, 0])
    #expect(values["2.bias"] == [0, 0])
    // Batch norm's scales are N(1, gain); the mean of 4000 spreads by 0.02 / 63.
    let scales = (values["1.weight"] ?? []).map(Double.init)
    expectClose(scales.reduce(0, +) / 4000, 1, tolerance: 4 * 0.02 / 63)
    let squares = scales.map { ($0 - 1) * ($0 - 1) }.reduce(0, +)
    expectClose((squares / 4000).squareRoot(), 0.02, tolerance: 0.02 * 4 / 89)
    #expect(values["1.bias"]?.allSatisfy { $0 == 0 } == true)
  }

  @Test func biasesBecomeZeroAgain() throws {
    let layer = Conv2d(inputChannels: 1, outputChannels: 2, kernelSize: 1, bias: true)
    try layer.load(
      ["weight": .full(1, shape: [2, 1, 1, 1]), "bias": .full(1, shape: [2])], from: "here")
    layer.initialize(.normal(gain: 0.02), seed: 1)
    #expect(layer.bias?.tensor.elements == [0, 0])
  }

  @Test func theSeedDecides() {
    func weights(_ seed: UInt64) -> [Float] {
      let layer = Conv2d(inputChannels: 2, outputChannels: 2, kernelSize: 3, bias: false)
      layer.initialize(.normal(gain: 1), seed: seed)
      return layer.weight.tensor.elements
    }
    #expect(weights(1) == weights(1))
    #expect(weights(1) != weights(2))
  }
}

/// A layer whose author forgot to say how its parameters begin.
private final class ForgetfulLayer: Module {
  let scale = Parameter(.zeros(shape: [1]))
  var parameters: [(name: String, value: Parameter)] { [("scale", scale)] }
  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x * scale.tensor }
}

struct ForgottenInitializationTests {
  @Test func traps() async {
    await #expect(processExitsWith: .failure) {
      Sequential([ForgetfulLayer()]).initialize(.normal(gain: 1), seed: 1)
    }
  }
}

struct RandomTests {
  /// 10000 draws: the mean spreads by 1 / sqrt(12 * 10000) = 0.0029.
  @Test func uniformDrawsFillTheUnitInterval() {
    let draws = Tensor.uniform(shape: [10000], seed: 3).elements
    #expect(draws.allSatisfy { $0 >= 0 && $0 < 1 })
    expectClose(Double(draws.reduce(0, +)) / 10000, 0.5, tolerance: 0.012)
    #expect(draws.count { $0 < 0.1 } > 800)
    #expect(draws.count { $0 > 0.9 } > 800)
  }

  @Test func drawsDoNotDependOnEarlierOnes() {
    let first = Tensor.normal(shape: [4], seed: 1).elements
    _ = Tensor.normal(shape: [100], seed: 2)
    #expect(Tensor.normal(shape: [4], seed: 1).elements == first)
  }
}
