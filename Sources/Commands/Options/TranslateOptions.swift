import Benchmarks
import Demo
import Imaging
import Synthesis
import Training
import Translation

/// What `translate` can be told.
struct TranslateOptions: DeviceOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  /// Files and folders of images.
  var inputs: [String] = []
  /// The folder the results go to; never empty once the command line is read.
  var output = ""
  var direction = TranslationDirection.aToB
  /// Shorter side that images are resized to before they are translated; `nil` keeps their own size.
  var size: Int?
  var format = TranslationFormat.same
  /// Of a JPEG file, from 1 to 100.
  var quality = 95
  /// Resolution of a JPEG file's color planes.
  var subsampling = WriteOptions.ChromaSubsampling.none
  var stripMetadata = false
  /// What shows through transparent pixels of a JPEG file.
  var background = Color.white
  var maximumPixels = ReadOptions.defaultMaximumPixels
  var acceptTruncated = false
  /// Side of tiles in pixels; `nil` takes tiles where the memory would not do for the whole image.
  var tile: Int?
  /// `nil` for as many as are fast.
  var batchSize: Int?
  var device = DeviceName.auto
  var threads: Int?
  /// Threads that read and write images; `nil` for one on each core.
  var workers: Int?
  var precision = OptimizationSettings.Precision.auto
  var overwrite = false
  var skipExisting = false
  var quiet = false

  static let memoryAdvice = "lower --tile, --size or --batch-size"

  static let syntax = CommandSyntax<TranslateOptions>(
    name: "translate",
    summary: "applies a trained translator to images",
    usage: ["translate <model> <input>... --output <folder> [options]"],
    discussion: """
      Translates every image and writes it under its own name, at its own size, into the output \
      folder. The paths written go to the standard output.
      """,
    positionals: [
      .one("<model>", "a run's folder, one snapshot in it, or a weights file", \.model),
      .several(
        "<input>...", "JPEG and PNG images, and folders that are searched for them",
        \.inputs, count: 1...Int.max),
    ],
    groups: [results, images, computing],
    examples: [
      "translate checkpoints/monet photos --output paintings",
      "translate checkpoints/monet a.jpg --output out --direction b-to-a",
    ])

  private static let results = OptionGroup<TranslateOptions>(
    "results",
    [
      .value("output", "folder", "where the translated images go (required)", \.output)
        .alias("results-dir"),
      .choice(
        "direction", "way", "which of a run's two generators", \.direction,
        synonyms: ["atob": .aToB, "btoa": .bToA]),
      .value(
        "size", "pixels", "resize so that the shorter side has this length", \.size, in: 1...32768,
        default: "the image's own size"),
      .choice("format", "kind", "kind of the files written", \.format),
      .value("quality", "percent", "quality of JPEG files, 1 to 100", \.quality, in: 1...100),
      .choice(
        "subsampling", "kind", "color resolution of JPEG files", \.subsampling,
        synonyms: ["444": .none, "422": .halfWidth, "420": .half]),
      .value(
        "background", "color", "laid under transparent pixels where a JPEG file is written",
        \.background),
      .flag(
        "strip-metadata", "write no EXIF data, color profile, gamma or rendering intent",
        \.stripMetadata),
      .flag("overwrite", "replace files that exist", \.overwrite),
      .flag("skip-existing", "leave out images whose result exists", \.skipExisting),
      .quiet(\.quiet),
    ])

  private static let images = OptionGroup<TranslateOptions>(
    "images", [.maximumPixels(\.maximumPixels), .acceptTruncated(\.acceptTruncated)])

  private static let computing = OptionGroup<TranslateOptions>(
    "computing",
    [
      .value(
        "batch-size", "count", "images of one size that are translated together", \.batchSize,
        in: 1...4096, default: "as many as are fast"),
      .value(
        "tile", "pixels", "translate larger images in tiles with sides of this length", \.tile,
        in: 64...16384, default: "only where the memory would not do"),
      .device, .threads,
      .workers(\.workers).alias("num-threads"),
      .choice("precision", "kind", "number format of the convolutions", \.precision),
    ])

  mutating func complete(given: Set<String>) throws(UsageError) {
    guard !output.isEmpty else {
      throw UsageError(
        "--output is missing: the folder for the translated images",
        hint: "usage: cyclegan \(Self.syntax.usage[0])")
    }
    if overwrite, skipExisting {
      throw UsageError("--skip-existing: --overwrite asks for the opposite")
    }
  }
}
