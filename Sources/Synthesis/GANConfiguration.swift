import Models
import Torch
import Training

/// What was decided about a run of `dcgan train` or `gan train`.
package struct GANConfiguration: SquareRunConfiguration {
  package static let currentFormatVersion = 3

  /// The command that a run belongs to.
  package enum Model: String, Codable, Sendable {
    case dcgan, gan
  }

  package private(set) var formatVersion = Self.currentFormatVersion
  package var model: Model
  package var networks = SampleModelConfiguration()
  package var losses = GANLossSettings()
  package var data = SquareDataSettings()
  package var schedule = RunSchedule()
  /// The learning rate is of both networks, unless one has its own.
  package var optimization = OptimizationSettings()
  package var adversaries = AdversarySettings()
  package var latentDistribution = LatentDistribution.normal
  /// Probability that a hidden value is zeroed in training, in both networks unless one has its own.
  package var dropout = 0.0
  package var seed: UInt64 = 0
  package var record = RunRecord()

  /// The defaults of the model: those of the DCGAN paper, or of the original GAN.
  package init(_ model: Model) {
    self.model = model
    schedule.constantEpochs = model == .dcgan ? 75 : 200
    schedule.decayEpochs = 0
    schedule.saveEvery = .epochs(10)
    optimization.precision = .fp32
    data.batchSize = 64
    if model == .gan {
      networks.architecture = .mlp(hidden: [256])
      networks.latent = 64
      data.batchSize = 100
    }
  }

  package struct Identity: Codable, Sendable, Equatable {
    let seed: UInt64
    let networks: SampleModelConfiguration
    let latentDistribution: LatentDistribution
    /// Each optimizer remembers something else.
    let optimizer: AdversarySettings.OptimizerKind
    /// Which images have labels is drawn from the seed.
    let labels: Int?
  }

  package var identity: Identity {
    Identity(
      seed: seed, networks: networks, latentDistribution: latentDistribution,
      optimizer: adversaries.optimizer, labels: data.labels)
  }

  package static func defaults(model: String?) -> GANConfiguration? {
    model.flatMap(Model.init).map(GANConfiguration.init)
  }

  /// Until version 2 what `optimization` says of both networks was among the settings of the adversaries.
  package static func migrate(_ stored: inout [String: Any], from version: Int) {
    guard version < 3, let adversaries = stored["adversaries"] as? [String: Any],
      var optimization = stored["optimization"] as? [String: Any]
    else { return }
    for key in ["learningRate", "beta1"] { optimization[key] = adversaries[key] }
    stored["optimization"] = optimization
  }
}

/// How the two networks are pitted against each other.
package struct AdversarySettings: Codable, Sendable, Equatable {
  package enum OptimizerKind: String, Codable, Sendable, CaseIterable {
    case adam, rmsprop
  }

  package var optimizer = OptimizerKind.adam
  package var generatorLearningRate = 2e-4
  package var discriminatorLearningRate = 2e-4
  package var beta2 = 0.999
  /// Steps of the discriminator for each of the generator.
  package var criticSteps = 1
  /// Largest norm of each network's gradient; `nil` leaves it alone.
  package var gradientClip: Double?
  /// What the generator's averaged weights keep of themselves in a step.
  package var averageDecay = 0.999

  package init() {}
}
