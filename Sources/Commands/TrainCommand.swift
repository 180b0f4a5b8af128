import Datasets
import Files
import Foundation
import Synthesis
import Torch
import Training
import Translation

/// What `train` can be told.
struct TrainOptions: RunOptions {
  var request = CycleGANRequest()
  var call = RunCallOptions(name: "cyclegan")
  var compute = ComputeOptions()
  var workers = WorkerOptions()
  var cache = CacheSize.automatic
  var console = ConsoleOptions()
  var reference = ReferenceTrainSettings()
  /// As given: two folders, or one with trainA and trainB in it, or none to resume.
  var folders: [String] = []

  private var shownChannels: ShownChannels? {
    get { configuration.data.shownChannels.map(ShownChannels.init) }
    set { configuration.data.shownChannels = newValue?.channels }
  }

  private var heldOutShare: Share {
    get { Share(percent: configuration.data.heldOutPercent) }
    set { configuration.data.heldOutPercent = newValue.percent }
  }

  static let memoryAdvice = "lower --crop-size, --batch-size or --generator-filters"

  static let syntax = CommandSyntax<TrainOptions>(
    name: "train",
    summary: "trains a CycleGAN on two folders of images, without pairs",
    usage: ["train <folderA> <folderB> [options]", "train <root> [options]"],
    discussion: """
      Trains a CycleGAN: two networks that translate images of A into images of B and back. The \
      run's weights, samples and metrics go to <checkpoints-dir>/<name>.
      """,
    positionals: [
      .several(
        "<folderA> <folderB>",
        "folders of JPEG, PNG, TIFF and WebP images, searched with their subfolders; or one folder that "
          + "contains trainA and trainB. Not needed with --resume.",
        \.folders, count: 0...2)
    ],
    groups: [run, length, networks, losses, images, validation],
    examples: [
      "train photos paintings --name monet",
      "train datasets/horse2zebra --crop-size 128 --load-size 143",
      "train --name monet --resume --epochs 150",
    ])

  private static let run = OptionSection<TrainOptions>(
    "run",
    .embedded(\.call),
    [
      .choice(
        "preset", "name",
        "defaults of --skips, --upsampling and --ema-window: improved, or exactly the reference's training",
        \.request.preset)
    ],
    .embedded(RunCallOptions.initFrom("net_G_A, net_G_B, net_D_A, net_D_B"), at: \.call),
    [.value("seed", "number", "the same seed gives the same run", \.configuration.seed, in: 0...)],
    .embedded(\.compute), .embedded(\.workers), .embedded(\.cache),
    .embedded(\.configuration.optimization.precision),
    .embedded(RunSchedule.outputRows, at: \.configuration.schedule),
    .embedded(\.console), .embedded(\.reference), ReferenceOption.answered(.train))

  private static let length = OptionSection<TrainOptions>(
    "length and learning rate",
    .embedded(RunSchedule.lengthRows, at: \.configuration.schedule),
    .embedded(RunCallOptions.steps, at: \.call),
    [
      .value(
        "batch-size", "count", "images of each domain in one step", \.configuration.data.batchSize,
        in: 1...4096
      ).alias("batchsize")
    ],
    .embedded(OptimizationSettings.batchRows, at: \.configuration.optimization),
    [
      .value(
        "lr", "rate", "learning rate of Adam", \.configuration.optimization.learningRate,
        in: Bounds.above(0)
      ).alias("learning-rate"),
      .value(
        "beta1", "factor", "decay rate of Adam's mean of the gradient",
        \.configuration.optimization.beta1,
        in: 0..<1),
      .value(
        "beta2", "factor", "decay rate of Adam's mean of the squared gradient",
        \.configuration.beta2, in: 0..<1),
      .value(
        "discriminator-lr", "rate", "learning rate of the discriminators",
        \.configuration.discriminatorLearningRate, in: Bounds.above(0), default: "that of --lr"),
    ],
    .embedded(\.configuration.optimization.policy),
    [
      .value(
        "ema-window", "share",
        "share of the steps done that the averaged generators reach back over; 0 averages none",
        \.request.averageWindow, in: 0...1, default: "by --preset")
    ])

  private static let networks = OptionSection<TrainOptions>(
    "networks",
    .embedded(CycleGANRequest.networkRows(preset: nil), at: \.request))

  private static let losses = OptionSection<TrainOptions>(
    "losses",
    [
      .choice(
        "gan-loss", "name", "adversarial loss", \.configuration.losses.adversary,
        among: LossSettings.adversaries, synonyms: ["wgangp": .wganGP]
      ).alias("gan-mode"),
      .value(
        "lambda-a", "weight", "weight of the cycle loss from A to B to A",
        \.configuration.losses.cycleWeightA, in: 0...),
      .value(
        "lambda-b", "weight", "weight of the cycle loss from B to A to B",
        \.configuration.losses.cycleWeightB, in: 0...),
      .value(
        "lambda-identity", "weight",
        "weight of the identity loss, as a multiple of the cycle loss; 0 turns it off",
        \.configuration.losses.identityWeight, in: 0...),
      .value(
        "identity-every", "steps",
        "look at the identity loss in every n-th step, with n times its weight",
        \.configuration.losses.identityEvery, in: 1...1000),
      .value(
        "cycle-decay", "share",
        "share of the cycle weights that is lost evenly from the first epoch to the last",
        \.configuration.losses.cycleDecay, in: 0...1),
      .value(
        "gradient-penalty", "weight",
        "weight of the squared slope of the discriminators between real images and fakes, with lsgan",
        \.configuration.losses.gradientPenalty, in: 0...),
      .value(
        "penalty-every", "steps",
        "look at the gradient penalty in every n-th step, with n times its weight",
        \.configuration.losses.penaltyEvery, in: 1...1000),
      .value(
        "pool-size", "count", "earlier fakes that each discriminator sees again",
        \.configuration.losses.poolSize, in: 0...100_000),
    ])

  private static let images = OptionSection<TrainOptions>(
    "images",
    [
      .choice(
        "preprocess", "way", "how images are resized and cropped",
        \.configuration.data.preprocessing
      ).alias("resize-or-crop"),
      .value(
        "load-size", "pixels", "side or width that images are resized to",
        \.configuration.data.loadSize, in: 1...sideLimit
      ).alias("loadsize"),
      .value(
        "crop-size", "pixels", "side of the square crops", \.configuration.data.cropSize,
        in: 1...sideLimit
      ).alias("finesize"),
      .flag("no-flip", "do not mirror images at random", \.configuration.data.flip, sets: false),
      .flag(
        "serial", "take the images of A and B in sorted order, not at random",
        \.configuration.data.serial
      ).alias("serial-batches"),
      .value(
        "max-images", "count", "use at most this many images of each folder",
        \.configuration.data.maximumImages,
        in: 1...1_000_000_000, default: "all"
      ).alias("max-dataset-size"),
      .value(
        "background", "color", "color behind transparent pixels", \.configuration.data.background),
    ],
    .embedded(\.configuration.data.reading),
    [
      .value(
        "range-a", "low..high",
        "values of A's files that are black and white, such as 0..4095 or 1%..99% (default: the ends "
          + "of each file's type; floats have none)", \.request.rangeA),
      .value("range-b", "low..high", "the same for B", \.request.rangeB),
      .value(
        "show-channels", "channels",
        "three channels that sample sheets show as red, green and blue, such as 4,3,2 (default: all, in "
          + "gray)", \.shownChannels),
      .flag(
        "strict", "stop at an image that cannot be used, instead of leaving it out",
        \.configuration.data.strict),
    ])

  private static let validation = OptionSection<TrainOptions>(
    "images that are not trained on",
    [
      .value(
        "test-a", "folder",
        "images of A for sample sheets (default: testA beside trainA, then those of validation)",
        \.configuration.data.testA),
      .value("test-b", "folder", "the same for B", \.configuration.data.testB),
      .value(
        "validation-a", "folder",
        "images of A that snapshots are measured on (default: those of --hold-out, then those of sample sheets)",
        \.configuration.data.validationA),
      .value("validation-b", "folder", "the same for B", \.configuration.data.validationB),
      .value(
        "hold-out", "share",
        "share of both folders' images that is not trained on but used for validation, such as 5%",
        \.heldOutShare),
      .value(
        "validate-every", "epochs",
        "epochs between validations, which take about a twentieth of the time at most; 0 for none",
        \.request.validateEvery, in: 0...1_000_000,
        default: "5, where there are images for it"),
      .choice(
        "best-by", "measure",
        "what the best snapshot has: the smallest distance to the images of the other domain, the most edges in "
          + "their places, or the best ranks in both", \.configuration.validation.criterion),
    ])

  private static let sideLimit = 32768
}

extension TrainOptions {
  /// Turns the folders into the configuration's two, and checks the options against one another.
  ///
  /// A run that is resumed brings its own configuration, so that only `adopt` can check the result.
  mutating func complete(given: Set<String>) throws(UsageError) {
    try call.check()
    try reference.apply(to: &self)
    if call.resume {
      if given.contains("preset") {
        throw UsageError("--preset: a resumed run has its settings; it is for new runs")
      }
      fillFolders()
      return
    }
    guard !folders.isEmpty else {
      throw UsageError(
        "train needs <folderA> and <folderB>, or one folder with trainA and trainB in it",
        hint: "usage: cyclegan \(Self.syntax.usage[0])")
    }
    fillFolders()
    try checkRoot()
    try checkUse(of: given)
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

  /// Throws an error for one folder of images, where a second one was forgotten.
  private func checkRoot() throws(UsageError) {
    guard folders.count == 1, FileKind(of: URL(fileURLWithPath: folders[0])) == .folder else {
      return
    }
    let sides = [configuration.data.folderA, configuration.data.folderB]
    guard sides.allSatisfy({ FileKind(of: URL(fileURLWithPath: $0)) == nil }) else { return }
    throw UsageError(
      "\(folders[0]): there is no trainA and no trainB in it, and a second folder is missing",
      hint: "usage: cyclegan \(Self.syntax.usage[0])")
  }

  var hasData: Bool { !folders.isEmpty }

  func copyData(to other: inout TrainOptions) {
    other.configuration.data.folderA = configuration.data.folderA
    other.configuration.data.folderB = configuration.data.folderB
  }

  mutating func makeDataAbsolute() {
    for path in [\DataSettings.folderA, \.folderB] {
      configuration.data[keyPath: path] = absolutePath(configuration.data[keyPath: path])
    }
    for path in [\DataSettings.testA, \.testB, \.validationA, \.validationB] {
      configuration.data[keyPath: path] = configuration.data[keyPath: path].map(absolutePath)
    }
  }

  static func facts(about configuration: CycleGANConfiguration) -> [[String]] {
    [
      ["Generators", configuration.networks.generatorAB.summary],
      ["Adversarial loss", configuration.losses.adversary.rawValue],
    ]
  }

  static let uses: [(title: String, command: String, arguments: [String])] = [
    ("Translate images of A", "translate", ["photos", "--output", "translated"]),
    (
      "Translate images of B", "translate",
      ["photos", "--direction", "b-to-a", "--output", "translated"]
    ),
    ("Give it to other programs", "export", ["--format", "onnx"]),
  ]
}

/// `cyclegan train`: starts a run, or goes on with one.
enum TrainCommand {
  static func run(
    _ invocation: Invocation<TrainOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    try RunCommand.train(CycleGANTask.self, invocation, command: "train", context)
  }
}
