import Benchmarks
import Demo
import Models
import Synthesis
import Training
import Translation

extension GANTrainOptions {
  static func check(_ request: GANRequest) throws(UsageError) {
    let configuration = request.decided
    guard configuration.model == Kind.model else {
      throw UsageError(
        "--name: this is a run of 'cyclegan \(configuration.model.rawValue) train', not of "
          + "'cyclegan \(Kind.model.rawValue) train'")
    }
    try checkRanges(request)
    try checkArchitecture(configuration)
    if configuration.networks.channels == 2 {
      throw UsageError("--channels: 2 is not possible; it must be 1 or 3")
    }
    let losses = configuration.losses
    if losses.loss == .wganGP, configuration.networks.discriminatorNormalization == .batch {
      // Each sample's gradient is penalized by itself, but batch norm ties the samples together
      // (Gulrajani et al., arXiv 1704.00028, section 4).
      throw UsageError(
        "--discriminator-norm: batch does not work with --loss wgan-gp; use instance or none")
    }
    if losses.loss == .lsgan, losses.lsganA == losses.lsganB {
      throw UsageError(
        "--lsgan-b: \(losses.lsganB.optionText) is the label of fakes too; they must differ")
    }
    if !losses.loss.hasLabels {
      for (option, isUsed) in [
        ("label-smoothing", losses.labelSmoothing > 0), ("label-noise", losses.labelNoise > 0),
        ("flip-labels", losses.flipLabels),
      ]
      where isUsed {
        throw UsageError(
          "--\(option): the loss \(losses.loss.rawValue) has no labels; vanilla, saturating and "
            + "lsgan have")
      }
    }
    try configuration.schedule.check()
  }

  private static func checkArchitecture(_ configuration: GANConfiguration) throws(UsageError) {
    switch configuration.networks.architecture {
    case .dcgan:
      guard Kind.model == .dcgan else {
        throw UsageError("--hidden: the run's networks are not fully connected")
      }
      let sizes = SampleModelConfiguration.convolutionalSizes
      let size = configuration.networks.size
      guard !sizes.contains(size) else { return }
      throw UsageError(
        "--size: \(size) is not a size that a DCGAN makes; 28, 32, 64 and 128 are")
    case .mlp(let hidden):
      guard Kind.model == .gan, LayerWidths(optionText: LayerWidths.text(of: hidden)) != nil else {
        throw UsageError("--hidden: the run's widths cannot be those of layers")
      }
    }
  }

  /// Throws an error for an option of one loss or optimizer that was given with another.
  func checkUse(of given: Set<String>) throws(UsageError) {
    let loss = configuration.losses.loss
    let needed: [(option: String, loss: AdversarialLoss)] = [
      ("lsgan-a", .lsgan), ("lsgan-b", .lsgan), ("lsgan-c", .lsgan), ("weight-clip", .wgan),
      ("gradient-penalty", .wganGP), ("began-gamma", .began), ("began-lambda", .began),
    ]
    for (option, needed) in needed where given.contains(option) && loss != needed {
      throw UsageError("--\(option): this belongs to --loss \(needed.rawValue)")
    }
    let isRMSprop = request.decided.adversaries.optimizer == .rmsprop
    for option in ["beta1", "beta2"] where given.contains(option) && isRMSprop {
      throw UsageError("--\(option): this belongs to --optimizer adam")
    }
  }
}
