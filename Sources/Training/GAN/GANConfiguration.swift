import Imaging
import Models
import Torch

/// Every setting of a run of `dcgan train` or `gan train`. It is written to the run's `config.json` and
/// read back on resume.
public struct GANConfiguration: RunConfiguration {
  /// Raised whenever a field is added or changes its meaning.
  public static let currentFormatVersion = 2

  /// The command that a run belongs to.
  public enum Model: String, Codable, Sendable {
    case dcgan, gan
  }

  public var formatVersion = Self.currentFormatVersion
  public var model: Model
  public var networks = SampleModelConfiguration()
  public var losses = GANLossSettings()
  public var data = GANDataSettings()
  public var optimization = OptimizationSettings()
  public var adversaries = AdversarySettings()
  public var latentDistribution = LatentDistribution.normal
  /// Probability that a hidden value is zeroed in training; the next two take its place where they are set.
  public var dropout = 0.0
  public var generatorDropout: Double?
  public var discriminatorDropout: Double?
  /// `nil` depends on the loss.
  public var discriminatorNormalization: Normalization?
  public var seed: UInt64 = 0

  /// The defaults of the model: those of the DCGAN paper, or of the original GAN.
  public init(_ model: Model) {
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

  public static func accepts(model: String?) -> Bool { model != nil }
}

/// The adversarial loss with its constants, and the tricks that change its labels.
public struct GANLossSettings: Codable, Sendable, Equatable {
  public var loss = GANLoss.vanilla
  /// Labels of `lsgan`: of fakes, of real pictures, and what the generator wants; arXiv 1611.04076.
  public var lsganA = 0.0
  public var lsganB = 1.0
  public var lsganC = 1.0
  /// Largest weight of a `wgan` critic; arXiv 1701.07875.
  public var weightClip = 0.01
  /// Weight of the gradient penalty of `wgan-gp`; lambda in arXiv 1704.00028.
  public var penaltyWeight = 10.0
  /// Gamma of `began`: the wanted ratio of L(G(z)) to L(x); arXiv 1703.10717.
  public var beganDiversity = 0.5
  /// Step size of its k, lambda_k in the paper.
  public var beganRate = 0.001
  /// What the discriminator's label of real pictures falls short of 1.
  public var labelSmoothing = 0.0
  /// Share of the discriminator's labels that are exchanged, real for fake and fake for real.
  public var labelNoise = 0.0
  /// Real pictures have the label of fakes, and fakes that of real ones, in both networks' losses.
  public var flipLabels = false
  /// Real pictures and fakes go through the discriminator in one batch.
  public var jointBatches = false

  public init() {}
}

/// The pictures of a run.
public struct GANDataSettings: Codable, Sendable, Equatable {
  public var path = ""
  /// The only class to learn, by name or number; `nil` takes all.
  public var className: String?
  /// Side of the networks' pictures; `nil` before the data has been looked at.
  public var size: Int?
  /// 1 or 3; `nil` before the data has been looked at.
  public var channels: Int?
  public var maximumImages: Int?
  public var batchSize = 64
  public var strict = false
  /// What shows through transparent pixels.
  public var background = Colour.white
  /// Pictures with more pixels are refused from their header.
  public var maximumPixels = ReadOptions.defaultMaximumPixels
  /// Takes files that end early or are damaged as far as they decode.
  public var acceptTruncated = false

  public init() {}

  /// Which files are taken.
  var reading: ReadOptions {
    var options = ReadOptions()
    options.maximumPixels = maximumPixels
    options.acceptTruncated = acceptTruncated
    return options
  }
}

/// How the two networks are pitted against each other. What is `nil` depends on the loss.
public struct AdversarySettings: Codable, Sendable, Equatable {
  public enum OptimizerKind: String, Codable, Sendable, CaseIterable {
    case adam, rmsprop
  }

  public var optimizer: OptimizerKind?
  /// Of both networks; the next two take its place where they are set.
  public var learningRate: Double?
  public var generatorLearningRate: Double?
  public var discriminatorLearningRate: Double?
  public var beta1: Double?
  public var beta2: Double?
  /// Steps of the discriminator for each of the generator.
  public var criticSteps: Int?
  /// Largest norm of each network's gradient; `nil` leaves it alone.
  public var gradientClip: Double?
  /// What the generator's averaged weights keep of themselves in a step.
  public var averageDecay = 0.999

  public init() {}

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
