import Benchmarks
import Demo
import Imaging
import Synthesis
import Training
import Translation

/// What `translate` can be told.
struct TranslateOptions: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  /// Files and folders of images.
  var inputs: [String] = []
  /// The folder the results go to; never empty once the command line is read.
  var output = ""
  var direction = TranslationDirection.aToB
  var format = TranslationFormat.same
  /// How images are read, translated and written; `device` and `workers` are filled in by the command.
  var settings = TranslationSettings()
  var compute = ComputeOptions()
  var workers = WorkerOptions()
  var overwrite = false
  var skipExisting = false
  var console = ConsoleOptions()

  static let memoryAdvice = "lower --tile, --size or --batch-size"

  static let syntax = CommandSyntax<TranslateOptions>(
    name: "translate",
    summary: "translates images with a trained generator",
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

  private static let results = OptionSection<TranslateOptions>(
    "results",
    [
      .value("output", "folder", "folder for the translated images (required)", \.output)
        .alias("results-dir"),
      .choice(
        "direction", "way", "direction of the translation", \.direction,
        synonyms: ["atob": .aToB, "btoa": .bToA]),
      .value(
        "size", "pixels", "resize so that the shorter side has this length", \.settings.size,
        in: 1...32768,
        default: "the image's own size"),
      .choice("format", "kind", "file format of the results", \.format),
      .value(
        "quality", "percent", "quality of JPEG files, 1 to 100", \.settings.writing.jpegQuality,
        in: 1...100),
      .choice(
        "subsampling", "kind", "color resolution of JPEG files",
        \.settings.writing.chromaSubsampling,
        synonyms: ["444": .none, "422": .halfWidth, "420": .half]),
      .value(
        "background", "color", "color behind transparent pixels in JPEG files",
        \.settings.writing.background),
      .flag(
        "strip-metadata", "write no EXIF data, color profile, gamma or rendering intent",
        \.settings.writing.keepsMetadata, sets: false),
      .flag("overwrite", "replace files that exist", \.overwrite),
      .flag("skip-existing", "skip images whose result exists", \.skipExisting),
    ],
    .embedded(\.console))

  private static let images = OptionSection<TranslateOptions>(
    "images", .embedded(\.settings.reading))

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
