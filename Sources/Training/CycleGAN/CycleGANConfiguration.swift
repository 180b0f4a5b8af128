import Datasets
import Imaging
import Models
import Torch

/// Every setting of a CycleGAN run. It is written to the run's `config.json` and read back on resume.
///
/// Defaults are the reference's (REFERENCE.md, section 1.1). `validate()` names the option that is wrong.
public struct CycleGANConfiguration: Codable, Sendable, Equatable {
  /// Raised whenever a field is added or changes its meaning.
  public static let currentFormatVersion = 2

  public var formatVersion = Self.currentFormatVersion
  public var networks = NetworkSettings()
  public var losses = LossSettings()
  public var data = DataSettings()
  public var optimization = OptimizationSettings()
  public var seed: UInt64 = 0

  public init() {}
}

/// The four networks: two generators and two discriminators of the same make.
public struct NetworkSettings: Codable, Sendable, Equatable {
  /// The named generators; `--blocks` changes the number of a ResNet's blocks.
  public enum Generator: String, Codable, Sendable, CaseIterable {
    case resnet9, resnet6, unet256, unet128
  }
  public enum Discriminator: String, Codable, Sendable, CaseIterable {
    case patch, pixel
  }
  public enum InitializationMethod: String, Codable, Sendable, CaseIterable {
    case normal, xavier, kaiming, orthogonal
  }

  public var generator = Generator.resnet9
  public var generatorFilters = 64
  /// Residual blocks; `nil` takes the number in the generator's name.
  public var blocks: Int?
  public var discriminator = Discriminator.patch
  public var discriminatorLayers = 3
  public var discriminatorFilters = 64
  public var normalization = Normalization.instance
  public var dropout = false
  public var initialization = InitializationMethod.normal
  public var initializationGain = 0.02
  public var channelsA = 3
  public var channelsB = 3

  public init() {}

  /// Both generators are of one make; A's and B's channels change places in the second.
  public func generatorConfiguration(from inputChannels: Int, to outputChannels: Int)
    -> GeneratorConfiguration
  {
    var configuration = GeneratorConfiguration()
    switch generator {
    case .resnet9: configuration.architecture = .resNet(blocks: blocks ?? 9)
    case .resnet6: configuration.architecture = .resNet(blocks: blocks ?? 6)
    case .unet256: configuration.architecture = .uNet(downsamplings: 8)
    case .unet128: configuration.architecture = .uNet(downsamplings: 7)
    }
    configuration.baseChannels = generatorFilters
    configuration.inputChannels = inputChannels
    configuration.outputChannels = outputChannels
    configuration.normalization = normalization
    configuration.dropout = dropout
    return configuration
  }

  /// The generator from A to B, and the one back.
  public var generatorAB: GeneratorConfiguration {
    generatorConfiguration(from: channelsA, to: channelsB)
  }

  public var generatorBA: GeneratorConfiguration {
    generatorConfiguration(from: channelsB, to: channelsA)
  }

  /// The judge of pictures with the given number of channels.
  public func discriminatorConfiguration(channels: Int) -> DiscriminatorConfiguration {
    var configuration = DiscriminatorConfiguration()
    switch discriminator {
    case .patch: configuration.architecture = .patch(layers: discriminatorLayers)
    case .pixel: configuration.architecture = .pixel
    }
    configuration.baseChannels = discriminatorFilters
    configuration.inputChannels = channels
    configuration.normalization = normalization
    return configuration
  }

  public var weightInitialization: Initialization {
    switch initialization {
    case .normal: return .normal(gain: initializationGain)
    case .xavier: return .xavier(gain: initializationGain)
    case .kaiming: return .kaiming(gain: initializationGain)
    case .orthogonal: return .orthogonal(gain: initializationGain)
    }
  }

  /// The shortest side of a picture that all four networks take.
  public var minimumPictureSize: Int {
    max(
      generatorAB.minimumSize,
      discriminatorConfiguration(channels: channelsA).minimumSize)
  }
}

/// The adversarial loss, the weights of the others, and the pool of earlier fakes.
public struct LossSettings: Codable, Sendable, Equatable {
  public enum Adversary: String, Codable, Sendable, CaseIterable {
    case lsgan, vanilla
    case wganGP = "wgan-gp"
  }

  public var adversary = Adversary.lsgan
  /// Weight of |G_B(G_A(a)) - a|; lambda in the paper, equation 3.
  public var cycleWeightA = 10.0
  public var cycleWeightB = 10.0
  /// Times the cycle weight of the same domain; section 5.2 of the paper. Zero skips the passes.
  public var identityWeight = 0.5
  /// Earlier fakes kept for each discriminator; zero shows it only the newest.
  public var poolSize = 50

  public init() {}
}

/// The two folders and what happens to a picture on its way to the networks.
public struct DataSettings: Codable, Sendable, Equatable {
  public var folderA = ""
  public var folderB = ""
  public var preprocessing = Preprocessing.Mode.resizeAndCrop
  public var loadSize = 286
  public var cropSize = 256
  public var flip = true
  /// A and B in sorted order, side by side, instead of shuffled and at random.
  public var serial = false
  /// At most so many pictures of each folder, in sorted order; `nil` takes all.
  public var maximumImages: Int?
  /// Samples in an epoch; `nil` takes as many as the larger folder has pictures.
  public var epochSize: Int?
  public var batchSize = 1
  /// A file that does not decode ends the run instead of being skipped with a warning.
  public var strict = false
  /// What shows through transparent pixels.
  public var background = Colour.white
  /// Pictures with more pixels are refused from their header.
  public var maximumPixels = ReadOptions.defaultMaximumPixels
  /// Takes files that end early or are damaged as far as they decode.
  public var acceptTruncated = false

  public init() {}

  public func preprocessing(channels: Int, sizeMultiple: Int) -> Preprocessing {
    var result = Preprocessing(
      mode: preprocessing, loadSize: loadSize, cropSize: cropSize, flip: flip, channels: channels,
      sizeMultiple: sizeMultiple)
    result.background = background
    result.reading.maximumPixels = maximumPixels
    result.reading.acceptTruncated = acceptTruncated
    return result
  }
}

/// How long and how fast the networks learn.
public struct OptimizationSettings: Codable, Sendable, Equatable {
  public enum LearningRatePolicy: String, Codable, Sendable, CaseIterable {
    case linear, step, plateau, cosine, constant
  }
  public enum Precision: String, Codable, Sendable, CaseIterable {
    case auto, fp32, bf16
  }

  /// Epochs at the full learning rate; `n_epochs` in the reference.
  public var constantEpochs = 100
  /// Epochs of decay after them; `n_epochs_decay`.
  public var decayEpochs = 100
  /// Ends the run after so many optimisation steps, wherever the epochs stand.
  public var maximumSteps: Int?
  public var learningRate = 0.0002
  public var beta1 = 0.5
  public var policy = LearningRatePolicy.linear
  public var precision = Precision.auto

  public init() {}
}
