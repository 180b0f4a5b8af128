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
    try call.check()
    if call.resume {
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
    try Self.check(request)
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

  static func check(_ request: CycleGANRequest) throws(UsageError) {
    try checkRanges(request)
    let configuration = request.decided
    if request.blocks != nil, configuration.networks.generator.blocks == 0 {
      throw UsageError(
        "--blocks: \(configuration.networks.generator.rawValue) has no residual blocks")
    }
    try checkLoss(configuration)
    try checkNetworks(configuration)
    try checkSizes(configuration)
    try configuration.schedule.check()
  }

  private static func checkLoss(_ configuration: CycleGANConfiguration) throws(UsageError) {
    let loss = configuration.losses.adversary
    guard !LossSettings.adversaries.contains(loss) else { return }
    let reason =
      switch loss {
      case .wgan: "clips weights and needs several discriminator steps; wgan-gp does without"
      case .began: "needs a discriminator that is an autoencoder"
      default:
        "gives a generator next to nothing to learn from; vanilla is the same game without that"
      }
    throw UsageError("--gan-loss: \(loss.rawValue) is not for CycleGAN, because it \(reason)")
  }

  private static func checkNetworks(_ configuration: CycleGANConfiguration) throws(UsageError) {
    let networks = configuration.networks
    for (option, channels) in [
      ("channels-a", networks.channelsA), ("channels-b", networks.channelsB),
    ]
    where channels == 2 {
      throw UsageError("--\(option): 2 is not possible; it must be 1 or 3")
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
