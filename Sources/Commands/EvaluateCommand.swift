import Evaluation
import Files
import Foundation
import Imaging
import Torch
import Training
import Translation
import Wording

/// What `evaluate` can be told.
struct EvaluateOptions: CommandOptions {
  /// Two folders, of translated and of real images; or one model.
  var inputs: [String] = []
  /// The domains' folders, for a model.
  var folderA: String?
  var folderB: String?
  /// `nil` takes the best by validation, else the latest.
  var epoch: WeightsFolder.Epoch?
  /// Takes the averaged generators of a run.
  var averaged = true
  var features: String?
  var input: FeatureNetwork.Input?
  var lpips: String?
  var json = false
  /// How images are evaluated; `device` and `workers` are filled in by the command.
  var settings = EvaluationSettings()
  var precision = OptimizationSettings.Precision.auto
  /// Of each folder; `nil` for all.
  var maximumImages: Int?
  var usesCache = true
  var compute = ComputeOptions()
  var workers = WorkerOptions()
  var console = ConsoleOptions()

  static let memoryAdvice = "lower --batch-size, --size or --max-images"

  static let syntax = CommandSyntax<EvaluateOptions>(
    name: "evaluate",
    summary: "compares translated images with real ones: FID, KID and others",
    usage: [
      "evaluate <translated> <real> [options]",
      "evaluate <model> --a <folder> --b <folder> [options]",
    ],
    discussion: """
      Compares two folders of images, or what a trained generator makes of one domain with the other, both ways \
      where there are both generators. Every number comes with how far it may be off. Without --features the \
      images are compared by their patches; FID and KID need a file with a network.
      """,
    positionals: [
      .several(
        "<input>...", "two folders; or one run, snapshot or weights file", \.inputs, count: 1...2)
    ],
    groups: [
      OptionSection(
        "what is compared",
        [
          .value("a", "folder", "images of domain A, for a model", \.folderA),
          .value("b", "folder", "images of domain B, for a model", \.folderB),
          .value(
            "epoch", "epoch",
            WeightsFolder.Epoch.help,
            \.epoch),
          .flag(
            "no-ema", "use the weights of the last step, not their moving average", \.averaged,
            sets: false),
          .value(
            "size", "pixels", "resize so that the shorter side has this length", \.settings.size,
            in: 16...32768, default: "the image's own size"),
          .value(
            "max-images", "count", "take only the first images of each folder", \.maximumImages,
            in: 1...1_000_000_000, default: "all"),
        ],
        .embedded(\.settings.reading)),
      OptionSection(
        "measures",
        [
          .value(
            "features", "file",
            "network for FID and KID: inception-2015-12-05.pt, "
              + "pt_inception-2015-12-05-6726825d.pth, or any TorchScript module, whose code is run by libtorch",
            \.features),
          .choice(
            "features-input", "kind",
            "what a TorchScript module takes: uint8 of 0 to 255, or float32 of 0 to 1, -1 to 1 or 0 to 255",
            \.input, default: "bytes"),
          .value(
            "lpips", "file",
            "TorchScript module for LPIPS of pairs: vgg16.pt, or one that takes two images", \.lpips
          ),
          .value(
            "kid-subset-size", "count", "images in each subset for KID",
            \.settings.comparison.subsetSize, in: 2...1_000_000,
            default: "half of the smaller set, at most 1000"),
          .value(
            "kid-subsets", "count", "subsets for KID", \.settings.comparison.subsets, in: 1...10000),
          .value(
            "seed", "number", "for subsets, patches and resamples", \.settings.comparison.seed),
          .flag(
            "no-cache",
            "neither read nor keep statistics of real images in $XDG_CACHE_HOME/cyclegan or ~/.cache/cyclegan",
            \.usesCache, sets: false),
          .flag("json", "write JSON, for programs", \.json),
        ]),
      OptionSection(
        "computing",
        [
          .value(
            "batch-size", "count", "images of one size that go through a network together",
            \.settings.batchSize, in: 1...4096)
        ],
        .embedded(\.compute), .embedded(\.workers), .embedded(\.precision), .embedded(\.console)),
    ],
    examples: [
      "evaluate paintings datasets/monet/testB",
      "evaluate checkpoints/monet --a photos --b paintings --json",
    ])

  mutating func complete(given: Set<String>) throws(UsageError) {
    let usage = "usage: cyclegan \(Self.syntax.usage[0])\n       cyclegan \(Self.syntax.usage[1])"
    if inputs.count == 2 {
      for option in ["a", "b", "epoch", "no-ema"] where given.contains(option) {
        throw UsageError("--\(option): this has no effect on two folders", hint: usage)
      }
    } else if folderA == nil || folderB == nil {
      throw UsageError(
        "one model needs --a and --b, the folders of both domains; without a model there are two folders",
        hint: usage)
    }
    if features == nil, given.contains("features-input") {
      throw UsageError("--features-input: this has no effect without --features")
    }
  }
}

/// `cyclegan evaluate`: how good translations are.
enum EvaluateCommand {
  static func run(
    _ invocation: Invocation<EvaluateOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    let device = try options.compute.prepareDevice()
    for path in options.inputs where options.inputs.count == 2 {
      // Its sample sheets are images, too.
      guard FileKind(of: RunFolder(URL(fileURLWithPath: path)).configuration) == nil else {
        throw UsageError(
          "\(path) is a run, not a folder of images: evaluate \(path) --a <folder> --b <folder>")
      }
    }
    func folder(_ path: String) throws(FileError) -> EvaluatedFolder {
      let found = try EvaluatedFolder(
        URL(fileURLWithPath: path), most: options.maximumImages, reading: options.settings.reading)
      if let warning = found.warning { console.warning(warning) }
      return found
    }
    let paths =
      options.inputs.count == 2
      ? options.inputs : [options.folderA, options.folderB].compactMap { $0 }
    let folders = try paths.map { path throws(FileError) in try folder(path) }

    var settings = options.settings
    settings.device = device
    settings.workers = options.workers.count
    let network = try options.features.map { path throws(FileError) in
      try FeatureNetwork(URL(fileURLWithPath: path), input: options.input, on: device)
    }
    if let network { console.notice("\(network.url.relativePath): \(network.summary)") }
    let perceptual = try options.lpips.map { path throws(FileError) in
      try PerceptualDistance(URL(fileURLWithPath: path), on: device)
    }
    let cache =
      options.usesCache ? StatisticsCache(environment: ProcessInfo.processInfo.environment) : nil
    let progress = EvaluationProgress(console)
    let evaluator = Evaluator(
      settings: settings, network: network, perceptual: perceptual, cache: cache,
      report: progress.take)
    let comparisons: [Comparison]
    if options.inputs.count == 2 {
      comparisons = [try evaluator.compare(folders[0], with: folders[1])]
    } else {
      comparisons = try ways(options, folders, device, console).map(evaluator.evaluate)
    }
    progress.finish()
    let report = EvaluationReport(comparisons: comparisons, network: network)
    console.resultText(options.json ? try report.json() + "\n" : report.text)
    return .success
  }

  /// The ways that a model can go.
  private static func ways(
    _ options: EvaluateOptions, _ folders: [EvaluatedFolder], _ device: Device, _ console: Console
  ) throws -> [Evaluator.Way] {
    let url = try ModelPath.url(options.inputs[0], of: [.translator], for: "evaluate")
    var settings = TranslationSettings()
    settings.device = device
    settings.precision = options.precision
    func model(_ direction: TranslationDirection) throws -> TranslationModel {
      let model = try TranslationModel(
        at: url, direction: direction, epoch: options.epoch, averaged: options.averaged)
      ModelPath.tell(model.file, warnings: model.warnings, notices: model.notices, console)
      console.notice("\(direction.rawValue) with \(model.file.relativePath)")
      return model
    }
    let there = try model(.aToB)
    let forward = Translator(there, settings: settings)
    guard try hasBoth(url, options.epoch) else {
      console.notice("there is one generator, which is taken for A to B")
      return [
        Evaluator.Way(
          key: "a_to_b", translator: forward, back: nil, values: there.values, source: folders[0],
          target: folders[1])
      ]
    }
    let back = try model(.bToA)
    let backward = Translator(back, settings: settings)
    return [
      Evaluator.Way(
        key: "a_to_b", translator: forward, back: backward, values: there.values,
        source: folders[0], target: folders[1]),
      Evaluator.Way(
        key: "b_to_a", translator: backward, back: forward, values: back.values,
        source: folders[1], target: folders[0]),
    ]
  }

  /// Whether there is a generator for each way.
  private static func hasBoth(_ url: URL, _ epoch: WeightsFolder.Epoch?) throws -> Bool {
    let names = TranslationDirection.allCases.map(\.generatorName)
    if FileKind(of: url) == .file {
      let found = try WeightsFile.networks(in: url)
      return names.allSatisfy { NetworkName.first(of: [$0], among: found) != nil }
    }
    return names.allSatisfy { WeightsFolder(url).file(of: $0, at: epoch) != nil }
  }
}

/// Shows what an evaluation is doing.
private final class EvaluationProgress {
  private let console: Console
  private var display: (name: String, progress: ProgressDisplay)?

  init(_ console: Console) { self.console = console }

  func take(_ event: EvaluationEvent) {
    switch event {
    case .progress(let name, let done, let total):
      if display?.name != name {
        finish()
        display = (name, ProgressDisplay(console: console, linesEvery: 100))
      }
      display?.progress.advance([.init(name: name, done: done, total: total)], units: 1)
    case .skipped(let reason): console.warning("\(reason)")
    case .notice(let text): console.notice(text)
    }
  }

  func finish() {
    display?.progress.finish()
    display = nil
  }
}
