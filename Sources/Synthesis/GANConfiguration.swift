import Imaging
import Models
import Torch
import Training

/// Every setting of a run of `dcgan train` or `gan train`. It is written to the run's `config.json` and
/// read back on resume.
package struct GANConfiguration: RunConfiguration {
  /// Raised whenever a field is added or changes its meaning.
  package static let currentFormatVersion = 2

  /// The command that a run belongs to.
  package enum Model: String, Codable, Sendable {
    case dcgan, gan
  }

  package var formatVersion = Self.currentFormatVersion
  package var model: Model
  package var networks = SampleModelConfiguration()
  package var losses = GANLossSettings()
  package var data = GANDataSettings()
  package var optimization = OptimizationSettings()
  package var adversaries = AdversarySettings()
  package var latentDistribution = LatentDistribution.normal
  /// Probability that a hidden value is zeroed in training; the next two take its place where they are set.
  package var dropout = 0.0
  package var generatorDropout: Double?
  package var discriminatorDropout: Double?
  /// `nil` depends on the loss.
  package var discriminatorNormalization: Normalization?
  package var seed: UInt64 = 0

  /// The defaults of the model: those of the DCGAN paper, or of the original GAN.
  package init(_ model: Model) {
    self.model = model
    optimization.decayEpochs = 0
    optimization.precision = .fp32
    data.batchSize = 64
    if model == .gan {
      networks.architecture = .mlp(hidden: [256])
      networks.latent = 64
      data.batchSize = 100
    }
  }

  package static func accepts(model: String?) -> Bool { model != nil }
}

/// The adversarial loss with its constants, and the tricks that change its labels.
package struct GANLossSettings: Codable, Sendable, Equatable {
  package var loss = GANLoss.vanilla
  /// Labels of `lsgan`: of fakes, of real images, and what the generator wants; arXiv 1611.04076.
  package var lsganA = 0.0
  package var lsganB = 1.0
  package var lsganC = 1.0
  /// Largest weight of a `wgan` critic; arXiv 1701.07875.
  package var weightClip = 0.01
  /// Weight of the gradient penalty of `wgan-gp`; lambda in arXiv 1704.00028.
  package var penaltyWeight = 10.0
  /// Gamma of `began`: the wanted ratio of L(G(z)) to L(x); arXiv 1703.10717.
  package var beganDiversity = 0.5
  /// Step size of its k, lambda_k in the paper.
  package var beganRate = 0.001
  /// What the discriminator's label of real images falls short of 1.
  package var labelSmoothing = 0.0
  /// Share of the discriminator's labels that are exchanged, real for fake and fake for real.
  package var labelNoise = 0.0
  /// Real images have the label of fakes, and fakes that of real ones, in both networks' losses.
  package var flipLabels = false
  /// Real images and fakes go through the discriminator in one batch.
  package var jointBatches = false

  package init() {}
}

/// The images of a run.
package struct GANDataSettings: Codable, Sendable, Equatable {
  package var path = ""
  /// The only class to learn, by name or number; `nil` takes all.
  package var className: String?
  /// Side of the networks' images; `nil` before the data has been looked at.
  package var size: Int?
  /// 1 or 3; `nil` before the data has been looked at.
  package var channels: Int?
  package var maximumImages: Int?
  package var batchSize = 64
  package var strict = false
  /// What shows through transparent pixels.
  package var background = Color.white
  /// Images with more pixels are refused from their header.
  package var maximumPixels = ReadOptions.defaultMaximumPixels
  /// Takes files that end early or are damaged as far as they decode.
  package var acceptTruncated = false

  package init() {}

  /// Which files are taken.
  package var reading: ReadOptions {
    get {
      var options = ReadOptions()
      options.maximumPixels = maximumPixels
      options.acceptTruncated = acceptTruncated
      return options
    }
    set {
      maximumPixels = newValue.maximumPixels
      acceptTruncated = newValue.acceptTruncated
    }
  }
}

/// How the two networks are pitted against each other. What is `nil` depends on the loss.
package struct AdversarySettings: Codable, Sendable, Equatable {
  package enum OptimizerKind: String, Codable, Sendable, CaseIterable {
    case adam, rmsprop
  }

  package var optimizer: OptimizerKind?
  /// Of both networks; the next two take its place where they are set.
  package var learningRate: Double?
  package var generatorLearningRate: Double?
  package var discriminatorLearningRate: Double?
  package var beta1: Double?
  package var beta2: Double?
  /// Steps of the discriminator for each of the generator.
  package var criticSteps: Int?
  /// Largest norm of each network's gradient; `nil` leaves it alone.
  package var gradientClip: Double?
  /// What the generator's averaged weights keep of themselves in a step.
  package var averageDecay = 0.999

  package init() {}

  /// With what the loss's paper trains with in place of what is open.
  func resolved(for loss: GANLoss) -> AdversarySettings {
    var result = self
    let isPenalized = loss == .wganGP
    let rate =
      learningRate ?? (loss == .wgan ? 5e-5 : isPenalized || loss == .began ? 1e-4 : 2e-4)
    result.learningRate = rate
    result.optimizer = optimizer ?? (loss == .wgan ? .rmsprop : .adam)
    result.generatorLearningRate = generatorLearningRate ?? rate
    result.discriminatorLearningRate = discriminatorLearningRate ?? rate
    result.beta1 = beta1 ?? (isPenalized ? 0 : 0.5)
    result.beta2 = beta2 ?? (isPenalized ? 0.9 : 0.999)
    result.criticSteps = criticSteps ?? (loss == .wgan || isPenalized ? 5 : 1)
    return result
  }
}
