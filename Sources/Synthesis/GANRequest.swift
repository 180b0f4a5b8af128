import Datasets
import Models
import Training

/// What is asked of a run of `dcgan train` or `gan train`. What is `nil` follows from the loss, as its paper
/// trains, or from the images.
package struct GANRequest: RunRequest {
  package var configuration: GANConfiguration
  /// What the networks know of images beside that they are images; `nil` for nothing.
  package var condition: SampleCondition.Kind?
  /// Of an InfoGAN.
  package var codes = defaultCodes
  /// Names of the data's classes.
  var classes: [String]?
  /// Widths of fully connected networks.
  package var hidden: [Int]?
  package var latent: Int?
  /// Side of the networks' images.
  package var size: Int?
  /// 1 or 3.
  package var channels: Int?
  package var optimizer: AdversarySettings.OptimizerKind?
  /// Of both networks; the next two take its place where they are set.
  package var learningRate: Double?
  package var generatorLearningRate: Double?
  package var discriminatorLearningRate: Double?
  package var beta1: Double?
  package var beta2: Double?
  package var criticSteps: Int?
  /// In place of the configuration's dropout for both networks.
  package var generatorDropout: Double?
  package var discriminatorDropout: Double?
  package var discriminatorNormalization: Normalization?

  /// The defaults of the model, with everything open that can be.
  package init(_ model: GANConfiguration.Model) {
    configuration = GANConfiguration(model)
  }

  /// Leaves nothing open.
  package init(_ decided: GANConfiguration) {
    configuration = decided
    let (networks, adversaries) = (decided.networks, decided.adversaries)
    condition = networks.condition?.kind
    if let condition = networks.condition {
      if condition.kind == .infogan { codes = condition.codes }
      // A damaged file has none.
      if !condition.classes.isEmpty { classes = condition.classes }
    }
    if case .mlp(let widths) = networks.architecture { hidden = widths }
    latent = networks.latent
    size = networks.size
    channels = networks.channels
    optimizer = adversaries.optimizer
    learningRate = decided.optimization.learningRate
    // A network that has the rate of both follows it when that is changed.
    let rate = decided.optimization.learningRate
    func own(_ other: Double) -> Double? { other == rate ? nil : other }
    generatorLearningRate = own(adversaries.generatorLearningRate)
    discriminatorLearningRate = own(adversaries.discriminatorLearningRate)
    beta1 = decided.optimization.beta1
    beta2 = adversaries.beta2
    criticSteps = adversaries.criticSteps
    generatorDropout = networks.generatorDropout
    discriminatorDropout = networks.discriminatorDropout
    discriminatorNormalization = networks.discriminatorNormalization
  }

  /// One of ten and two numbers: those of the paper for MNIST.
  package static let defaultCodes = LatentCodes([.categorical(10), .uniform, .uniform])

  /// Whether the images have to be looked at before the networks can be made.
  var dependsOnImages: Bool { size == nil || channels == nil || needsClasses }

  private var needsClasses: Bool { condition?.needsClasses == true && classes == nil }

  /// Decides what the images decide: their classes, and the smallest size that loses nothing, but no larger than the
  /// paper's unless it is asked for.
  func fitted(to source: ImageSource) -> GANRequest {
    guard dependsOnImages else { return self }
    let typical = source.typicalImage()
    let sizes = SampleModelConfiguration.convolutionalSizes.filter { $0 <= 64 }
    var result = self
    // Enlarged pixels tell nothing new, and fully connected layers take images of any size.
    let isSmall = configuration.model == .gan && typical.side < sizes[0]
    let fitting = isSmall ? max(typical.side, 2) : sizes.first { $0 >= typical.side } ?? 64
    result.size = size ?? fitting
    result.channels = channels ?? typical.channels
    if needsClasses { result.classes = source.classNames }
    return result
  }

  /// Everything, with the model's default size and channels where the images have not been looked at.
  package var decided: GANConfiguration {
    var result = configuration
    let loss = result.losses.loss
    let defaults = loss.trainingDefaults
    result.networks.condition = condition.map {
      SampleCondition($0, classes: classes ?? [], codes: codes)
    }
    let ofCondition = ConditionDefaults(condition, result.model, loss)
    result.networks.latent = latent ?? ofCondition.latent ?? result.networks.latent
    if let hidden, result.model == .gan {
      result.networks.architecture = .mlp(hidden: hidden)
    } else if let architecture = ofCondition.architecture {
      result.networks.architecture = architecture
    }
    result.networks.size = size ?? result.networks.size
    result.networks.channels = channels ?? result.networks.channels
    result.networks.generatorDropout = generatorDropout ?? result.dropout
    result.networks.discriminatorDropout =
      discriminatorDropout
      ?? (result.networks.architecture == .joined ? ofCondition.discriminatorDropout : nil)
      ?? result.dropout
    result.networks.discriminatorNormalization =
      discriminatorNormalization ?? ofCondition.discriminatorNormalization
      ?? defaults.discriminatorNormalization
    result.networks.discriminatorIsAutoencoder = loss == .began
    let rate = learningRate ?? ofCondition.learningRate ?? defaults.learningRate
    result.optimization.learningRate = rate
    result.optimization.beta1 = beta1 ?? defaults.beta1
    result.adversaries.optimizer = optimizer ?? defaults.optimizer
    result.adversaries.generatorLearningRate =
      generatorLearningRate ?? (learningRate == nil ? ofCondition.generatorLearningRate : nil)
      ?? rate
    result.adversaries.discriminatorLearningRate = discriminatorLearningRate ?? rate
    result.adversaries.beta2 = beta2 ?? defaults.beta2
    result.adversaries.criticSteps = criticSteps ?? defaults.criticSteps
    return result
  }
}

/// What the paper of a condition has that the usual networks have not.
///
/// Its rates were found with the loss of the first GANs. They hold for losses that train at the usual rate; one with a
/// rate of its own keeps that: a generator at 0.001 would leave wgan's critic behind, which learns at a twentieth of
/// it.
package struct ConditionDefaults: Sendable {
  package private(set) var latent: Int?
  package private(set) var architecture: SampleModelConfiguration.Architecture?
  /// Of both networks, and of the generator alone.
  package private(set) var learningRate: Double?
  package private(set) var generatorLearningRate: Double?
  package private(set) var discriminatorNormalization: Normalization?
  /// Of the paper's networks.
  package private(set) var discriminatorDropout: Double?
  /// After the usual epochs, where no number of epochs is asked for.
  package private(set) var decayEpochs: Int?

  package init(
    _ condition: SampleCondition.Kind?, _ model: GANConfiguration.Model,
    _ loss: AdversarialLoss = .vanilla
  ) {
    let isUsual =
      loss.trainingDefaults.learningRate == AdversarialLoss.TrainingDefaults().learningRate
    switch condition {
    case .cgan where model == .gan:
      latent = 100
      architecture = .joined
      // The paper has it in the generator as well, whose samples of a class are then more alike (`Tests/Benchmarks`).
      discriminatorDropout = 0.5
    case .infogan:
      latent = 62
      if isUsual { generatorLearningRate = 1e-3 }
    case .sgan:
      // The rates of arXiv 1606.03498's code: for fully connected networks, and for convolutions.
      learningRate = model == .gan ? 3e-3 : 3e-4
      // So high a rate has to fall: with 100 labels of the digits it is worth 1 % of the test.
      if model == .gan { decayEpochs = 200 }
      discriminatorNormalization = Normalization.none
    case .acgan:
      // Batch norm has other statistics for real images, for fakes and when it classifies, so that classes are told
      // apart by features that are not the same.
      discriminatorNormalization = Normalization.none
    case .cgan, nil: break
    }
  }
}

extension AdversarialLoss {
  /// What the paper of a loss trains a GAN with.
  package struct TrainingDefaults: Sendable {
    package var optimizer = AdversarySettings.OptimizerKind.adam
    package var learningRate = 2e-4
    package var beta1 = 0.5
    package var beta2 = 0.999
    package var criticSteps = 1
    package var discriminatorNormalization = Normalization.batch
  }

  package var trainingDefaults: TrainingDefaults {
    var defaults = TrainingDefaults()
    switch self {
    case .wgan:
      defaults.optimizer = .rmsprop
      defaults.learningRate = 5e-5
      defaults.criticSteps = 5
    case .wganGP:
      defaults.learningRate = 1e-4
      defaults.beta1 = 0
      defaults.beta2 = 0.9
      defaults.criticSteps = 5
      // A gradient penalty is each image's own, which batch norm is not.
      defaults.discriminatorNormalization = .instance
    case .began:
      defaults.learningRate = 1e-4
      defaults.discriminatorNormalization = .none
    case .vanilla, .saturating, .lsgan, .hinge: break
    }
    return defaults
  }
}
