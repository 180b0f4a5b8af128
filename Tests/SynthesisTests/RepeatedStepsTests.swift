import Models
import TestSupport
import Testing
import Torch
import Training

@testable import Synthesis

/// What GPUs repeat as recorded, repeated on the CPU: training is the same, bit for bit.
struct RepeatedStepsTests {
  private func weights(_ trainer: any Trainer) -> [UInt32] {
    trainer.networks.map(\.network.weightsChecksum)
  }

  /// Losses of 12 steps on differing images, and a number for the weights in the end.
  private func train(
    _ gan: TinyGAN, repeating: Bool, classes: Int
  ) -> (losses: [GANStepLosses], weights: [UInt32]) {
    let trainer = gan.makeTrainer()
    if repeating {
      trainer.discriminatorPasses = RepeatedPass(
        of: [trainer.discriminator], on: .cpu, recorder: RepeatedByHand.self)
    }
    let losses = (0..<12).map { step in
      let told = (0..<4).map { (step + $0) % max(classes, 1) }
      let pass = GANTrainer.Pass(
        part: BatchPart(whole: 4), real: noiseImages(4, seed: UInt64(step)),
        classes: classes > 0 ? oneHot(told, classes: classes) : nil)
      return trainer.step([pass])
    }
    return (losses, weights(trainer))
  }

  /// With all that is drawn for a pass: labels, what penalties interpolate with, codes; and batch norm's statistics.
  @Test func discriminatorsTrainTheSame() throws {
    let changes: [(inout GANRequest) -> Void] = [
      { $0.configuration.losses.labelNoise = 0.3 },
      { $0.configuration.losses.loss = .wganGP },
      {
        $0.condition = .acgan
        $0.classes = ["a", "b", "c"]
      },
      {
        $0.condition = .infogan
        $0.codes = LatentCodes([.categorical(3), .uniform])
      },
    ]
    for change in changes {
      try withTemporaryFolder { root in
        var gan = try TinyGAN(in: root)
        change(&gan.request)
        let classes = gan.request.classes?.count ?? 0
        let plain = train(gan, repeating: false, classes: classes)
        let repeated = train(gan, repeating: true, classes: classes)
        #expect(plain.losses == repeated.losses)
        #expect(plain.weights == repeated.weights)
        #expect(plain.losses[0] != plain.losses[11])
      }
    }
  }

  /// Losses that are read late are those of their steps: later passes write where theirs were.
  @Test(arguments: [AutoencoderConfiguration.Kind.variational, .plain])
  func autoencodersTrainTheSame(
    _ kind: AutoencoderConfiguration.Kind
  ) throws {
    try withTemporaryFolder { root in
      var tiny = try TinyAutoencoder(in: root)
      tiny.configuration.network.kind = kind
      func train(repeating: Bool) throws -> (losses: [AutoencoderStepLosses], weights: [UInt32]) {
        let trainer = tiny.makeTrainer()
        if repeating {
          trainer.passes = RepeatedPass(
            of: [trainer.network], on: .cpu, recorder: RepeatedByHand.self)
        }
        let pending = (0..<12).map { step in
          let images = Tensor.uniform(shape: [3, 1, 8, 8], seed: UInt64(step)) * 2 - 1
          return trainer.takeStep([
            AutoencoderTrainer.Pass(part: BatchPart(whole: 3), images: images)
          ])
        }
        return (pending.map { $0.read() }, weights(trainer))
      }
      let (plain, repeated) = (try train(repeating: false), try train(repeating: true))
      #expect(plain.losses == repeated.losses)
      #expect(plain.weights == repeated.weights)
      #expect(plain.losses[0] != plain.losses[11])
    }
  }

  @Test func whatKeepsDiscriminatorsFromBeingRepeated() throws {
    func obstacle(_ change: (inout GANRequest) -> Void) throws -> String? {
      try withTemporaryFolder { root in
        var gan = try TinyGAN(in: root)
        change(&gan.request)
        return gan.makeTrainer().discriminatorPasses.obstacle
      }
    }
    #expect(try obstacle { _ in } == "only CUDA devices repeat recorded work")
    #expect(
      try obstacle { $0.configuration.losses.loss = .began }
        == "what began balances follows from each step")
    #expect(try obstacle { $0.condition = .sgan } == "an sgan draws noise in each step")
    #expect(
      try obstacle { $0.discriminatorDropout = 0.2 }
        == "dropout draws other elements in each step")
    #expect(
      try obstacle { $0.configuration.optimization.accumulatedBatches = 2 }
        == "a step has several passes")
  }
}
