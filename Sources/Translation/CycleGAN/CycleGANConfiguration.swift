import Datasets
import Imaging
import Models
import Torch
import Training

/// Every setting of a CycleGAN run. It is written to the run's `config.json` and read back on resume.
///
/// Defaults are the reference's (REFERENCE.md, section 1.1). `validate()` names the option that is wrong.
package struct CycleGANConfiguration: Codable, Sendable, Equatable {
  /// Raised whenever a field is added or changes its meaning.
  package static let currentFormatVersion = 2

  package var formatVersion = Self.currentFormatVersion
  package var networks = NetworkSettings()
  package var losses = LossSettings()
  package var data = DataSettings()
  package var optimization = OptimizationSettings()
  package var seed: UInt64 = 0

  package init() {}
}

/// The four networks: two generators and two discriminators of the same make.
package struct NetworkSettings: Codable, Sendable, Equatable {
  /// The named generators; `--blocks` changes the number of a ResNet's blocks.
  package enum Generator: String, Codable, Sendable, CaseIterable {
    case resnet9, resnet6, unet256, unet128
  }
  package enum Discriminator: String, Codable, Sendable, CaseIterable {
    case patch, pixel
  }
  package enum InitializationMethod: String, Codable, Sendable, CaseIterable {
    case normal, xavier, kaiming, orthogonal
  }

  package var generator = Generator.resnet9
  package var generatorFilters = 64
  /// Residual blocks; `nil` takes the number in the generator's name.
  package var blocks: Int?
  package var discriminator = Discriminator.patch
  package var discriminatorLayers = 3
  package var discriminatorFilters = 64
  package var normalization = Normalization.instance
  package var dropout = false
  package var initialization = InitializationMethod.normal
  package var initializationGain = 0.02
  package var channelsA = 3
  package var channelsB = 3

  package init() {}

  /// Both generators are of one make; A's and B's channels change places in the second.
  package func generatorConfiguration(from inputChannels: Int, to outputChannels: Int)
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
  package var generatorAB: GeneratorConfiguration {
    generatorConfiguration(from: channelsA, to: channelsB)
  }

  package var generatorBA: GeneratorConfiguration {
    generatorConfiguration(from: channelsB, to: channelsA)
  }

  /// The judge of images with the given number of channels.
  package func discriminatorConfiguration(channels: Int) -> DiscriminatorConfiguration {
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

  package var weightInitialization: Initialization {
    switch initialization {
    case .normal: return .normal(gain: initializationGain)
    case .xavier: return .xavier(gain: initializationGain)
    case .kaiming: return .kaiming(gain: initializationGain)
    case .orthogonal: return .orthogonal(gain: initializationGain)
    }
  }

  /// The shortest side of an image that all four networks take.
  package var minimumImageSize: Int {
    max(
      generatorAB.minimumSize,
      discriminatorConfiguration(channels: channelsA).minimumSize)
  }
}

/// The adversarial loss, the weights of the others, and the pool of earlier fakes.
package struct LossSettings: Codable, Sendable, Equatable {
  package enum Adversary: String, Codable, Sendable, CaseIterable {
    case lsgan, vanilla
    case wganGP = "wgan-gp"
  }

  package var adversary = Adversary.lsgan
  /// Weight of |G_B(G_A(a)) - a|; lambda in the paper, equation 3.
  package var cycleWeightA = 10.0
  package var cycleWeightB = 10.0
  /// Times the cycle weight of the same domain; section 5.2 of the paper. Zero skips the passes.
  package var identityWeight = 0.5
  /// Earlier fakes kept for each discriminator; zero shows it only the newest.
  package var poolSize = 50

  package init() {}
}

/// The two folders and what happens to an image on its way to the networks.
package struct DataSettings: Codable, Sendable, Equatable {
  package var folderA = ""
  package var folderB = ""
  package var preprocessing = Preprocessing.Mode.resizeAndCrop
  package var loadSize = 286
  package var cropSize = 256
  package var flip = true
  /// A and B in sorted order, side by side, instead of shuffled and at random.
  package var serial = false
  /// At most so many images of each folder, in sorted order; `nil` takes all.
  package var maximumImages: Int?
  /// Samples in an epoch; `nil` takes as many as the larger folder has images.
  package var epochSize: Int?
  package var batchSize = 1
  /// A file that does not decode ends the run instead of being skipped with a warning.
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

  package func preprocessing(channels: Int, sizeMultiple: Int) -> Preprocessing {
    var result = Preprocessing(
      mode: preprocessing, loadSize: loadSize, cropSize: cropSize, flip: flip, channels: channels,
      sizeMultiple: sizeMultiple)
    result.background = background
    result.reading = reading
    return result
  }
}
