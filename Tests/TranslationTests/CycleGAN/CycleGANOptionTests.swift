import Models
import TestSupport
import Testing
import Torch
import Training

@testable import Translation

/// What the options beyond the reference's change about a step.
struct CycleGANOptionTests {
  private func trainer(
    _ change: (inout CycleGANConfiguration) -> Void = { _ in }
  ) -> CycleGANTrainer {
    var configuration = CycleGANConfiguration()
    configuration.networks.blocks = 1
    configuration.networks.generatorFilters = 2
    configuration.networks.discriminatorLayers = 1
    configuration.networks.discriminatorFilters = 2
    configuration.optimization.precision = .fp32
    change(&configuration)
    return CycleGANTrainer(configuration: configuration, device: .cpu)
  }

  private let realA = Tensor.uniform(shape: [1, 3, 16, 16], seed: 1) * 2 - 1
  private let realB = Tensor.uniform(shape: [1, 3, 16, 16], seed: 2) * 2 - 1

  private func step(_ trainer: CycleGANTrainer, after: Int = 0) -> CycleGANLosses {
    trainer.stepCount = after
    return trainer.step(realA: realA, realB: realB)
  }

  /// In every third step, the third first, with three times the weight; 0 in between.
  @Test func identityInEveryThirdStep() {
    let usual = step(trainer())
    for after in 0..<6 {
      let found = step(trainer { $0.losses.identityEvery = 3 }, after: after)
      let factor = after % 3 == 2 ? 3.0 : 0
      expectClose(found.identityA, factor * usual.identityA, tolerance: 1e-4)
      expectClose(found.identityB, factor * usual.identityB, tolerance: 1e-4)
      expectClose(found.cycleA, usual.cycleA, tolerance: 1e-5)
    }
    #expect(usual.identityA > 0.1)
  }

  /// A share of 0.4 over 5 epochs: 1, 0.9, 0.8, 0.7, 0.6 of the weights. A run of one epoch loses nothing.
  @Test(arguments: [(1, 5, 1.0), (2, 5, 0.9), (4, 5, 0.7), (5, 5, 0.6), (1, 1, 1), (9, 5, 0.6)])
  func cycleWeightsDecay(epoch: Int, total: Int, factor: Double) {
    let usual = step(trainer())
    let decaying = trainer { $0.losses.cycleDecay = 0.4 }
    decaying.begin(epoch: epoch, of: total)
    let found = step(decaying)
    expectClose(found.cycleA, factor * usual.cycleA, tolerance: 1e-4)
    expectClose(found.cycleB, factor * usual.cycleB, tolerance: 1e-4)
    expectClose(found.identityA, usual.identityA, tolerance: 1e-5)
  }

  /// The discriminators' rate is theirs, follows the schedule, and is the generators' unless it is given.
  @Test func discriminatorsHaveTheirOwnRate() {
    let own = trainer { $0.discriminatorLearningRate = 0.0005 }
    own.scaleLearningRates(by: 0.5)
    #expect(own.generatorOptimizer.learningRate == 0.0001)
    #expect(own.discriminatorOptimizer.learningRate == 0.00025)
    let usual = trainer()
    #expect(usual.discriminatorOptimizer.learningRate == 0.0002)
    usual.scaleLearningRates(by: 0.5)
    #expect(usual.discriminatorOptimizer.learningRate == 0.0001)
    #expect(
      trainer { $0.discriminatorLearningRate = 0.0005 }.discriminatorOptimizer.learningRate
        == 0.0005)
  }

  /// Adam's second moments are (1 - beta2) g^2 after the first step.
  @Test func beta2IsAdams() throws {
    func moments(_ beta2: Double) throws -> Tensor {
      let trainer = trainer { $0.beta2 = beta2 }
      _ = step(trainer)
      return try #require(trainer.trainingState.first { $0.name == "adam.G.0.second" }).tensor
    }
    let (usual, faster) = (try moments(0.999), try moments(0.99))
    #expect(usual.sum().item > 0)
    expectClose(faster.sum().item / usual.sum().item, 10, tolerance: 1e-3)
  }

  /// The loss of a discriminator with the penalty is that without, plus weight times steps between times the
  /// penalty, in every n-th step.
  @Test func thePenaltyIsAddedInItsTurn() {
    let weights = Tensor.full(0.5, shape: [1, 1, 1, 1])
    func losses(_ weight: Double, every: Int, after: Int) -> CycleGANLosses {
      let trainer = trainer {
        $0.losses.gradientPenalty = weight
        $0.losses.penaltyEvery = every
        $0.losses.poolSize = 0
      }
      trainer.penaltyWeights = { _, _, _ in weights }
      return step(trainer, after: after)
    }
    let usual = losses(0, every: 1, after: 0)
    let (one, two) = (losses(1, every: 1, after: 0), losses(2, every: 1, after: 0))
    let penalty = one.dA - usual.dA
    #expect(penalty > 1e-7)
    expectClose(two.dA - usual.dA, 2 * penalty, tolerance: 1e-2 * penalty)
    #expect(losses(1, every: 4, after: 0) == losses(0, every: 1, after: 0))
    expectClose(losses(1, every: 4, after: 3).dA - usual.dA, 4 * penalty, tolerance: 1e-2 * penalty)
  }

  /// Every discriminator's weight in use has a largest singular value of about 1, whatever the learning rate does
  /// to it; generators have none.
  @Test func spectralNormsFollowTheWeights() {
    let trainer = trainer {
      $0.networks.spectralNorm = true
      $0.optimization.learningRate = 0.05
    }
    for index in 0..<5 { _ = step(trainer, after: index) }
    let names = trainer.discriminatorA.stateDict.map(\.name)
    #expect(names.filter { $0.hasSuffix("weight_u") }.count == 3)
    #expect(!trainer.generatorAB.stateDict.contains { $0.name.hasSuffix("weight_u") })
    let scores = withoutGradients { trainer.discriminatorA(realA, .inference) }
    let other = withoutGradients { trainer.discriminatorA(realA * 3, .inference) }
    #expect(scores.elements.allSatisfy { abs($0) < 10 } && scores.elements != other.elements)
  }

  /// Stopped and gone on with, bit for bit, with everything on.
  @Test(arguments: [GeneratorConfiguration.Upsampling.smoothed, .bilinear])
  func allOfThemResumeExactly(_ upsampling: GeneratorConfiguration.Upsampling) throws {
    try withTemporaryFolder { root in
      func run(_ name: String) throws -> TinyRun {
        var run = try TinyRun(in: root, name: name)
        run.configuration.networks.skips = .features
        run.configuration.networks.upsampling = upsampling
        run.configuration.networks.spectralNorm = true
        run.configuration.losses.gradientPenalty = 0.1
        run.configuration.losses.penaltyEvery = 2
        run.configuration.losses.identityEvery = 2
        run.configuration.losses.cycleDecay = 0.5
        run.configuration.beta2 = 0.99
        run.configuration.discriminatorLearningRate = 0.0003
        run.configuration.averageWindow = 0.25
        return run
      }
      let whole = try run("whole")
      try whole.train()
      let parts = try run("parts")
      try parts.train(stoppingAfter: 7)
      try parts.train(resuming: true)
      let (expected, found) = (try whole.results(), try parts.results())
      #expect(Set(expected.keys) == Set(found.keys))
      #expect(found.filter { expected[$0.key] != $0.value }.keys.sorted() == [])
    }
  }
}
