import Models
import Synthesis
import Training

extension GANTrainOptions {
  static func facts(about configuration: GANConfiguration) -> [[String]] {
    [
      ["Generator", configuration.networks.summary],
      ["Loss", configuration.losses.loss.rawValue],
    ]
      + (configuration.networks.condition.map { [["Classes and codes", $0.listing]] } ?? [])
  }

  static var uses: [(title: String, command: String, arguments: [String])] {
    [
      (
        "Generate images", "\(Kind.model.rawValue) generate",
        ["--count", "64", "--output", "samples"]
      ), ("Give it to other programs", "export", ["--format", "onnx"]),
    ]
  }

  static func check(_ request: GANRequest) throws(UsageError) {
    let configuration = request.decided
    guard configuration.model == Kind.model else {
      throw UsageError(
        "--name: this is a run of 'cyclegan \(configuration.model.rawValue) train', not of "
          + "'cyclegan \(Kind.model.rawValue) train'")
    }
    try checkRanges(request)
    try checkArchitecture(configuration)
    try check(channels: configuration.networks.channels)
    try configuration.optimization.checkBatchNorm(isUsed: configuration.model == .dcgan)
    try checkCondition(configuration)
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

  /// Throws an error for what a condition cannot go with.
  private static func checkCondition(_ configuration: GANConfiguration) throws(UsageError) {
    let kind = configuration.networks.condition?.kind
    guard let kind else { return }
    // Those of a new run follow from its data.
    let classes = configuration.networks.condition?.classes ?? []
    guard classes.isEmpty || (2...SampleCondition.mostClasses).contains(classes.count) else {
      throw UsageError("--condition: the run's \(classes.count) classes cannot be those of a run")
    }
    let losses = configuration.losses
    if losses.loss == .began {
      throw UsageError(
        "--loss: began does not work with --condition \(kind.rawValue): its discriminator gives images "
          + "back and has no place for a class or code")
    }
    if kind.needsClasses, configuration.data.className != nil {
      throw UsageError(
        "--class: this leaves one class, and --condition \(kind.rawValue) needs several")
    }
    guard kind == .sgan else { return }
    if losses.loss != .vanilla {
      throw UsageError(
        "--loss: \(losses.loss.rawValue) does not work with --condition sgan, whose score of being real is the "
          + "probability that the classes have together; vanilla does")
    }
    if losses.flipLabels {
      throw UsageError(
        "--flip-labels: this does not work with --condition sgan, whose fakes are the class that is none of the "
          + "others")
    }
    if configuration.optimization.accumulatedBatches > 1 {
      throw UsageError(
        "--accumulate: this does not work with --condition sgan, whose generator compares the means of a whole "
          + "batch; raise --batch-size")
    }
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
    case .joined:
      guard Kind.model == .gan, configuration.networks.condition?.kind == .cgan else {
        throw UsageError("--condition: the run's networks are those of cgan")
      }
    }
  }

  /// The options of one loss, condition or optimizer.
  func checkUse(of given: Set<String>) throws(UsageError) {
    if call.resume, given.contains("dropout"),
      ![request.generatorDropout, request.discriminatorDropout].contains(configuration.dropout)
    {
      throw UsageError(
        "--dropout: the networks of a run keep their own, which --resume cannot change; start another run, under "
          + "another --name")
    }
    let loss = configuration.losses.loss
    let needed: [(option: String, loss: AdversarialLoss)] = [
      ("lsgan-a", .lsgan), ("lsgan-b", .lsgan), ("lsgan-c", .lsgan), ("weight-clip", .wgan),
      ("gradient-penalty", .wganGP), ("began-gamma", .began), ("began-lambda", .began),
    ]
    for (option, needed) in needed where given.contains(option) && loss != needed {
      throw UsageError("--\(option): this belongs to --loss \(needed.rawValue)")
    }
    if given.contains("labels"), request.condition != .sgan {
      throw UsageError("--labels: this belongs to --condition sgan")
    }
    if given.contains("codes"), request.condition != .infogan {
      throw UsageError("--codes: this belongs to --condition infogan")
    }
    let isRMSprop = request.decided.adversaries.optimizer == .rmsprop
    for option in ["beta1", "beta2"] where given.contains(option) && isRMSprop {
      throw UsageError("--\(option): this belongs to --optimizer adam")
    }
  }
}
