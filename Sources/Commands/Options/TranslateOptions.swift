import Imaging
import Training

/// What `translate` can be told.
struct TranslateOptions: DeviceOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  /// Files and folders of pictures.
  var inputs: [String] = []
  /// The folder the results go to; never empty once the command line is read.
  var output = ""
  var direction = TranslationDirection.aToB
  /// Shorter side that pictures are resized to before they are translated; `nil` keeps their own size.
  var size: Int?
  var format = TranslationFormat.same
  /// Of a JPEG file, from 1 to 100.
  var quality = 95
  /// Resolution of a JPEG file's colour planes.
  var subsampling = WriteOptions.ChromaSubsampling.none
  var stripMetadata = false
  /// What shows through transparent pixels of a JPEG file.
  var background = Colour.white
  var maximumPixels = ReadOptions.defaultMaximumPixels
  var acceptTruncated = false
  /// Side of tiles in pixels; `nil` takes tiles where the memory would not do for the whole picture.
  var tile: Int?
  var batchSize = 1
  var device = DeviceName.auto
  var threads: Int?
  /// Threads that read and write pictures; `nil` for one on each core.
  var workers: Int?
  var precision = OptimizationSettings.Precision.auto
  var overwrite = false
  var skipExisting = false
  var quiet = false

  static let memoryAdvice = "lower --tile, --size or --batch-size"

  static let syntax = CommandSyntax<TranslateOptions>(
    name: "translate",
    summary: "applies a trained translator to pictures",
    usage: ["translate <model> <input>... --output <folder> [options]"],
    discussion: """
      Translates every picture and writes it under its own name, at its own size, into the output \
      folder. The paths written go to the standard output.
      """,
    positionals: [
      .one("<model>", "a run's folder, one snapshot in it, or a weights file", \.model),
      .several(
        "<input>...", "JPEG and PNG pictures, and folders that are searched for them",
        \.inputs, count: 1...Int.max),
    ],
    groups: [results, pictures, computing],
    examples: [
      "translate checkpoints/monet photos --output paintings",
      "translate checkpoints/monet a.jpg --output out --direction b-to-a",
    ])

  private static let results = OptionGroup<TranslateOptions>(
    "results",
    [
      .value("output", "folder", "where the translated pictures go (required)", \.output)
        .alias("results-dir"),
      .choice(
        "direction", "way", "which of a run's two generators", \.direction,
        synonyms: ["atob": .aToB, "btoa": .bToA]),
      .value(
        "size", "pixels", "resize so that the shorter side has this length", \.size, in: 1...32768,
        default: "the picture's own size"),
      .choice("format", "kind", "kind of the files written", \.format),
      .value("quality", "percent", "quality of JPEG files, 1 to 100", \.quality, in: 1...100),
      .choice(
        "subsampling", "kind", "colour resolution of JPEG files", \.subsampling,
        synonyms: ["444": .none, "422": .halfWidth, "420": .half]),
      .value(
        "background", "colour", "laid under transparent pixels where a JPEG file is written",
        \.background),
      .flag(
        "strip-metadata", "write no EXIF data, colour profile, gamma or rendering intent",
        \.stripMetadata),
      .flag("overwrite", "replace files that exist", \.overwrite),
      .flag("skip-existing", "leave out pictures whose result exists", \.skipExisting),
      .quiet(\.quiet),
    ])

  private static let pictures = OptionGroup<TranslateOptions>(
    "pictures", [.maximumPixels(\.maximumPixels), .acceptTruncated(\.acceptTruncated)])

  private static let computing = OptionGroup<TranslateOptions>(
    "computing",
    [
      .value(
        "batch-size", "count", "pictures of one size that are translated together", \.batchSize,
        in: 1...4096),
      .value(
        "tile", "pixels", "translate larger pictures in tiles with sides of this length", \.tile,
        in: 64...16384, default: "only where the memory would not do"),
      .device, .threads,
      .workers(\.workers).alias("num-threads"),
      .choice("precision", "kind", "number format of the convolutions", \.precision),
    ])

  mutating func complete(given: Set<String>) throws(UsageError) {
    guard !output.isEmpty else {
      throw UsageError(
        "--output is missing: the folder for the translated pictures",
        hint: "usage: cyclegan \(Self.syntax.usage[0])")
    }
    if overwrite, skipExisting {
      throw UsageError("--skip-existing: --overwrite asks for the opposite")
    }
  }
}
