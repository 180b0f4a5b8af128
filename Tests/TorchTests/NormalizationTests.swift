import TestSupport
import Testing

@testable import Torch

/// The mean of 1 2 3 4 is 2.5 and their variance 1.25; with eps = 0.3125 the divisor is
/// sqrt(1.5625) = 1.25, and they become -1.2 -0.4 0.4 1.2.
private let eps = 0.3125
private let normalized: [Float] = [-1.2, -0.4, 0.4, 1.2]

struct InstanceNormTests {
  /// Two images of two channels: each is normalized by itself, and 10 10 10 10 becomes zero.
  @Test func everyChannelOfEveryImageByItself() {
    let x = Tensor(
      [1, 2, 3, 4, 10, 10, 10, 10, -4, -3, -2, -1, 4, 3, 2, 1], shape: [2, 2, 2, 2])
    let expected = normalized + [0, 0, 0, 0] + normalized + normalized.map { -$0 }
    // A few roundings of float32 on numbers near 1.
    expectClose(x.instanceNorm(eps: eps).elements, expected, tolerance: 1e-6)
  }

  @Test func theLayerIsTheSameInBothModes() {
    let x = Tensor.normal(shape: [2, 3, 4, 5], seed: 1)
    let layer = InstanceNorm2d()
    #expect(layer.namedParameters().isEmpty)
    #expect(layer.eps == 1e-5)
    #expect(layer(x, .training).elements == layer(x, .inference).elements)
  }
}

struct BatchNormTests {
  /// The same four numbers spread over two images, scaled by 2 and shifted by 1. The running mean goes
  /// from 0 a tenth of the way to 2.5, the running variance from 1 to the unbiased 1.25 * 4/3.
  @Test func trainingTakesTheBatchsStatistics() {
    let x = Tensor([1, 2, 3, 4], shape: [2, 1, 1, 2])
    let (mean, variance) = (Tensor.zeros(shape: [1]), Tensor.full(1, shape: [1]))
    let result = x.batchNorm(
      weight: .full(2, shape: [1]), bias: .full(1, shape: [1]), runningMean: mean,
      runningVariance: variance, training: true, momentum: 0.1, eps: eps)
    expectClose(result.elements, normalized.map { 2 * $0 + 1 }, tolerance: 1e-6)
    expectClose(mean.item, 0.25, tolerance: 1e-7)
    expectClose(variance.item, 0.9 + 0.1 * 5 / 3, tolerance: 1e-7)
  }

  /// (x - 1) / sqrt(3.75 + 0.25) * 2 + 1 = x.
  @Test func inferenceTakesTheRunningStatistics() {
    let x = Tensor([1, 2, 3, 4], shape: [2, 1, 1, 2])
    let (mean, variance) = (Tensor.full(1, shape: [1]), Tensor.full(3.75, shape: [1]))
    let result = x.batchNorm(
      weight: .full(2, shape: [1]), bias: .full(1, shape: [1]), runningMean: mean,
      runningVariance: variance, training: false, momentum: 0.1, eps: 0.25)
    expectClose(result.elements, x.elements, tolerance: 1e-6)
    #expect(mean.item == 1)
    #expect(variance.item == 3.75)
  }

  @Test func theLayerCountsItsBatches() throws {
    let layer = BatchNorm2d(channels: 2)
    let names = layer.namedParameters().map(\.name)
    #expect(names == ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"])
    #expect(layer.parameterCount == 4)
    let x = Tensor.normal(shape: [1, 2, 3, 3], seed: 1)
    _ = layer(x, .training)
    _ = layer(x, .training)
    _ = layer(x, .inference)
    let tracked = try #require(layer.stateDict.last)
    #expect(tracked.tensor.dtype == .int64)
    #expect(tracked.tensor.item == 2)
  }
}

/// The operator that runs instance norm and the activation at once, against the two one after another:
/// its derivatives are ours, libtorch's own are the measure.
struct InstanceNormLeakyReLUTests {
  private static let slopes = [0, 0.2]

  @Test func valuesByHand() {
    let x = Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2])
    let relu = x.instanceNorm(eps: eps, slope: 0)
    expectClose(relu.elements, [0, 0, 0.4, 1.2], tolerance: 1e-6)
    let leaky = x.instanceNorm(eps: eps, slope: 0.5)
    expectClose(leaky.elements, [-0.6, -0.2, 0.4, 1.2], tolerance: 1e-6)
  }

  @Test(arguments: slopes) func sameValuesAsTheTwoOperators(slope: Double) {
    let x = Tensor.normal(shape: [2, 3, 5, 4], seed: 3)
    let together = x.instanceNorm(eps: 1e-5, slope: slope)
    let apart = x.instanceNorm(eps: 1e-5).leakyReLU(slope: slope)
    expectClose(together, apart, tolerance: 1e-6)
  }

  @Test(arguments: slopes) func sameGradientsAsTheTwoOperators(slope: Double) throws {
    let weights = Tensor.normal(shape: [2, 3, 5, 4], seed: 4)
    func gradient(_ layer: (Tensor) -> Tensor) throws -> Tensor {
      let x = Tensor.normal(shape: [2, 3, 5, 4], seed: 3).requiringGradient()
      (layer(x) * weights).sum().backward()
      return try #require(x.gradient)
    }
    let together = try gradient { $0.instanceNorm(eps: 1e-5, slope: slope) }
    let apart = try gradient { $0.instanceNorm(eps: 1e-5).leakyReLU(slope: slope) }
    expectClose(together, apart, tolerance: 1e-5)
  }

  /// What the gradient penalty needs: the gradient of a function of the gradient, by the input and by
  /// what the output is multiplied with.
  @Test(arguments: slopes) func sameSecondGradientsAsTheTwoOperators(slope: Double) throws {
    func secondGradients(_ layer: (Tensor) -> Tensor) throws -> [Tensor] {
      let x = Tensor.normal(shape: [2, 3, 5, 4], seed: 3).requiringGradient()
      let weights = Tensor.normal(shape: [2, 3, 5, 4], seed: 4).requiringGradient()
      let first = (layer(x) * weights).gradient(of: x, createGraph: true)
      first.squared().sum().backward()
      return [try #require(x.gradient), try #require(weights.gradient)]
    }
    let together = try secondGradients { $0.instanceNorm(eps: 1e-5, slope: slope) }
    let apart = try secondGradients { $0.instanceNorm(eps: 1e-5).leakyReLU(slope: slope) }
    // Sums over 20 pixels of numbers up to about 10, in float32.
    expectClose(together[0], apart[0], tolerance: 1e-4)
    expectClose(together[1], apart[1], tolerance: 1e-4)
  }

  @Test func sequentialRunsThePairAsOne() {
    let x = Tensor.normal(shape: [1, 2, 4, 4], seed: 5)
    let pair = Sequential([InstanceNorm2d(), LeakyReLU(slope: 0.2), Tanh()])
    let expected = x.instanceNorm(eps: 1e-5).leakyReLU(slope: 0.2).tanh()
    expectClose(pair(x, .training), expected, tolerance: 1e-6)
  }
}

/// One after another, because the generator that dropout draws from is the whole process's.
@Suite(.serialized) struct DropoutTests {
  /// Of 10000 elements half are zero, give or take four standard deviations of 50; the others double.
  @Test func trainingDropsHalfAndDoublesTheRest() {
    seedDropout(7)
    let x = Tensor.full(1, shape: [10000])
    let result = Dropout(probability: 0.5)(x, .training).elements
    let zeros = result.count { $0 == 0 }
    #expect(abs(zeros - 5000) < 200)
    #expect(result.allSatisfy { $0 == 0 || $0 == 2 })
  }

  @Test func theSeedDecidesWhatIsDropped() {
    let x = Tensor.full(1, shape: [100])
    func dropped(_ seed: UInt64) -> [Float] {
      seedDropout(seed)
      return x.dropout(probability: 0.5).elements
    }
    #expect(dropped(1) == dropped(1))
    #expect(dropped(1) != dropped(2))
  }

  @Test func inferenceDropsNothing() {
    let x = Tensor.full(1, shape: [100])
    #expect(Dropout(probability: 0.5)(x, .inference).elements == x.elements)
  }
}
