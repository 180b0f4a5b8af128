import Foundation
import TestSupport
import Testing
import Torch
import Training

@testable import Synthesis

/// A step of several processes or passes is one with their whole batch.
@Suite(.serialized) struct GANProcessesTests {
  private struct Trained: Sendable {
    var losses: [[Double]] = []
    var weights: [UInt8] = []
  }

  private static func train(
    _ gan: TinyGAN, _ group: ProcessGroup? = nil, passes: Int = 1
  ) -> Trained {
    var request = gan.request
    request.channels = 1
    let trainer = GANTrainer(configuration: request.decided, device: .cpu, processes: group)
    var trained = Trained()
    for step in 0..<3 {
      let real = noiseImages(4, seed: UInt64(step))
      let parts = BatchPart.parts(
        of: 4, rank: group?.rank ?? 0, processes: group?.count ?? 1, passes: passes)
      let losses = trainer.step(
        parts.map { GANTrainer.Pass(part: $0, real: $0.rows(of: real)) })
      trained.losses.append(losses.named.map(\.value))
    }
    trained.weights = [trainer.generator, trainer.discriminator].flatMap {
      $0.stateDict.flatMap { $0.tensor.bytes }
    }
    return trained
  }

  private func expectAlike(
    _ found: Trained, _ whole: Trained, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (a, b) in zip(found.losses, whole.losses) {
      #expect(
        zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 }, "\(a) \(b)", sourceLocation: sourceLocation)
    }
  }

  /// Fully connected networks have no batch norm. Labels are noisy, gradients are cut, and began balances.
  @Test(arguments: [AdversarialLoss.vanilla, .wganGP, .began])
  func processesAndPassesTrainAsOne(loss: AdversarialLoss) throws {
    try withTemporaryFolder { root in
      var gan = try TinyGAN(in: root, model: .gan, loss: loss)
      gan.configuration.adversaries.gradientClip = 0.5
      if loss == .vanilla { gan.configuration.losses.labelNoise = 0.3 }
      let whole = Self.train(gan)
      let parts = try onProcesses(2) { [gan] in Self.train(gan, $0) }
      for part in parts {
        expectAlike(part, whole)
        #expect(part.weights == parts[0].weights)
      }
      expectAlike(Self.train(gan, passes: 2), whole)
    }
  }

  @Test func synchronizedBatchNormTrainsAsOne() throws {
    try withTemporaryFolder { root in
      var gan = try TinyGAN(in: root)
      let whole = Self.train(gan)
      let apart = try onProcesses(2) { [gan] in Self.train(gan, $0) }
      #expect(apart[0].weights == apart[1].weights)
      #expect(apart[0].losses != whole.losses)
      gan.configuration.optimization.synchronizesBatchNorm = true
      let parts = try onProcesses(2) { [gan] in Self.train(gan, $0) }
      for part in parts { expectAlike(part, whole) }
      #expect(parts[0].weights == parts[1].weights)
    }
  }
}
