import Benchmarks
import Demo
import Foundation
import Synthesis
import Training
import Translation

extension TrainOptions {
  /// Turns the folders into the configuration's two, and checks the options against one another.
  ///
  /// A run that is resumed brings its own configuration, so that only `adopt` can check the result.
  mutating func complete(given: Set<String>) throws(UsageError) {
    try checkName()
    try checkInitialWeights()
    if resume {
      fillFolders()
      return
    }
    guard !folders.isEmpty else {
      throw UsageError(
        "train needs <folderA> and <folderB>, or one folder with trainA and trainB in it",
        hint: "usage: cyclegan \(Self.syntax.usage[0])")
    }
    fillFolders()
    let networks = configuration.networks
    if given.contains("discriminator-layers"), networks.discriminator == .pixel {
      throw UsageError("--discriminator-layers: a pixel discriminator has no layers to count")
    }
    try Self.check(configuration)
  }

  /// Puts `folders` into the configuration; without any, it stays as it is.
  private mutating func fillFolders() {
    switch folders.count {
    case 1:
      let root = URL(fileURLWithPath: folders[0], isDirectory: true)
      configuration.data.folderA = root.appendingPathComponent("trainA").relativePath
      configuration.data.folderB = root.appendingPathComponent("trainB").relativePath
    case 2:
      configuration.data.folderA = folders[0]
      configuration.data.folderB = folders[1]
    default: break
    }
  }

  var hasData: Bool { !folders.isEmpty }

  func copyData(to other: inout TrainOptions) {
    other.configuration.data.folderA = configuration.data.folderA
    other.configuration.data.folderB = configuration.data.folderB
  }

  mutating func makeDataAbsolute() {
    configuration.data.folderA = absolutePath(configuration.data.folderA)
    configuration.data.folderB = absolutePath(configuration.data.folderB)
  }

  static func check(_ configuration: CycleGANConfiguration) throws(UsageError) {
    try checkRanges(configuration)
    try checkNetworks(configuration)
    try checkSizes(configuration)
    let optimization = configuration.optimization
    if optimization.constantEpochs + optimization.decayEpochs == 0 {
      throw UsageError("--epochs: 0 and --decay-epochs 0 leave nothing to train")
    }
  }

  private static func checkNetworks(_ configuration: CycleGANConfiguration) throws(UsageError) {
    let networks = configuration.networks
    for (option, channels) in [
      ("channels-a", networks.channelsA), ("channels-b", networks.channelsB),
    ]
    where channels == 2 {
      throw UsageError("--\(option): 2 is not possible; it must be 1 or 3")
    }
    if networks.blocks != nil, networks.generator == .unet256 || networks.generator == .unet128 {
      throw UsageError("--blocks: \(networks.generator.rawValue) has no residual blocks")
    }
    let identity = configuration.losses.identityWeight
    if identity > 0, networks.channelsA != networks.channelsB {
      throw UsageError(
        "--lambda-identity: \(identity.optionText) needs as many channels in A as in B, not "
          + "\(networks.channelsA) and \(networks.channelsB); use --lambda-identity 0")
    }
    if configuration.losses.adversary == .wganGP, networks.normalization == .batch {
      // Each sample's gradient is penalized by itself, but batch norm ties the samples together
      // (Gulrajani et al., arXiv 1704.00028, section 4).
      throw UsageError("--gan-loss: wgan-gp does not work with --norm batch; use --norm instance")
    }
  }

  private static func checkSizes(_ configuration: CycleGANConfiguration) throws(UsageError) {
    let data = configuration.data
    let networks = configuration.networks
    let (crop, load) = (data.cropSize, data.loadSize)
    switch data.preprocessing {
    case .scaleWidth, .none: return
    case .crop: break
    case .resizeAndCrop, .scaleWidthAndCrop:
      guard crop <= load else {
        throw UsageError("--crop-size: \(crop) is larger than --load-size \(load)")
      }
    }
    let multiple = networks.generatorAB.sizeMultiple
    let smallest = networks.minimumImageSize
    guard crop >= smallest else {
      throw UsageError(
        "--crop-size: \(crop) is too small for these networks; it must be at least \(smallest)")
    }
    guard crop % multiple == 0 else {
      let below = crop / multiple * multiple
      throw UsageError(
        "--crop-size: \(crop) is not a multiple of \(multiple), as \(networks.generator.rawValue) "
          + "needs; \(below) and \(below + multiple) are")
    }
  }
}
