import Datasets
import Foundation
import Models
import Synthesis
import Training

/// What `autoencoder train` can be told.
struct AutoencoderTrainOptions: SquareRunOptions {
  var request = AutoencoderRequest()
  var call = RunCallOptions(name: "autoencoder")
  var compute = ComputeOptions()
  var workers = WorkerOptions()
  var cache = CacheSize.automatic
  var console = ConsoleOptions()
  var data: [String] = []

  static let memoryAdvice = "lower --size, --batch-size, --filters or --hidden"

  var hidden: LayerWidths {
    get {
      let widths = configuration.network.hidden
      return LayerWidths(widths.isEmpty ? [1] : widths)
    }
    set { configuration.network.hidden = newValue.widths }
  }

  static let syntax = CommandSyntax<AutoencoderTrainOptions>(
    name: "train",
    summary: "trains an autoencoder on a folder, MNIST or CIFAR-10",
    usage: ["train <data> [options]"],
    discussion: """
      Trains an encoder that makes a few numbers of an image, its code, and a decoder that makes an image of a code. \
      Of a variational one (VAE) a code is a distribution, and a random code decodes to a new image. The log shows \
      the reconstruction and the divergence of codes from N(0, 1) apart, in nats an image. The run's weights, samples \
      and metrics go to <checkpoints-dir>/<name>.
      """,
    positionals: [
      .several(
        "<data>",
        "a folder of JPEG, PNG and WebP images; or one with MNIST's four files or CIFAR-10's binary batches. Not "
          + "needed with --resume.",
        \.data, count: 0...1)
    ],
    groups: [run, images, length, network],
    examples: [
      "train datasets/mnist --name digits --binarize 0.5",
      "train datasets/faces --name faces --size 64 --code 32",
      "train datasets/mnist --name plane --code 2",
      "train --name faces --resume --epochs 150",
    ])

  mutating func complete(given: Set<String>) throws(UsageError) {
    guard try takeData("autoencoder") else { return }
    try decideLayers(given)
    try checkUse(of: given)
    try Self.check(request)
  }

  func checkUse(of given: Set<String>) throws(UsageError) {
    if given.contains("beta"), configuration.network.kind == .plain {
      throw UsageError("--beta: a plain autoencoder's codes have no distribution to weigh")
    }
  }

  /// An option of one kind of layers asks for that kind.
  private mutating func decideLayers(_ given: Set<String>) throws(UsageError) {
    for (option, layers) in [
      ("hidden", AutoencoderConfiguration.Layers.connected), ("filters", .convolutional),
    ] where given.contains(option) {
      if let asked = request.layers, asked != layers {
        throw UsageError("--\(option): this belongs to --layers \(layers.rawValue)")
      }
      request.layers = layers
    }
  }
}

extension AutoencoderTrainOptions {
  private static let run = OptionSection<Self>(
    "run",
    .embedded(\.call),
    .embedded(RunCallOptions.initFrom("net_AE"), at: \.call),
    [
      .value("seed", "number", "the same seed gives the same run", \.configuration.seed, in: 0...)
    ],
    .embedded(\.compute), .embedded(\.workers), .embedded(\.cache),
    .embedded(\.configuration.optimization.precision),
    .embedded(RunSchedule.outputRows, at: \.configuration.schedule),
    .embedded(\.console))

  private static let images = OptionSection<Self>(
    "images",
    [
      .value(
        "size", "pixels",
        "side of the square images; of convolutional layers 28, 32, 64 or 128", \.request.size,
        in: NetworkLimits.sizes,
        default: "the images' own up to 28, else 32 or 64"),
      .value(
        "channels", "count", "1 (gray) or 3 (color)", \.request.channels, in: 1...3,
        default: "as in the data"),
      .value(
        "binarize", "threshold",
        "make values from this on white and the others black, from 0 to 1; what is made of images by the trained "
          + "model does the same; 0.5 without a value",
        \.configuration.threshold, in: Bounds.above(0), default: "off"
      ).alone("0.5"),
    ] + dataRows)

  private static let length = OptionSection<Self>(
    "length and learning rate",
    .embedded(RunSchedule.lengthRows, at: \.configuration.schedule),
    .embedded(RunCallOptions.steps, at: \.call),
    [
      .value(
        "batch-size", "count", "images in one step", \.configuration.data.batchSize, in: 1...4096)
    ],
    .embedded(OptimizationSettings.passRows, at: \.configuration.optimization),
    [
      .value(
        "lr", "rate", "learning rate of Adam", \.configuration.optimization.learningRate,
        in: Bounds.above(0)
      ).alias("learning-rate"),
      .value(
        "beta1", "factor", "decay rate of Adam's mean of the gradient",
        \.configuration.optimization.beta1, in: 0..<1),
      .value(
        "beta2", "factor", "decay rate of Adam's mean of the squared gradient",
        \.configuration.beta2, in: 0..<1),
    ],
    .embedded(\.configuration.optimization.policy))

  private static let network = OptionSection<Self>(
    "autoencoder",
    [
      .choice(
        "kind", "kind", "whether codes are distributions or numbers alone",
        \.configuration.network.kind),
      .value(
        "code", "count", "numbers that an image becomes", \.configuration.network.code,
        in: NetworkLimits.widths
      ).alias("latent"),
      .value(
        "beta", "weight",
        "weight of the divergence of codes from N(0, 1); 1 is the ELBO", \.configuration.beta,
        in: 0...),
      .choice(
        "likelihood", "kind",
        "what values are taken for: bernoulli for black or white, as gray images are by default and those of "
          + "--binarize; gaussian for numbers with one learned deviation, as color images are",
        \.request.likelihood, default: "by the images"),
      .choice(
        "layers", "kind",
        "layers of both networks; connected ones are for images of up to 28 pixels",
        \.request.layers, default: "by --size"),
      .value(
        "hidden", "widths",
        "widths of the encoder's hidden connected layers, such as 512,256; the decoder has them in reverse",
        \.hidden),
      .value(
        "filters", "count",
        "channels of the convolutional layers next to the image; they double each time the side halves",
        \.configuration.network.filters, in: NetworkLimits.filters),
    ])

  static func facts(about configuration: AutoencoderRunConfiguration) -> [[String]] {
    [["Network", configuration.network.summary]]
  }

  static let uses: [(title: String, command: String, arguments: [String])] = [
    (
      "See how well images come back", "autoencoder reconstruct",
      ["images", "--sheet", "pairs.png"]
    ),
    ("Make codes of images", "autoencoder encode", ["images"]),
  ]

  static func check(_ request: AutoencoderRequest) throws(UsageError) {
    let configuration = request.decided
    try checkRanges(request)
    let network = configuration.network
    guard LayerWidths(optionText: LayerWidths.text(of: network.hidden)) != nil else {
      throw UsageError("--hidden: the run's widths cannot be those of layers")
    }
    try check(channels: network.channels)
    if let threshold = configuration.threshold, threshold > 1 {
      throw UsageError("--binarize: \(threshold.optionText) is more than 1, the value of white")
    }
    if configuration.threshold != nil, request.likelihood == .gaussian {
      throw UsageError(
        "--binarize: images of black and white have no density; leave out --likelihood gaussian")
    }
    let sizes = AutoencoderConfiguration.convolutionalSizes
    if let size = request.size, network.layers == .convolutional, !sizes.contains(size) {
      throw UsageError(
        "--size: \(size) is not a size of convolutional layers; 28, 32, 64 and 128 are, and --layers connected "
          + "has any")
    }
    try configuration.schedule.check()
  }
}

/// `cyclegan autoencoder train`.
enum AutoencoderTrainCommand {
  static func run(
    _ invocation: Invocation<AutoencoderTrainOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    try RunCommand.train(
      AutoencoderTask.self, invocation, command: "autoencoder train", context)
  }
}

extension Subcommand {
  static let autoencoder = Subcommand.group(
    "autoencoder", "trains a variational or plain autoencoder and uses it",
    [
      .command(AutoencoderTrainOptions.self, AutoencoderTrainCommand.run),
      .command(AutoencoderGenerateOptions.self, AutoencoderGenerateCommand.run),
      .command(AutoencoderReconstructOptions.self, AutoencoderReconstructCommand.run),
      .command(AutoencoderEncodeOptions.self, AutoencoderEncodeCommand.run),
      .command(AutoencoderEvaluateOptions.self, AutoencoderEvaluateCommand.run),
    ])
}
