import Datasets
import Foundation
import Models
import Synthesis
import Training
import Translation

typealias DCGANTrainOptions = GANTrainOptions<DCGANKind>
typealias MLPTrainOptions = GANTrainOptions<MLPKind>

/// What `dcgan train` and `gan train` can be told.
struct GANTrainOptions<Kind: GANKind>: RunOptions {
  var request = GANRequest(Kind.model)
  var call = RunCallOptions(name: Kind.model.rawValue)
  var compute = ComputeOptions()
  var workers = WorkerOptions()
  var cache = CacheSize.automatic
  var console = ConsoleOptions()
  /// As given: one folder, or none to resume.
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

  /// Of fully connected networks; 1 for those that have none.
  var hidden: LayerWidths {
    get {
      guard case .mlp(let hidden) = configuration.networks.architecture, !hidden.isEmpty else {
        return LayerWidths([1])
      }
      return LayerWidths(hidden)
    }
    set { configuration.networks.architecture = .mlp(hidden: newValue.widths) }
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
      groups: [run, images, length, networks, losses, tricks],
      examples: [
        "train datasets/faces --name faces",
        "train datasets/cifar-10-batches-bin --class frog --name frogs",
        "train --name faces --resume --epochs 150",
      ])
  }

  var hasData: Bool { !data.isEmpty }

  func copyData(to other: inout Self) {
    other.configuration.data.path = configuration.data.path
  }

  mutating func makeDataAbsolute() {
    configuration.data.path = absolutePath(configuration.data.path)
  }

  /// A run that is resumed brings its own configuration, so that only `adopt` can check the result.
  mutating func complete(given: Set<String>) throws(UsageError) {
    try call.check()
    configuration.data.path = data.first ?? ""
    if call.resume { return }
    guard hasData else {
      throw UsageError(
        "\(Kind.model.rawValue) train needs <data>: a folder of images, of MNIST's files or of "
          + "CIFAR-10's batches",
        hint: "usage: cyclegan \(Kind.model.rawValue) \(Self.syntax.usage[0])")
    }
    try checkUse(of: given)
    try Self.check(request)
  }
}

/// What distinguishes `dcgan` from `gan` on the command line.
protocol GANKind: Sendable {
  static var model: GANConfiguration.Model { get }
  /// For the list of the tool's commands.
  static var groupSummary: String { get }
  /// For the list of commands and the head of the help.
  static var trainSummary: String { get }
  static var trainDiscussion: String { get }
  /// Rows of the table that only this kind has.
  static var networkRows: [Option<GANTrainOptions<Self>>] { get }
}

/// Convolutional networks.
enum DCGANKind: GANKind {
  static let model = GANConfiguration.Model.dcgan
  static let groupSummary = "trains a DCGAN and generates images from noise"
  static let trainSummary = "trains a generator of images on a folder, MNIST or CIFAR-10"
  static let trainDiscussion = """
    Trains a DCGAN: a generator of images from noise and a discriminator that tells them from real \
    ones. The run's weights, samples and metrics go to <checkpoints-dir>/<name>.
    """

  static var networkRows: [Option<GANTrainOptions<DCGANKind>>] {
    [
      .value(
        "filters", "count",
        "channels of the layers next to the image; they double each time the side halves",
        \.filters, in: 1...4096),
      .choice(
        "discriminator-norm", "kind",
        "normalization in the discriminator", \.request.discriminatorNormalization,
        default: GANTrainOptions<Self>.byLoss(\.discriminatorNormalization, \.rawValue)),
    ]
  }
}

/// Fully connected networks.
enum MLPKind: GANKind {
  static let model = GANConfiguration.Model.gan
  static let groupSummary = "does the same with the original, fully connected GAN"
  static let trainSummary = "trains the original, fully connected GAN on the same data"
  static let trainDiscussion = """
    Trains the original GAN, whose two networks are fully connected. The run's weights, samples and \
    metrics go to <checkpoints-dir>/<name>.
    """

  static var networkRows: [Option<GANTrainOptions<MLPKind>>] {
    [
      .value(
        "hidden", "widths",
        "widths of the generator's hidden layers, such as 256,512; the discriminator has them in reverse",
        \.hidden)
    ]
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
          \.request.size, in: 2...1024,
          default: "28, 32 or 64, depending on the data"),
        .value(
          "channels", "count", "1 (gray) or 3 (color)", \.request.channels, in: 1...3,
          default: "as in the data"),
        .value(
          "class", "name", "train on this class only, given by name or number",
          \.configuration.data.className),
        .value(
          "max-images", "count", "use at most this many images", \.configuration.data.maximumImages,
          in: 1...1_000_000_000, default: "all"),
        .value(
          "background", "color", "color behind transparent pixels", \.configuration.data.background),
      ],
      .embedded(\.configuration.data.reading),
      [
        .flag(
          "strict", "stop at an image that cannot be used, instead of leaving it out",
          \.configuration.data.strict)
      ])
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
          default: byLoss(\.learningRate, plain)
        ).alias("learning-rate"),
        .value(
          "generator-lr", "rate", "learning rate of the generator",
          \.request.generatorLearningRate, in: Bounds.above(0), default: "as --lr"
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
          \.configuration.networks.latent,
          in: 1...65536),
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
          \.request.discriminatorDropout, in: 0..<1, default: "as --dropout"
        ).alias("dropout-d"),
        .value(
          "ema", "decay", "decay rate of the moving average of the generator's weights",
          \.configuration.adversaries.averageDecay, in: 0..<1),
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

extension GANTrainOptions {
  static func facts(about configuration: GANConfiguration) -> [[String]] {
    [
      ["Generator", configuration.networks.summary],
      ["Loss", configuration.losses.loss.rawValue],
    ]
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
    if configuration.networks.channels == 2 {
      throw UsageError("--channels: 2 is not possible; it must be 1 or 3")
    }
    try configuration.optimization.checkBatchNorm(isUsed: configuration.model == .dcgan)
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

/// Widths of hidden layers as they are typed: "256,512".
struct LayerWidths: OptionValue, Equatable {
  static var kind: String { "a list of widths from 1 to \(largest), such as 256,512" }

  /// At least one.
  let widths: [Int]

  private static let largest = 65536
  private static let mostLayers = 64

  /// Traps on an empty list.
  init(_ widths: [Int]) {
    precondition(!widths.isEmpty, "no hidden layer")
    self.widths = widths
  }

  init?(optionText text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    guard numbers.count == parts.count, (1...Self.mostLayers).contains(numbers.count),
      numbers.allSatisfy((1...Self.largest).contains)
    else { return nil }
    widths = numbers
  }

  var optionText: String { Self.text(of: widths) }

  static func text(of widths: [Int]) -> String {
    widths.map(String.init).joined(separator: ",")
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

extension Subcommand {
  /// The two commands of a kind of GAN under its name.
  static func gan<Kind: GANKind>(_ kind: Kind.Type) -> Subcommand {
    .group(
      kind.model.rawValue, kind.groupSummary,
      [
        .command(GANTrainOptions<Kind>.self, GANTrainCommand.run),
        .command(GANGenerateOptions<Kind>.self, GANGenerateCommand.run),
      ])
  }
}
