import Foundation
import TestSupport
import Testing
import Torch
import Training

@testable import Synthesis

/// What a step changes, and what its options do.
struct GANTrainerTests {
  private func withGAN(
    _ model: GANConfiguration.Model = .dcgan, loss: AdversarialLoss = .vanilla,
    _ body: (TinyGAN) throws -> Void
  ) throws {
    try withTemporaryFolder { try body(TinyGAN(in: $0, model: model, loss: loss)) }
  }

  private func bytes(_ network: any Module) -> [[UInt8]] {
    network.stateDict.map { $0.tensor.bytes }
  }

  /// Algorithm 1 of wgan: five steps of the critic for each of the generator.
  @Test(arguments: [AdversarialLoss.wgan, .wganGP]) func theCriticTakesFiveSteps(
    _ loss: AdversarialLoss
  ) throws {
    try withGAN(loss: loss) { gan in
      let trainer = gan.makeTrainer()
      func weights() -> [Float] {
        trainer.generator.trainableParameters.flatMap(\.tensor.elements)
      }
      let before = weights()
      for step in 1...10 {
        let critic = bytes(trainer.discriminator)
        let generator = weights()
        _ = trainer.step(real: noiseImages(4, seed: UInt64(step)))
        #expect(bytes(trainer.discriminator) != critic)
        #expect((weights() == generator) == (step % 5 != 0))
      }
      #expect(weights() != before)
    }
  }

  @Test func wganClampsTheCriticsWeights() throws {
    try withGAN(loss: .wgan) { gan in
      let trainer = gan.makeTrainer()
      _ = trainer.step(real: noiseImages(4))
      let largest = trainer.discriminator.trainableParameters.flatMap(\.tensor.elements)
        .map(abs).max()
      #expect(largest == 0.01)
    }
  }

  /// Without batch norm the scores of an image do not depend on its batch: both ways give one loss.
  @Test func jointBatchesAreTheSameWithoutBatchNorm() throws {
    try withGAN(.gan) { gan in
      var gan = gan
      let apart = gan.makeTrainer().step(real: noiseImages(6))
      gan.configuration.losses.jointBatches = true
      let joint = gan.makeTrainer().step(real: noiseImages(6))
      expectClose(joint.d, apart.d, tolerance: 1e-6)
      expectClose(joint.judgementOfFake, apart.judgementOfFake, tolerance: 1e-6)
    }
  }

  /// With batch norm they are not.
  @Test func batchNormSeesRealImagesAndFakesApart() throws {
    try withGAN { gan in
      var gan = gan
      let apart = gan.makeTrainer().step(real: noiseImages(6))
      gan.configuration.losses.jointBatches = true
      let joint = gan.makeTrainer().step(real: noiseImages(6))
      #expect(abs(joint.d - apart.d) > 1e-3)
    }
  }

  /// Labels of 0.9 cost more than labels of 1 by 0.1 * mean score, since BCE(s, t) = softplus(s) - t s.
  @Test func smoothedLabelsReachTheDiscriminator() throws {
    try withGAN(.gan, loss: .lsgan) { gan in
      var gan = gan
      let plain = gan.makeTrainer().step(real: noiseImages(6))
      gan.configuration.losses.labelSmoothing = 0.25
      let smooth = gan.makeTrainer().step(real: noiseImages(6))
      // (s - 0.75)^2 / 2 - (s - 1)^2 / 2 = 0.25 s - 0.21875, on average of the same scores.
      expectClose(
        smooth.d - plain.d, 0.25 * plain.judgementOfReal - 0.21875, tolerance: 1e-5)
    }
  }

  /// Of 4,000 labels with a share of 0.25 exchanged, 1,000 are, give or take 27; four times that.
  @Test func noiseExchangesAShareOfTheLabels() throws {
    try withGAN { gan in
      var gan = gan
      gan.configuration.losses.labelNoise = 0.25
      gan.configuration.losses.labelSmoothing = 0.5
      let labels = gan.makeTrainer().labels(count: 4000)
      #expect(Set(labels.real.elements) == [0, 0.5])
      #expect(Set(labels.fake.elements) == [0, 0.5])
      let exchanged = labels.real.elements.filter { $0 == 0 }.count
      #expect(abs(exchanged - 1000) < 110)
      gan.configuration.losses.flipLabels = true
      let flipped = gan.makeTrainer().labels(count: 4000)
      #expect(flipped.real.elements == labels.real.elements.map { 1 - $0 })
    }
  }

  /// A gradient clipped to next to nothing leaves RMSprop's first step at lr / sqrt(0.01) of each sign, but
  /// lets plain Adam's beta1 of 0 not tell: compare norms of what was accumulated instead.
  @Test func clippingChangesTheStep() throws {
    try withGAN(.gan) { gan in
      var gan = gan
      let free = gan.makeTrainer()
      gan.configuration.adversaries.gradientClip = 1e-9
      let clipped = gan.makeTrainer()
      let before = bytes(clipped.generator)
      _ = free.step(real: noiseImages(6))
      _ = clipped.step(real: noiseImages(6))
      // Adam's eps of 1e-8 is far above gradients of 1e-9: the step is a tenth of the rate and less.
      func largestStep(_ trainer: GANTrainer) -> Float {
        zip(trainer.generator.trainableParameters, gan.makeTrainer().generator.trainableParameters)
          .flatMap { zip($0.tensor.elements, $1.tensor.elements).map { abs($0 - $1) } }.max() ?? 0
      }
      #expect(before != bytes(clipped.generator))
      #expect(largestStep(free) > 1.9e-4)
      #expect(largestStep(clipped) < 2.1e-5)
    }
  }

  @Test(arguments: AdversarialLoss.allCases) func everyLossTrainsBothNetworks(
    _ loss: AdversarialLoss
  ) throws {
    for model in [GANConfiguration.Model.dcgan, .gan] {
      try withGAN(model, loss: loss) { gan in
        var gan = gan
        gan.request.criticSteps = 1
        let trainer = gan.makeTrainer()
        let (generator, discriminator) = (bytes(trainer.generator), bytes(trainer.discriminator))
        let losses = trainer.step(real: noiseImages(4))
        #expect(losses.named.allSatisfy { $0.value.isFinite })
        #expect(bytes(trainer.generator) != generator)
        #expect(bytes(trainer.discriminator) != discriminator)
        #expect((losses.penalty != nil) == (loss == .wganGP))
        #expect((losses.balance != nil) == (loss == .began))
      }
    }
  }

  /// The average begins with the generator's weights and follows them.
  @Test func theAverageFollows() throws {
    try withGAN { gan in
      let trainer = gan.makeTrainer()
      #expect(bytes(trainer.average.network) == bytes(trainer.generator))
      _ = trainer.step(real: noiseImages(4))
      let (average, latest) = (bytes(trainer.average.network), bytes(trainer.generator))
      #expect(average != latest)
    }
  }

  /// A generator whose learning rate is next to nothing makes the same gray images for ever, and bright
  /// ones are easily told from them.
  @Test func aDeadGeneratorIsNoticed() throws {
    try withGAN(.gan) { gan in
      var gan = gan
      gan.request.generatorLearningRate = 1e-12
      gan.request.discriminatorLearningRate = 0.01
      let trainer = gan.makeTrainer()
      let zeros = trainer.generator.stateDict.map { ($0.name, $0.tensor.filled(with: 0)) }
      try trainer.generator.load(Dictionary(uniqueKeysWithValues: zeros), from: "here")
      var (wins, collapses) = (0, 0)
      for step in 1...400 {
        _ = trainer.step(real: noiseImages(8, seed: UInt64(step)) * 0.2 + 0.8)
        for alarm in trainer.alarms {
          if case .discriminatorHasWon = alarm.kind { wins += 1 }
          if alarm.kind == .collapsed { collapses += 1 }
        }
      }
      #expect(collapses == 1)
      #expect(wins == 1)
    }
  }
}
