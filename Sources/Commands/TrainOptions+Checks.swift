import Foundation
import Training
import Translation

// Whether settings fit one another.
extension TrainOptions {
  static func check(_ request: CycleGANRequest) throws(UsageError) {
    try checkRanges(request)
    let configuration = request.decided
    try configuration.optimization.checkBatchNorm(
      isUsed: configuration.networks.normalization == .batch)
    if request.blocks != nil, configuration.networks.generator.blocks == 0 {
      throw UsageError(
        "--blocks: \(configuration.networks.generator.rawValue) has no residual blocks")
    }
    if let skips = request.skips, skips != .none, configuration.networks.generator.blocks == 0 {
      throw UsageError(
        "--skips: \(configuration.networks.generator.rawValue) has connections of its own; \(skips.rawValue) "
          + "are for a ResNet")
    }
    if let upsampling = request.upsampling, upsampling != .transposed,
      configuration.networks.generator.blocks == 0
    {
      throw UsageError(
        "--upsampling: \(upsampling.rawValue) is for a ResNet, not for "
          + configuration.networks.generator.rawValue)
    }
    try checkPenalty(configuration)
    try checkLoss(configuration)
    try checkNetworks(configuration, request)
    try checkSizes(configuration)
    try checkFolders(configuration.data)
    try configuration.schedule.check()
  }

  func checkUse(of given: Set<String>) throws(UsageError) {
    if given.contains("discriminator-layers"), configuration.networks.discriminator == .pixel {
      throw UsageError("--discriminator-layers: a pixel discriminator has no layers to count")
    }
    let losses = configuration.losses
    if given.contains("identity-every"), losses.identityEvery > 1, losses.identityWeight == 0 {
      throw UsageError("--identity-every: this has no effect with --lambda-identity 0")
    }
  }

  /// Throws an error for two domains that share images, and for validation on one side alone.
  private static func checkFolders(_ data: DataSettings) throws(UsageError) {
    if data.folderA.isEmpty { return }
    func real(_ path: String) -> String {
      URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
    let (a, b) = (real(data.folderA), real(data.folderB))
    if a == b {
      throw UsageError("\(data.folderB): A and B are one folder; a translation needs two domains")
    }
    for (inner, outer) in [(a, b), (b, a)] where inner.hasPrefix(outer == "/" ? "/" : outer + "/") {
      let path = inner == a ? (data.folderA, data.folderB) : (data.folderB, data.folderA)
      throw UsageError("\(path.0): this folder is inside \(path.1), whose images it would share")
    }
    if (data.validationA == nil) != (data.validationB == nil) {
      let missing = data.validationA == nil ? "a" : "b"
      throw UsageError("--validation-\(missing): both domains need images for validation")
    }
  }

  private static func checkPenalty(_ configuration: CycleGANConfiguration) throws(UsageError) {
    let losses = configuration.losses
    guard losses.gradientPenalty > 0 else {
      if losses.penaltyEvery > 1 {
        throw UsageError("--penalty-every: this has no effect without --gradient-penalty")
      }
      return
    }
    guard losses.adversary == .lsgan else {
      throw UsageError(
        "--gradient-penalty: it is for --gan-loss lsgan, not for \(losses.adversary.rawValue)")
    }
    if configuration.networks.normalization == .batch {
      throw UsageError(
        "--gradient-penalty: it does not work with --norm batch, which ties images together; use "
          + "--norm instance")
    }
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

  private static func checkNetworks(
    _ configuration: CycleGANConfiguration, _ request: CycleGANRequest
  ) throws(UsageError) {
    let networks = configuration.networks
    let identity = configuration.losses.identityWeight
    if identity > 0, let a = request.channelsA, let b = request.channelsB, a != b {
      throw UsageError(
        "--lambda-identity: \(identity.optionText) needs as many channels in A as in B, not "
          + "\(a) and \(b); use --lambda-identity 0")
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
