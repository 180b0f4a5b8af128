import Datasets
import Foundation
import Models
import Synthesis
import Training
import Translation
import Wording

typealias DCGANTrainOptions = GANTrainOptions<DCGANKind>
typealias MLPTrainOptions = GANTrainOptions<MLPKind>

/// What `dcgan train` and `gan train` can be told.
struct GANTrainOptions<Kind: GANKind>: SquareRunOptions {
  var request = GANRequest(Kind.model)
  var call = RunCallOptions(name: Kind.model.rawValue)
  var compute = ComputeOptions()
  var workers = WorkerOptions()
  var cache = CacheSize.automatic
  var console = ConsoleOptions()
  var data: [String] = []

  static var memoryAdvice: String {
    Kind.model == .dcgan ? "lower --size, --batch-size or --filters" : "lower --size or --hidden"
  }

  /// Of a DCGAN; 1 for networks that have none.
  var filters: Int {
    get {
      if case .dcgan(let filters) = configuration.networks.architecture { filters } else { 1 }
    }
    set { configuration.networks.architecture = .dcgan(filters: newValue) }
  }

  /// Of fully connected networks.
  var hidden: LayerWidths? {
    get { request.hidden.flatMap { $0.isEmpty ? nil : LayerWidths($0) } }
    set { request.hidden = newValue?.widths }
  }

  static var syntax: CommandSyntax<Self> {
    CommandSyntax(
      name: "train",
      summary: Kind.trainSummary,
      usage: ["train <data> [options]"],
      discussion: Kind.trainDiscussion,
      positionals: [
        .several(
          "<data>",
          "a folder of JPEG, PNG and WebP images, whose subfolders are classes; or one with MNIST's four "
            + "files or CIFAR-10's binary batches. Not needed with --resume.",
          \.data, count: 0...1)
      ],
      groups: [run, images, length, networks, family, losses, tricks],
      examples: [
        "train datasets/faces --name faces",
        "train datasets/cifar-10-batches-bin --class frog --name frogs",
        "train datasets/mnist --condition cgan --name digits",
        "train --name faces --resume --epochs 150",
      ])
  }

  mutating func complete(given: Set<String>) throws(UsageError) {
    guard try takeData(Kind.model.rawValue) else { return }
    if given.isDisjoint(with: ["epochs", "decay-epochs"]),
      let epochs = ConditionDefaults(request.condition, Kind.model).decayEpochs
    {
      configuration.schedule.decayEpochs = epochs
    }
    // What is asked of both networks comes before a default of one.
    if given.contains("dropout") {
      request.discriminatorDropout = request.discriminatorDropout ?? configuration.dropout
    }
    try checkUse(of: given)
    try Self.check(request)
  }
}

extension GANTrainOptions {
  static var run: OptionSection<Self> {
    OptionSection(
      "run",
      .embedded(\.call),
      .embedded(RunCallOptions.initFrom("net_G, net_D, net_G_ema"), at: \.call),
      [
        .value("seed", "number", "the same seed gives the same run", \.configuration.seed, in: 0...)
      ],
      .embedded(\.compute), .embedded(\.workers), .embedded(\.cache),
      .embedded(\.configuration.optimization.precision),
      .embedded(RunSchedule.outputRows, at: \.configuration.schedule),
      .embedded(\.console))
  }

  static var images: OptionSection<Self> {
    OptionSection(
      "images",
      [
        .value(
          "size", "pixels",
          "side of the square images, those of the data and those generated"
            + (Kind.model == .dcgan ? ": 28, 32, 64 or 128" : ""),
          \.request.size, in: NetworkLimits.sizes,
          default: (Kind.model == .gan ? "the data's below 28; else " : "")
            + "28, 32 or 64, depending on the data"),
        .value(
          "channels", "count", "1 (gray) or 3 (color)", \.request.channels, in: 1...3,
          default: "as in the data"),
      ] + dataRows)
  }

  /// What a setting is by default, and for which losses it is something else: "0.5; 0 for wgan-gp".
  static func byLoss<Value: Equatable>(
    _ setting: (AdversarialLoss.TrainingDefaults) -> Value, _ text: (Value) -> String
  ) -> String {
    let usual = setting(Self().configuration.losses.loss.trainingDefaults)
    var others: [(value: Value, losses: [String])] = []
    for loss in AdversarialLoss.allCases {
      let value = setting(loss.trainingDefaults)
      if value == usual { continue }
      if let index = others.firstIndex(where: { $0.value == value }) {
        others[index].losses.append(loss.rawValue)
      } else {
        others.append((value, [loss.rawValue]))
      }
    }
    let words = others.map { "\(text($0.value)) for \($0.losses.joined(separator: " and "))" }
    return ([text(usual)] + words).joined(separator: "; ")
  }

  /// "0.00005", for which a number's own text is "5e-05".
  private static func plain(_ number: Double) -> String {
    Decimal(string: number.optionText)?.description ?? number.optionText
  }

  static var length: OptionSection<Self> {
    OptionSection(
      "length and learning rate",
      .embedded(RunSchedule.lengthRows, at: \.configuration.schedule),
      .embedded(RunCallOptions.steps, at: \.call),
      [
        .value(
          "batch-size", "count", "images in one step", \.configuration.data.batchSize, in: 1...4096)
      ],
      .embedded(OptimizationSettings.batchRows, at: \.configuration.optimization),
      [
        .choice(
          "optimizer", "name", "optimizer of both networks", \.request.optimizer,
          default: byLoss(\.optimizer, \.rawValue)),
        .value(
          "lr", "rate",
          "learning rate of both networks", \.request.learningRate, in: Bounds.above(0),
          default: words(byLoss(\.learningRate, plain)) { $0.learningRate.map(plain) }
        ).alias("learning-rate"),
        .value(
          "generator-lr", "rate", "learning rate of the generator",
          \.request.generatorLearningRate, in: Bounds.above(0),
          default: rateWords
        ).alias("lr-g"),
        .value(
          "discriminator-lr", "rate", "learning rate of the discriminator",
          \.request.discriminatorLearningRate, in: Bounds.above(0),
          default: "as --lr"
        ).alias("lr-d"),
        .value(
          "beta1", "factor", "decay rate of Adam's mean of the gradient",
          \.request.beta1,
          in: 0..<1, default: byLoss(\.beta1, \.optionText)),
        .value(
          "beta2", "factor", "decay rate of Adam's mean of the squared gradient",
          \.request.beta2,
          in: 0..<1, default: byLoss(\.beta2, \.optionText)),
      ],
      .embedded(\.configuration.optimization.policy),
      [
        .value(
          "critic-steps", "count", "discriminator steps for each generator step",
          \.request.criticSteps, in: 1...1000,
          default: byLoss(\.criticSteps, \.optionText))
      ])
  }

  static var networks: OptionSection<Self> {
    OptionSection(
      "networks",
      Kind.networkRows + [
        .value(
          "latent", "count", "length of the random vector that an image is generated from",
          \.request.latent, in: NetworkLimits.widths, default: latentWords),
        .choice(
          "latent-distribution", "kind", "distribution of the random vectors",
          \.configuration.latentDistribution),
        .value(
          "dropout", "share", "share of hidden values set to 0 in both networks",
          \.configuration.dropout,
          in: 0..<1),
        .value(
          "generator-dropout", "share", "the same in the generator",
          \.request.generatorDropout,
          in: 0..<1, default: "as --dropout"
        ).alias("dropout-g"),
        .value(
          "discriminator-dropout", "share", "the same in the discriminator",
          \.request.discriminatorDropout, in: 0..<1,
          default: "as --dropout" + (Kind.model == .gan ? "; 0.5 for cgan without --hidden" : "")
        ).alias("dropout-d"),
        .value(
          "ema", "decay", "decay rate of the moving average of the generator's weights",
          \.configuration.adversaries.averageDecay, in: 0..<1),
      ])
  }

  /// The latent's length by default, and for which conditions it is another.
  private static var latentWords: String {
    let usual = Self().configuration.networks.latent
    return words("\(usual)") { $0.latent.map(String.init) }
  }

  /// The generator's rate where a condition has one of its own; see `ConditionDefaults`.
  private static var rateWords: String {
    // began goes with no condition.
    let own = AdversarialLoss.allCases.filter { loss in
      loss != .began
        && SampleCondition.Kind.allCases.allSatisfy {
          ConditionDefaults($0, Kind.model, loss).generatorLearningRate == nil
        }
    }
    return words("as --lr") { $0.generatorLearningRate.map(plain) }
      + "; with \(listed(own.map(\.rawValue))) as --lr"
  }

  /// A default, and what conditions have instead.
  static func words(
    _ usual: String, _ setting: (ConditionDefaults) -> String?
  ) -> String {
    let others = SampleCondition.Kind.allCases.compactMap { kind in
      setting(ConditionDefaults(kind, Kind.model)).map { "\($0) for \(kind.rawValue)" }
    }
    return ([usual] + others).joined(separator: "; ")
  }

  /// What sgan takes where no length is given.
  private static var decayWords: String {
    ConditionDefaults(.sgan, Kind.model).decayEpochs.map { " (--decay-epochs \($0))" } ?? ""
  }

  static var family: OptionSection<Self> {
    OptionSection(
      "classes and codes",
      [
        .choice(
          "condition", "kind",
          "what the networks know beside images: cgan, their classes; acgan, the same, and the discriminator names "
            + "them; infogan, codes that come to mean something; sgan, the classes of few"
            + decayWords,
          \.request.condition, default: "none"),
        .value(
          "codes", "list",
          "infogan's codes: a number for one of so many, u for a number from -1 to 1",
          \.request.codes),
        .value(
          "labels", "count",
          "images whose classes sgan is told, as many of each, drawn by the seed",
          \.configuration.data.labels, in: 2...1_000_000_000, default: "all"),
      ])
  }

  static var losses: OptionSection<Self> {
    OptionSection(
      "losses",
      [
        .choice(
          "loss", "name", "adversarial loss", \.configuration.losses.loss,
          synonyms: ["wgangp": .wganGP]),
        .value("lsgan-a", "label", "label of fakes in lsgan", \.configuration.losses.lsganA),
        .value(
          "lsgan-b", "label", "label of real images in lsgan", \.configuration.losses.lsganB),
        .value(
          "lsgan-c", "label", "target label of lsgan's generator", \.configuration.losses.lsganC),
        .value(
          "weight-clip", "bound", "limit of the weights of wgan's discriminator",
          \.configuration.losses.weightClip, in: Bounds.above(0)),
        .value(
          "gradient-penalty", "weight", "weight of wgan-gp's gradient penalty",
          \.configuration.losses.penaltyWeight, in: 0...),
        .value(
          "began-gamma", "ratio", "began's diversity: target ratio of L(G(z)) to L(x)",
          \.configuration.losses.beganDiversity, in: 0...1),
        .value(
          "began-lambda", "rate", "step size of began's k", \.configuration.losses.beganRate,
          in: 0...1),
      ])
  }

  static var tricks: OptionSection<Self> {
    OptionSection(
      "stabilization (label options only with vanilla, saturating and lsgan)",
      [
        .value(
          "label-smoothing", "amount",
          "lower the label of real images by this in the discriminator's loss; 0.1 without a value",
          \.configuration.losses.labelSmoothing, in: 0..<1
        ).alone("0.1"),
        .value(
          "label-noise", "share",
          "share of labels swapped in the discriminator's loss; 0.05 without a value",
          \.configuration.losses.labelNoise, in: 0...0.5
        ).alone("0.05"),
        .flag(
          "flip-labels", "swap the labels of real images and fakes in both losses",
          \.configuration.losses.flipLabels),
        .value(
          "clip-gradients", "norm", "limit of the norm of each network's gradient",
          \.configuration.adversaries.gradientClip, in: Bounds.above(0), default: "none"
        ).alias("gradient-clip"),
        .flag(
          "joint-batches", "judge real images and fakes in one batch instead of two",
          \.configuration.losses.jointBatches),
      ])
  }
}

/// `cyclegan dcgan train` and `cyclegan gan train`.
enum GANTrainCommand {
  static func run<Kind: GANKind>(
    _ invocation: Invocation<GANTrainOptions<Kind>>, _ context: CommandContext
  ) throws -> ExitCode {
    try RunCommand.train(
      GANTask.self, invocation, command: "\(Kind.model.rawValue) train", context)
  }
}
