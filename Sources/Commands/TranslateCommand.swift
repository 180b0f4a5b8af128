import Files
import Foundation
import Imaging
import Models
import Reporting
import Torch
import Training
import Translation
import Wording

/// What `translate` can be told.
struct TranslateOptions: CommandOptions {
  /// One: a run's folder, a snapshot in it, or a weights file.
  var models: [String] = []
  /// `nil` takes the best by validation, else the latest.
  var epoch: WeightsFolder.Epoch?
  /// Takes the averaged generator of a run.
  var averaged = true
  var reference = ReferenceTestSettings()
  /// The first so many images; `nil` for all.
  var maximumImages: Int?
  /// Files and folders of images.
  var inputs: [String] = []
  /// A file with the names of more images, "-" for the standard input.
  var list: String?
  /// The part of the images that is translated; `nil` where a launcher may choose it.
  var shard: Shard?
  /// The folder the results go to, or for one input its result, or `-`; never empty once the command line is read.
  var output = ""
  var direction = TranslationDirection.aToB
  var format = TranslationFormat.same
  /// How images are read, translated and written; `device` and `workers` are filled in by the command.
  var settings = TranslationSettings()
  var compute = ComputeOptions()
  var workers = WorkerOptions()
  /// Whether images of kinds that cannot be read are an error.
  var strict = false
  var overwrite = false
  var skipExisting = false
  /// A page with all images and their results.
  var gallery: String?
  /// A folder for what the discriminator thinks of the results.
  var confidence: String?
  var console = ConsoleOptions()

  static let memoryAdvice = "lower --tile, --size or --batch-size"

  static let syntax = CommandSyntax<TranslateOptions>(
    name: "translate",
    summary: "translates images with a trained generator",
    usage: [
      "translate <model> <input>... --output <folder> [options]",
      "translate <model> <image> --output <file> [options]",
      "translate <model> --list <file> --output <folder> [options]",
    ],
    discussion: """
      Translates every image and writes it under its own name, at its own size, into the output \
      folder. The result of one image can be a file of another name as well. The paths written go to the \
      standard output. As input or output, - is a pipe with one image.
      """,
    positionals: [
      .several(
        "<model>", "a run's folder, one snapshot in it, or a weights file", \.models, count: 0...1),
      .several(
        "<input>...", "JPEG, PNG, TIFF and WebP images, and folders that are searched for them",
        \.inputs, count: 0...Int.max),
    ],
    groups: [results, images, computing],
    examples: [
      "translate checkpoints/monet photos --output paintings",
      "translate checkpoints/monet a.jpg --output out --direction b-to-a",
      "translate checkpoints/monet photos --output out --shard 0/4",
    ])

  private static let results = OptionSection<TranslateOptions>(
    "results",
    [
      .value(
        "output", "folder", "folder for the translated images, or the file for one (required)",
        \.output
      ).alias("results-dir"),
      .choice(
        "direction", "way", "direction of the translation", \.direction,
        synonyms: ["atob": .aToB, "btoa": .bToA, "a2b": .aToB, "b2a": .bToA]
      ).alias("which-direction"),
      .value(
        "size", "pixels", "resize so that the shorter side has this length", \.settings.size,
        in: 1...32768,
        default: "the image's own size"),
      .choice("format", "kind", "file format of the results", \.format),
      .value(
        "quality", "percent", "quality of JPEG and lossy WebP files, 1 to 100",
        \.settings.writing.quality,
        in: 1...100),
      .choice(
        "subsampling", "kind", "color resolution of JPEG files",
        \.settings.writing.chromaSubsampling,
        synonyms: ["444": .none, "422": .halfWidth, "420": .half]),
      .value(
        "background", "color", "color behind transparent pixels in JPEG files",
        \.settings.writing.background),
      .flag(
        "strip-metadata",
        "write no EXIF data, XMP, text, color profile, gamma, resolution or georeference",
        \.settings.writing.keepsMetadata, sets: false),
      .value(
        "epoch", "epoch",
        WeightsFolder.Epoch.help,
        \.epoch
      ).alias("which-epoch"),
      .flag(
        "no-ema", "use the weights of the last step, not their moving average", \.averaged,
        sets: false),
      .value(
        "num-test", "count", "translate only the first images", \.maximumImages,
        in: 1...1_000_000_000, default: "all"
      ).alias("how-many").hidden(),
      .value(
        "list", "file",
        "translate the images that this file names, one a line or each ended by a zero byte; - reads the "
          + "standard input", \.list),
      .value(
        "shard", "I/N",
        "translate only part I, from 0 to N - 1, of the images, which are shared evenly by their names "
          + "(default: that of RANK or SLURM_ARRAY_TASK_ID)", \.shard),
      .flag("overwrite", "replace files that exist", \.overwrite),
      .flag("skip-existing", "skip images whose result exists", \.skipExisting),
      .value(
        "gallery", "file",
        "write a page, such as gallery.html, with each image before and after, and a divider to drag",
        \.gallery),
      .value(
        "confidence", "folder",
        "folder for what the run's discriminator thinks of each place of a result: white is real",
        \.confidence),
    ],
    .embedded(\.console), .embedded(\.reference), ReferenceOption.answered(.test))

  private static let images = OptionSection<TranslateOptions>(
    "images", .embedded(\.settings.reading),
    [
      .flag(
        "strict", "stop if a folder holds images of kinds that cannot be read", \.strict)
    ])

  private static let computing = OptionSection<TranslateOptions>(
    "computing",
    [
      .value(
        "batch-size", "count", "images of one size that are translated together",
        \.settings.batchSize,
        in: 1...4096, default: "chosen for speed"),
      .value(
        "tile", "pixels", "translate larger images in square tiles of this side",
        \.settings.tile,
        in: 64...16384, default: "only if memory is short"),
    ],
    .embedded(\.compute), .embedded(\.workers), .embedded(\.settings.precision))

  mutating func complete(given: Set<String>) throws(UsageError) {
    try reference.apply(to: &self)
    for (name, isMissing) in [
      ("<model>", models.isEmpty), ("<input>...", inputs.isEmpty && list == nil),
    ]
    where isMissing {
      throw UsageError(
        "\(name) is missing", hint: "usage: cyclegan \(Self.syntax.usage[0])")
    }
    guard !output.isEmpty else {
      throw UsageError(
        "--output is missing: the folder for the translated images",
        hint: "usage: cyclegan \(Self.syntax.usage[0])")
    }
    if let input = inputs.first, !ModelPath.hasWeights(models[0]), ModelPath.hasWeights(input) {
      throw UsageError(
        "\(models[0]): there are no weights in it, but in \(input); the model comes first",
        hint: "usage: cyclegan \(Self.syntax.usage[0])")
    }
    try checkDirection(given)
    try checkOutput()
    if overwrite, skipExisting {
      throw UsageError("--skip-existing: --overwrite asks for the opposite")
    }
  }
}

/// `cyclegan translate`: sends files and folders of images through a trained generator.
enum TranslateCommand {
  static func run(
    _ invocation: Invocation<TranslateOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    let shard = try options.shard ?? Shard.given(by: context.launch) ?? .whole
    let modelPath = try ModelPath.url(options.models[0], of: [.translator], for: "translate")
    let pipe = options.readsPipe || options.writesPipe ? try ImagePipe() : nil
    var plan = try options.plan(pipe, shard)
    for warning in plan.warnings { console.warning(warning) }
    for clash in plan.clashes {
      console.warning(FileError(path: clash.input.relativePath, reason: clash.reason).description)
    }
    if let most = options.maximumImages { plan.keepFirst(most) }
    let isShown = options.gallery != nil || options.confidence != nil
    let planned = isShown ? plan.jobs.map(\.self) : []
    let gallery = try options.gallery.map { path throws(FileError) in
      try Self.gallery(path, options, planned)
    }
    let jobs = try jobs(of: plan, options)

    let device = try options.compute.prepareDevice()
    let model = try TranslationModel(
      at: modelPath, direction: options.direction,
      epoch: options.epoch, averaged: options.averaged)
    ModelPath.tell(model.file, warnings: model.warnings, notices: model.notices, console)
    if options.epoch == nil, WeightsFolder(modelPath).usualEpoch == .best {
      console.notice("the best snapshot by validation is used; --epoch latest takes the newest")
    }
    for notice in channelNotices(model.configuration) { console.notice(notice) }
    if shard != .whole {
      console.notice(
        "shard \(shard.optionText): \(grouped(plan.jobs.count)) of "
          + counted(plan.jobs.countOfAllShards, "image"))
    }
    console.notice(
      "translating \(jobs.count) of \(plan.jobs.count)\(words(for: modelPath, options.direction)) with "
        + model.file.relativePath)

    let maps = try options.confidence.map { folder in
      try ConfidenceMaps(of: planned, in: URL(fileURLWithPath: folder), options, on: device)
    }
    var settings = options.settings
    settings.device = device
    settings.workers = options.workers.count
    let failures =
      plan.clashes.count
      + Interrupt.finishing {
        translate(
          jobs, with: Translator(model, settings: settings), context,
          tellsPaths: !options.writesPipe)
      }
    if options.writesPipe, failures == 0, !context.isInterrupted() { try pipe?.send() }
    if failures > 0 {
      console.error(
        "\(failures) of \(jobs.count + plan.clashes.count) images could not be translated")
    }
    if context.isInterrupted() {
      if jobs.count > 1 { console.notice("interrupted; go on with --skip-existing") }
      return .interrupted
    }
    let unjudged = try maps?.write(console) ?? 0
    if let gallery {
      var display = ProgressDisplay(console: console, linesEvery: 1000)
      try GalleryPage.write(
        planned.map { .init(before: $0.input, after: $0.output) }, model: options.models[0],
        to: gallery, reading: settings.reading, workers: settings.workers
      ) { done, total in
        display.advance([.init(name: "gallery", done: done, total: total)], units: 1)
      }
      display.finish()
      console.result(gallery.relativePath)
    }
    return failures + unjudged > 0 ? .failure : .success
  }

  /// - Returns: the number of images that failed.
  private static func translate(
    _ jobs: TranslationJobs, with translator: Translator, _ context: CommandContext,
    tellsPaths: Bool
  ) -> Int {
    let console = context.console
    var display = ProgressDisplay(console: console, linesEvery: 100)
    var done = 0
    var failures = 0
    let times = translator.translate(jobs, shouldStop: context.isInterrupted) { event in
      switch event {
      case .written(let job): if tellsPaths { console.result(job.output.relativePath) }
      case .failed(let job, let reason):
        failures += 1
        console.warning("\(job.input.relativePath): \(reason)")
      case .notice(let job, let text):
        console.notice("\(job.input.relativePath): \(text)")
        return
      case .progress(let job, let part):
        console.draw("\(job.input.relativePath): \(Int(part * 100)) %")
        return
      }
      done += 1
      display.advance([.init(name: "image", done: done, total: jobs.count)], units: 1)
    }
    display.finish()
    let total = times.total / .seconds(1)
    if done > failures && total > 0 {
      let share = Int((100 * (times.network / .seconds(1)) / total).rounded())
      console.notice(
        "translated \(done - failures) in \(ProgressFormat.duration(total)), \(share) % of it in "
          + "the network")
    }
    return failures
  }

  /// " from day to night", as the domains of the model's run are called; empty where it is not known.
  private static func words(for model: URL, _ direction: TranslationDirection) -> String {
    let configuration = RunFolder(of: model).flatMap {
      try? CycleGANConfiguration.read(from: $0.configuration)
    }
    guard let names = configuration?.record.domains.map(\.name), names.count == 2 else { return "" }
    return direction == .aToB
      ? " from \(names[0]) to \(names[1])" : " from \(names[1]) to \(names[0])"
  }

  /// Where the gallery goes: a file that can be made there, found out before the work.
  private static func gallery(
    _ path: String, _ options: TranslateOptions, _ jobs: [TranslationJob]
  ) throws(FileError) -> URL {
    let url = URL(fileURLWithPath: path)
    switch FileKind(of: url) {
    case .folder:
      throw FileError(path: path, reason: "this is a folder; --gallery takes a file's name")
    case .file where !options.overwrite && !options.skipExisting:
      throw FileError(path: path, reason: "it exists already; use --overwrite")
    case .file, nil: break
    }
    let own = url.resolvingSymlinksInPath().path
    if jobs.contains(where: {
      [$0.input, $0.output].contains { $0.resolvingSymlinksInPath().path == own }
    }) {
      throw FileError(path: path, reason: "this is an image or its result; choose another file")
    }
    try makeFolder(at: url.deletingLastPathComponent())
    return url
  }

  /// What happens to colors where a domain is gray.
  private static func channelNotices(_ configuration: GeneratorConfiguration) -> [String] {
    (configuration.inputChannels == 1
      ? ["the network takes gray images: colors are converted to gray"] : [])
      + (configuration.outputChannels == 1
        ? ["the network makes gray images: results are gray"] : [])
  }

  /// Nothing is overwritten unless that was asked for.
  private static func jobs(
    of plan: TranslationPlan, _ options: TranslateOptions
  ) throws(FileError) -> TranslationJobs {
    guard !options.overwrite, let first = plan.firstWithResult else { return plan.jobs }
    let missing = plan.jobsWithoutResult
    if options.skipExisting { return missing }
    throw FileError(
      path: first.output.relativePath,
      reason: "\(plan.jobs.count - missing.count) of \(plan.jobs.count) results exist already; use "
        + "--skip-existing or --overwrite")
  }
}
