import TestSupport
import Testing

@testable import Torch

/// RMSprop, clipping and averaged weights on one or two numbers, with their arithmetic written out.
struct OptimizerTests {
  private func makeParameter(_ value: Float) -> Parameter {
    Parameter(Tensor([value], shape: [1]))
  }

  /// Learning rate 0.1, alpha 0.75, eps 1; gradients 2 and -4.
  ///
  /// Step 1: v = 0.25 * 4 = 1; p = 1 - 0.1 * 2 / (1 + 1) = 0.9.
  /// Step 2: v = 0.75 + 0.25 * 16 = 4.75; p = 0.9 + 0.1 * 4 / (sqrt(4.75) + 1).
  @Test func twoStepsOfRMSprop() {
    let parameter = makeParameter(1)
    let optimizer = RMSprop([parameter], learningRate: 0.1, alpha: 0.75, eps: 1)
    optimizer.step((parameter.tensor * 2).sum())
    expectClose(parameter.tensor.item, 0.9, tolerance: 1e-7)
    optimizer.step((parameter.tensor * -4).sum())
    expectClose(parameter.tensor.item, 0.9 + 0.4 / (4.75.squareRoot() + 1), tolerance: 1e-7)
    #expect(optimizer.state.map(\.tensor.item) == [4.75])
    #expect(parameter.gradient == nil)
  }

  @Test func restoredRMSpropGoesOnTheSame() throws {
    func optimizer(_ parameter: Parameter) -> RMSprop {
      RMSprop([parameter], learningRate: 0.1)
    }
    let (whole, stopped) = (makeParameter(1), makeParameter(1))
    let first = optimizer(whole)
    first.step((whole.tensor * 3).sum())
    stopped.tensor.copyInPlace(from: whole.tensor)
    let second = optimizer(stopped)
    try second.load(
      Dictionary(uniqueKeysWithValues: first.state.map { ($0.name, $0.tensor) }), from: "here")
    first.step((whole.tensor * 5).sum())
    second.step((stopped.tensor * 5).sum())
    #expect(whole.tensor.bytes == stopped.tensor.bytes)
    #expect(throws: StateDictMismatch.self) { try second.load([:], from: "here") }
  }

  /// Gradients 3 and 4 have the norm 5: clipped to 1 they are 0.6 and 0.8; to 10 they stay.
  @Test(arguments: [(1.0, [0.6, 0.8]), (10.0, [3.0, 4.0])])
  func gradientsAreClippedTogether(_ largest: Double, expected: [Double]) {
    let parameters = [makeParameter(0), makeParameter(0)]
    (parameters[0].tensor * 3 + parameters[1].tensor * 4).sum().backward()
    let optimizer = RMSprop(parameters, learningRate: 0.1)
    optimizer.clipGradients(toNorm: largest)
    for (parameter, slope) in zip(parameters, expected) {
      expectClose(parameter.gradient?.item ?? .nan, slope, tolerance: 1e-6)
    }
  }

  @Test func weightsAreClamped() {
    let parameters = [makeParameter(0.5), makeParameter(-0.5), makeParameter(0.005)]
    RMSprop(parameters, learningRate: 0.1).clampParameters(to: 0.01)
    expectClose(
      parameters.map { Float($0.tensor.item) }, [0.01, -0.01, 0.005], tolerance: 1e-9)
  }

  private func makeNetwork(_ weight: Float) throws -> Linear {
    let network = Linear(inputs: 1, outputs: 1, bias: false)
    try network.load(["weight": Tensor([weight], shape: [1, 1])], from: "here")
    return network
  }

  /// It begins as a copy, 1. The decay of step 1 is the smaller of its own and 2/11.
  /// With 0.1: 0.1 * 1 + 0.9 * 3 = 2.8; with 0.999: (2 * 1 + 9 * 3) / 11 = 29/11.
  @Test(arguments: [(0.1, 2.8), (0.999, 29.0 / 11)])
  func theAverageForgetsFastAtFirst(_ decay: Double, expected: Double) throws {
    let source = try makeNetwork(1)
    let average = WeightAverage(try makeNetwork(7), of: source, reaching: .decay(decay))
    #expect(average.network.stateDict[0].tensor.item == 1)
    try source.load(["weight": Tensor([3], shape: [1, 1])], from: "here")
    average.update(step: 1)
    expectClose(average.network.stateDict[0].tensor.item, expected, tolerance: 1e-6)
    // In step 10,000 the decay is its own again: (1 + 10,000) / (10 + 10,000) is above 0.999.
    let before = average.network.stateDict[0].tensor.item
    average.update(step: 10_000)
    expectClose(
      average.network.stateDict[0].tensor.item, decay * before + (1 - decay) * 3, tolerance: 1e-6)
    #expect(source.stateDict[0].tensor.item == 3)
  }

  /// A window of a quarter keeps 1 - 4 / t of itself: nothing up to step 4, 1/5 in step 5, 1/3 in step 6.
  /// With weights of 5, 10 and 40 in steps 4 to 6: 5, then 1/5 * 5 + 4/5 * 10 = 9, then 1/3 * 9 + 2/3 * 40.
  @Test func aWindowIsAShareOfTheSteps() throws {
    let source = try makeNetwork(1)
    let average = WeightAverage(try makeNetwork(7), of: source, reaching: .window(0.25))
    for (step, weight, expected) in [(1, 2, 2), (4, 5, 5), (5, 10, 9), (6, 40, 89.0 / 3)] {
      try source.load(["weight": Tensor([Float(weight)], shape: [1, 1])], from: "here")
      average.update(step: step)
      expectClose(average.network.stateDict[0].tensor.item, expected, tolerance: 1e-5)
    }
  }

  /// Of weights that are always the number of the step, the average lags behind by a share of the steps: s
  /// counts as s^3 (1 / 0.25 - 1), whose mean over 0 to t is 4/5 t.
  @Test func theLagOfAWindowGrowsWithTheRun() throws {
    let source = try makeNetwork(0)
    let average = WeightAverage(try makeNetwork(7), of: source, reaching: .window(0.25))
    for step in 1...1000 {
      try source.load(["weight": Tensor([Float(step)], shape: [1, 1])], from: "here")
      average.update(step: step)
      // Sums instead of integrals: one step in ten is off by a tenth.
      if step >= 100 {
        expectClose(
          average.network.stateDict[0].tensor.item, 0.8 * Double(step), tolerance: 1)
      }
    }
  }

  /// The mean of a batch norm's statistics is averaged, its count of batches copied.
  @Test func runningStatisticsAreAveragedToo() {
    let (source, network) = (BatchNorm2d(channels: 1), BatchNorm2d(channels: 1))
    let average = WeightAverage(network, of: source, reaching: .decay(0))
    // Mean 2; the running mean becomes 0.9 * 0 + 0.1 * 2.
    _ = source(Tensor([1, 3], shape: [1, 1, 1, 2]), .training)
    average.update(step: 1)
    let saved = Dictionary(
      uniqueKeysWithValues: network.stateDict.map { ($0.name, $0.tensor.item) })
    expectClose(saved["running_mean"] ?? .nan, 0.2, tolerance: 1e-6)
    #expect(saved["num_batches_tracked"] == 1)
  }
}

struct LinearTests {
  /// [1 2] times the rows [3 4] and [5 6] are 11 and 17; the biases 10 and 20 are added.
  @Test func aRowForEachOutput() throws {
    let linear = Linear(inputs: 2, outputs: 2)
    try linear.load(
      ["weight": Tensor([3, 4, 5, 6], shape: [2, 2]), "bias": Tensor([10, 20], shape: [2])],
      from: "here")
    #expect(linear(Tensor([1, 2], shape: [1, 2]), .training).elements == [21, 37])
  }

  /// Fan-in 300 and fan-out 500: Xavier's deviation is sqrt(2 / 800) = 0.05. A deviation of 150,000 draws is
  /// right within 1 / sqrt(300,000), 0.2 %; four times that.
  @Test func itIsInitialized() {
    let linear = Linear(inputs: 300, outputs: 500)
    linear.initialize(.xavier(gain: 1), seed: 3)
    let squares = linear.weight.tensor.squared().mean().item
    expectClose(squares.squareRoot(), 0.05, tolerance: 0.05 * 0.008)
    #expect(linear.bias?.tensor.elements.allSatisfy { $0 == 0 } == true)
  }

  /// sigmoid(0) = 1/2, sigmoid(ln 3) = 3/4.
  @Test func sigmoid() {
    expectClose(
      Tensor([0, Float(1.0986123)], shape: [2]).sigmoid().elements, [0.5, 0.75], tolerance: 1e-6)
  }
}
