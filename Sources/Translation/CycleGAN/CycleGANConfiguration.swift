import Datasets
import Imaging
import Models
import Torch
import Training

/// What was decided about a CycleGAN run.
///
/// Defaults are the reference's (REFERENCE.md, section 1.1).
package struct CycleGANConfiguration: RunConfiguration {
  package static let currentFormatVersion = 3

  package private(set) var formatVersion = Self.currentFormatVersion
  package var networks = NetworkSettings()
  package var losses = LossSettings()
  package var data = DataSettings()
  package var schedule = RunSchedule()
  package var optimization = OptimizationSettings()
  package var seed: UInt64 = 0
  package var record = RunRecord()

  package init() {}

  package struct Identity: Codable, Sendable, Equatable {
    let seed: UInt64
    let networks: NetworkSettings
  }

  package var identity: Identity { Identity(seed: seed, networks: networks) }

  package var dataFolders: [String] { [data.folderA, data.folderB] }

  package static func defaults(model: String?) -> CycleGANConfiguration? {
    model == nil ? CycleGANConfiguration() : nil
  }

  /// Until version 2 the number of blocks was left out where it is the one in the generator's name.
  package static func migrate(_ stored: inout [String: Any], from version: Int) {
    guard version < 3, var networks = stored["networks"] as? [String: Any],
      networks["blocks"] == nil,
      let generator = (networks["generator"] as? String).flatMap(NetworkSettings.Generator.init)
    else { return }
    networks["blocks"] = generator.blocks
    stored["networks"] = networks
  }
}

/// What is asked of a CycleGAN run.
package struct CycleGANRequest: RunRequest {
  package var configuration: CycleGANConfiguration
  /// Residual blocks of a ResNet; `nil` takes the number in the generator's name.
  package var blocks: Int?
  /// Of A's and B's images; `nil` takes what the files have.
  package var channelsA: Int?
  package var channelsB: Int?
  /// In place of the configuration's; percentiles follow from the files. `nil` takes the ends of each file's type.
  package var rangeA: RangeChoice?
  package var rangeB: RangeChoice?

  /// Leaves nothing open.
  package init(_ decided: CycleGANConfiguration) {
    configuration = decided
    channelsA = decided.networks.channelsA
    channelsB = decided.networks.channelsB
    rangeA = decided.data.rangeA.map(RangeChoice.values)
    rangeB = decided.data.rangeB.map(RangeChoice.values)
    blocks = decided.networks.generator.blocks == 0 ? nil : decided.networks.blocks
  }

  /// The defaults, with everything open that can be.
  package init() {
    configuration = CycleGANConfiguration()
  }

  package var decided: CycleGANConfiguration {
    var result = configuration
    result.networks.blocks = blocks ?? result.networks.generator.blocks
    result.networks.channelsA = channelsA ?? result.networks.channelsA
    result.networks.channelsB = channelsB ?? result.networks.channelsB
    result.data.rangeA = rangeA?.values
    result.data.rangeB = rangeB?.values
    return result
  }
}

/// The four networks: two generators and two discriminators of the same make.
package struct NetworkSettings: Codable, Sendable, Equatable {
  /// The named generators.
  package enum Generator: String, Codable, Sendable, CaseIterable {
    case resnet9, resnet6, unet256, unet128

    /// Residual blocks, as the name says; U-Nets have none.
    package var blocks: Int {
      switch self {
      case .resnet9: 9
      case .resnet6: 6
      case .unet256, .unet128: 0
      }
    }
  }
  package enum Discriminator: String, Codable, Sendable, CaseIterable {
    case patch, pixel
  }
  package enum InitializationMethod: String, Codable, Sendable, CaseIterable {
    case normal, xavier, kaiming, orthogonal
  }

  /// Brings the number of blocks in its name.
  package var generator = Generator.resnet9 {
    didSet { blocks = generator.blocks }
  }
  package var generatorFilters = 64
  /// Residual blocks of a ResNet.
  package var blocks = Generator.resnet9.blocks
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
    case .resnet9, .resnet6: configuration.architecture = .resNet(blocks: blocks)
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
  /// The losses that this training has, the default first. The others need weights that are clipped, or a
  /// discriminator that is an autoencoder, or make a generator learn slowly.
  package static let adversaries: [AdversarialLoss] = [.lsgan, .vanilla, .wganGP, .hinge]

  package var adversary = AdversarialLoss.lsgan
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
package struct DataSettings: ReadSettings, Codable, Sendable, Equatable {
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
  /// The values of A's and B's files that are -1 and 1 in the networks; `nil` takes the ends of each file's type.
  package var rangeA: ValueRange?
  package var rangeB: ValueRange?
  /// What A's and B's files store; `nil` where it is not the same in all of them.
  package var samplesA: SampleType?
  package var samplesB: SampleType?
  /// The channels that sample sheets show as red, green and blue, counted from 1, where there are others than 1 or 3;
  /// `nil` shows all of them in gray.
  package var shownChannels: [Int]?
  package var maximumPixels = ReadOptions.defaultMaximumPixels
  package var acceptTruncated = false
  package var acceptNonfinite = false
  package var pages = PageMeaning.first

  package init() {}

  package func preprocessing(
    channels: Int, sizeMultiple: Int, range: ValueRange? = nil
  ) -> Preprocessing {
    var result = Preprocessing(
      mode: preprocessing, loadSize: loadSize, cropSize: cropSize, flip: flip, channels: channels,
      sizeMultiple: sizeMultiple)
    result.background = background
    result.range = range
    result.reading = reading
    return result
  }
}
