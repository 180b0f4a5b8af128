import Models
import Training

/// What was decided about a run of `autoencoder train`.
package struct AutoencoderRunConfiguration: SquareRunConfiguration {
  package static let currentFormatVersion = 3

  /// The command that a run belongs to.
  package enum Model: String, Codable, Sendable {
    case autoencoder
  }

  package private(set) var formatVersion = Self.currentFormatVersion
  package private(set) var model = Model.autoencoder
  package var network = AutoencoderConfiguration()
  /// What the divergence of codes from N(0, 1) counts beside the reconstruction; arXiv 1804.03599.
  package var beta = 1.0
  /// Values from this on become white and others black, from 0 to 1; `nil` leaves them.
  package var threshold: Double?
  package var data = SquareDataSettings()
  package var schedule = RunSchedule()
  package var optimization = OptimizationSettings()
  package var beta2 = 0.999
  package var seed: UInt64 = 0
  package var record = RunRecord()

  package init() {
    schedule.constantEpochs = 100
    schedule.decayEpochs = 100
    schedule.saveEvery = .epochs(10)
    optimization.learningRate = 1e-3
    optimization.beta1 = 0.9
    optimization.precision = .fp32
    data.batchSize = 100
  }

  package struct Identity: Codable, Sendable, Equatable {
    let seed: UInt64
    let network: AutoencoderConfiguration
    /// Other images are learned with another one.
    let threshold: Double?
  }

  package var identity: Identity {
    Identity(seed: seed, network: network, threshold: threshold)
  }

  package static func defaults(model: String?) -> AutoencoderRunConfiguration? {
    model == Model.autoencoder.rawValue ? AutoencoderRunConfiguration() : nil
  }

  /// There is one version yet, numbered as those of the other runs.
  package static func migrate(_ stored: inout [String: Any], from version: Int) {}
}
