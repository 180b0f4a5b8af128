import Foundation
import Models
import TestSupport
import Testing
import Torch
import Training

@testable import Synthesis

/// What is decided about a run of a GAN, and how it is stored.
struct GANConfigurationTests {
  private func read(_ text: String) throws -> GANConfiguration {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("config.json")
      try Data(text.utf8).write(to: file)
      return try GANConfiguration.read(from: file)
    }
  }

  private func decided(_ loss: AdversarialLoss) -> GANConfiguration {
    var request = GANRequest(.dcgan)
    request.configuration.losses.loss = loss
    return request.decided
  }

  /// What is open takes the values of the loss's paper.
  @Test func papersHaveTheirOwnSettings() {
    let wgan = decided(.wgan)
    #expect(wgan.adversaries.optimizer == .rmsprop)
    #expect(wgan.adversaries.criticSteps == 5)
    #expect(wgan.adversaries.discriminatorLearningRate == 5e-5)
    let penalized = decided(.wganGP)
    #expect(penalized.adversaries.optimizer == .adam)
    #expect(penalized.optimization.learningRate == 1e-4)
    #expect(penalized.optimization.beta1 == 0)
    #expect(penalized.adversaries.beta2 == 0.9)
    #expect(penalized.adversaries.criticSteps == 5)
    #expect(penalized.networks.discriminatorNormalization == .instance)
    let vanilla = decided(.vanilla)
    #expect(vanilla.adversaries.generatorLearningRate == 2e-4)
    #expect(vanilla.optimization.beta1 == 0.5)
    #expect(vanilla.adversaries.criticSteps == 1)
    #expect(decided(.began).networks.discriminatorNormalization == Normalization.none)
  }

  /// The joined networks of cgan's paper have dropout in the discriminator, others only where it is asked for.
  @Test func onlyThePapersConditionalNetworksHaveDropout() {
    var request = GANRequest(.gan)
    request.condition = .cgan
    #expect(request.decided.networks.discriminatorDropout == 0.5)
    #expect(request.decided.networks.generatorDropout == 0)
    request.discriminatorDropout = 0.25
    #expect(request.decided.networks.discriminatorDropout == 0.25)
    request.discriminatorDropout = nil
    request.hidden = [256]
    #expect(request.decided.networks.discriminatorDropout == 0)
    request = GANRequest(.dcgan)
    request.condition = .cgan
    #expect(request.decided.networks.discriminatorDropout == 0)
  }

  /// infogan's rate of 0.001 for the generator holds for the losses that train at 0.0002.
  @Test(arguments: [
    (AdversarialLoss.vanilla, 1e-3, 2e-4), (.hinge, 1e-3, 2e-4), (.lsgan, 1e-3, 2e-4),
    (.wgan, 5e-5, 5e-5), (.wganGP, 1e-4, 1e-4),
  ]) func ratesOfALossComeBeforeThoseOfACondition(
    _ loss: AdversarialLoss, _ ofGenerator: Double, _ ofDiscriminator: Double
  ) {
    var request = GANRequest(.gan)
    request.configuration.losses.loss = loss
    request.condition = .infogan
    let adversaries = request.decided.adversaries
    #expect(adversaries.generatorLearningRate == ofGenerator)
    #expect(adversaries.discriminatorLearningRate == ofDiscriminator)
    request.generatorLearningRate = 3
    #expect(request.decided.adversaries.generatorLearningRate == 3)
  }

  @Test func ownSettingsComeFirst() {
    var request = GANRequest(.dcgan)
    request.learningRate = 3
    request.discriminatorLearningRate = 4
    #expect(request.decided.adversaries.generatorLearningRate == 3)
    #expect(request.decided.adversaries.discriminatorLearningRate == 4)
  }

  @Test(arguments: AdversarialLoss.allCases) func whatIsDecidedStays(_ loss: AdversarialLoss) {
    var request = GANRequest(.gan)
    request.configuration.losses.loss = loss
    request.configuration.dropout = 0.25
    request.generatorDropout = 0.5
    #expect(GANRequest(request.decided).decided == request.decided)
  }

  @Test func whatIsWrittenIsRead() throws {
    try withTemporaryFolder { root in
      var request = GANRequest(.gan)
      request.configuration.networks.architecture = .mlp(hidden: [3, 4])
      request.configuration.losses.loss = .began
      let file = root.appendingPathComponent("config.json")
      try writeJSON(request.decided, to: file)
      #expect(try GANConfiguration.read(from: file) == request.decided)
    }
  }

  /// The model decides on the defaults; another case of an enumeration replaces the default's.
  @Test func missingKeysTakeTheModelsDefaults() throws {
    var expected = GANConfiguration(.gan)
    // Programs that did not know the key kept all snapshots.
    expected.schedule.keepLast = 0
    #expect(
      try read(#"{"formatVersion": 3, "model": "gan", "networks": null}"#) == expected)
    let other = try read(
      #"{"formatVersion": 3, "model": "gan", "networks": {"architecture": {"dcgan": {"filters": 3}}}}"#
    )
    #expect(other.networks.architecture == .dcgan(filters: 3))
  }

  /// Version 2 had the rates among the adversaries' settings, and could hold nulls.
  @Test func version2IsMigrated() throws {
    let old = #"""
      {"formatVersion": 2, "model": "dcgan", "discriminatorNormalization": null,
      "adversaries": {"learningRate": 0.25, "beta1": 0.125, "generatorLearningRate": 0.5, "beta2": null},
      "optimization": {"learningRate": 0.5, "beta1": 0.125, "constantEpochs": 7, "maximumSteps": 4}}
      """#
    let configuration = try read(old)
    #expect(configuration.optimization.learningRate == 0.25)
    #expect(configuration.optimization.beta1 == 0.125)
    #expect(configuration.adversaries.generatorLearningRate == 0.5)
    #expect(configuration.adversaries.beta2 == 0.999)
    #expect(configuration.schedule.constantEpochs == 7)
    #expect(configuration.schedule.decayEpochs == 0)
    #expect(configuration.schedule.saveEvery == .epochs(10))
  }

  /// Weights that fit no size are refused before the images are decoded that would decide on it.
  @Test func cheapChecksComeFirst() throws {
    try withTemporaryFolder { root in
      let other = try TinyGAN(in: root, name: "other", model: .gan)
      try other.train(stoppingAfter: 1)
      var run = try TinyGAN(in: root)
      for size in [28, nil] {
        run.request.size = size
        for weights in [other.folder.latest, root.appendingPathComponent("none"), root] {
          run.settings.initialWeights = weights
          #expect(throws: (any Error).self) {
            try run.train { if case .checking = $0 { Issue.record("images are decoded") } }
          }
          #expect(!FileManager.default.fileExists(atPath: run.folder.url.path))
        }
      }
    }
  }
}
