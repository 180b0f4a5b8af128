import Datasets
import Files
import Foundation
import Imaging
import Models
import Torch
import Training

/// What was decided about a CycleGAN run.
///
/// Defaults are the reference's (REFERENCE.md, section 1.1), so that runs from before a setting was added are what
/// they were; `CycleGANPreset` has those of new runs.
package struct CycleGANConfiguration: RunConfiguration {
  package static let currentFormatVersion = 3

  package private(set) var formatVersion = Self.currentFormatVersion
  package var networks = NetworkSettings()
  package var losses = LossSettings()
  package var data = DataSettings()
  package var schedule = RunSchedule()
  package var validation = ValidationSettings()
  package var optimization = OptimizationSettings()
  /// Decay rate of Adam's mean of the squared gradient.
  package var beta2 = 0.999
  /// Of the discriminators, where it is not that of the generators.
  package var discriminatorLearningRate: Double?
  /// The share of the steps done that the averaged generators reach back over; 0 averages none. See
  /// `WeightAverage.Memory`.
  package var averageWindow = 0.0
  package var seed: UInt64 = 0
  package var record = RunRecord()

  package init() {}

  package struct Identity: Codable, Sendable, Equatable {
    let seed: UInt64
    let networks: NetworkSettings
    /// Whether there are averaged generators in a snapshot.
    let averages: Bool
  }

  package var batchSize: Int {
    get { data.batchSize }
    set { data.batchSize = newValue }
  }

  package var identity: Identity {
    Identity(seed: seed, networks: networks, averages: averageWindow > 0)
  }

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
  /// Decides what is `nil` below, but for the blocks.
  package var preset = CycleGANPreset.improved
  /// Residual blocks of a ResNet; `nil` takes the number in the generator's name.
  package var blocks: Int?
  /// Of A's and B's images; `nil` takes what the files have.
  package var channelsA: Int?
  package var channelsB: Int?
  /// In place of the configuration's; percentiles follow from the files. `nil` takes the ends of each file's type.
  package var rangeA: RangeChoice?
  package var rangeB: RangeChoice?
  package var skips: GeneratorConfiguration.Skips?
  package var upsampling: GeneratorConfiguration.Upsampling?
  package var averageWindow: Double?
  /// Epochs between two validations; `nil` takes those at which validating takes little of the time, where there are
  /// images for it.
  package var validateEvery: Int?

  /// Leaves nothing open.
  package init(_ decided: CycleGANConfiguration) {
    configuration = decided
    preset = .reference
    channelsA = decided.networks.channelsA
    channelsB = decided.networks.channelsB
    rangeA = decided.data.rangeA.map(RangeChoice.values)
    rangeB = decided.data.rangeB.map(RangeChoice.values)
    blocks = decided.networks.generator.blocks == 0 ? nil : decided.networks.blocks
    skips = decided.networks.skips
    upsampling = decided.networks.upsampling
    averageWindow = decided.averageWindow
    validateEvery = decided.validation.everyEpochs
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
    let settings = preset.settings(for: result.networks.generator)
    result.networks.skips = skips ?? settings.skips
    result.networks.upsampling = upsampling ?? settings.upsampling
    result.averageWindow = averageWindow ?? settings.averageWindow
    if let validateEvery, validateEvery != result.validation.everyEpochs {
      result.validation.everyEpochs = validateEvery
      result.validation.leastSteps = 0
    }
    return result
  }

  /// The same with the skips and the up-sampling of the generators that a run begins with, where it asks for none
  /// itself: with others their weights would mean something else.
  /// - Parameter weights: a run, snapshot, folder or file, as of `--init-from`; `nil` changes nothing.
  func following(_ weights: URL?) throws(FileError) -> CycleGANRequest {
    guard skips == nil || upsampling == nil, let weights else { return self }
    var result = self
    for name in ["G_A", "G_B"] {
      guard let file = WeightsFolder(weights).initialFile(of: name) else { continue }
      let weights = try WeightsFile(file, networks: [name])
      let found = try GeneratorConfiguration.found(
        in: weights.shapes, weights.metadata, path: file.relativePath)
      if let found {
        result.skips = skips ?? found.skips
        result.upsampling = upsampling ?? found.upsampling
      }
    }
    return result
  }
}

/// What new runs are trained with where nothing else is asked for.
package enum CycleGANPreset: String, Sendable, CaseIterable {
  /// What an ablation found to give better images in the same time: Tests/Quality/README.md.
  case improved
  /// Exactly the reference's training.
  case reference

  /// What the presets differ in.
  package struct Settings: Sendable, Equatable {
    package let skips: GeneratorConfiguration.Skips
    package let upsampling: GeneratorConfiguration.Upsampling
    package let averageWindow: Double
  }

  package func settings(for generator: NetworkSettings.Generator) -> Settings {
    switch self {
    case .improved:
      generator.blocks > 0
        ? Settings(skips: .features, upsampling: .smoothed, averageWindow: 0.25)
        : Settings(skips: .none, upsampling: .transposed, averageWindow: 0.25)
    case .reference: Settings(skips: .none, upsampling: .transposed, averageWindow: 0)
    }
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
  /// Of a ResNet.
  package var skips = GeneratorConfiguration.Skips.none
  /// Of a ResNet.
  package var upsampling = GeneratorConfiguration.Upsampling.transposed
  package var discriminator = Discriminator.patch
  package var discriminatorLayers = 3
  package var discriminatorFilters = 64
  package var normalization = Normalization.instance
  /// Of the discriminators.
  package var spectralNorm = false
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
    configuration.skips = skips
    configuration.upsampling = upsampling
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
    configuration.spectralNorm = spectralNorm
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
  /// The identity loss is looked at in every n-th step, with n times its weight.
  package var identityEvery = 1
  /// What the cycle weights lose, evenly from the first epoch to the last, as a share of themselves:
  /// lambda (1 - share (e - 1) / (E - 1)) in epoch e of E. The identity loss keeps its weight. Source: Wang and
  /// Lin, "CycleGAN with Better Cycles" (2018), section 3.2.
  package var cycleDecay = 0.0
  /// Weight of the discriminators' zero-centered gradient penalty; see `AdversarialLoss.zeroCenteredPenalty`. 0 for
  /// none.
  package var gradientPenalty = 0.0
  /// It is looked at in every n-th step, with n times its weight; "lazy regularization", arXiv 1912.04958, appendix B.
  package var penaltyEvery = 1
  /// Earlier fakes kept for each discriminator; zero shows it only the newest.
  package var poolSize = 50

  package init() {}

  /// Whether a discriminator's gradient between real images and fakes is looked at, which have to be of one size.
  var hasPenalty: Bool { adversary == .wganGP || gradientPenalty > 0 }
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
  /// Folders of images for sample sheets; `nil` takes testA and testB beside trainA and trainB.
  package var testA: String?
  package var testB: String?
  /// Folders of images to measure the networks on; `nil` takes what is held out, or the images of sheets.
  package var validationA: String?
  package var validationB: String?
  /// Of the images of both folders, which are not trained on.
  package var heldOutPercent = 0.0
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
