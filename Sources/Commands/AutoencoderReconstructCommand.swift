import Datasets
import Foundation
import Imaging
import Models
import Synthesis
import Torch

/// What `autoencoder reconstruct` can be told.
struct AutoencoderReconstructOptions: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  var inputs: [String] = []
  /// A folder for PNG files; `nil` writes none.
  var output: String?
  /// A file for all pairs; `nil` writes none.
  var sheet: String?
  /// Images on the way from each image's code to the next one's; `nil` makes pairs.
  var interpolate: Int?
  var overwrite = false
  var input = GivenImageOptions()
  var compute = ComputeOptions()
  var console = ConsoleOptions()

  static let memoryAdvice = "lower --max-images, or write no --sheet"

  static let syntax = CommandSyntax<AutoencoderReconstructOptions>(
    name: "reconstruct",
    summary: "shows images beside what their codes are decoded to",
    usage: [
      "reconstruct <model> <images>... --output <folder>",
      "reconstruct <model> <images>... --sheet <file>",
    ],
    discussion: """
      Encodes images, decodes the codes' means, and writes each image beside its reconstruction. The mean squared \
      error of each, for values from 0 (black) to 1 (white), goes to the standard output as CSV, with the file in \
      --output, and stands on the sheet.
      """,
    positionals: [
      .one("<model>", "a run's folder, one snapshot in it, or a weights file", \.model),
      .several("<images>...", GivenImageOptions.inputsHelp, \.inputs, count: 1...Int.max),
    ],
    groups: [
      OptionSection(
        "results",
        [
          .value(
            "output", "folder",
            "write each image beside its reconstruction into this folder: 0001.png, 0002.png, ...",
            \.output),
          .value(
            "sheet", "file",
            "write all of them into one file, as a grid; its name says in which format", \.sheet),
          .value(
            "interpolate", "count",
            "instead, decode codes on the straight line from the first image's to the second's, and so on, each in "
              + "this many images",
            \.interpolate, in: 2...10_000, default: "no walks"),
          .flag("overwrite", "replace files that exist", \.overwrite),
        ],
        .embedded(\.console)),
      OptionSection("images", .embedded(\.input)),
      OptionSection("computing", .embedded(\.compute)),
    ],
    examples: [
      "reconstruct checkpoints/vae images --sheet pairs.png",
      "reconstruct vae 7.png 1.png --interpolate 9 --sheet w.png",
    ])

  mutating func complete(given: Set<String>) throws(UsageError) {
    guard output == nil, sheet == nil else { return }
    throw UsageError(
      "--output or --sheet is missing: where the images go",
      hint: "usage: cyclegan autoencoder \(Self.syntax.usage[0])")
  }
}

/// `cyclegan autoencoder reconstruct`.
enum AutoencoderReconstructCommand {
  static func run(
    _ invocation: Invocation<AutoencoderReconstructOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    let model = try ModelPath.autoencoder(options.model, for: "autoencoder reconstruct", console)
    let images = try options.input.images(at: options.inputs, for: model, console)
    if options.interpolate != nil, images.count < 2 {
      throw UsageError("--interpolate: a walk needs two images; there is 1")
    }
    let count = options.interpolate.map { (images.count - 1) * $0 } ?? images.count
    try SampleFiles.check(count, "results in all", option: "max-images")
    let results = SampleFiles(
      folder: options.output.map { URL(fileURLWithPath: $0) }, count: count,
      sheet: options.sheet.map { URL(fileURLWithPath: $0) })
    let size = model.configuration.size
    let columns = options.interpolate ?? max(1, Int((Double(images.count) / 2).squareRoot()))
    let scale = PairSheet.scale(size)
    try results.checkSheet(
      rows: (results.count + columns - 1) / columns, columns: columns,
      cellHeight: scale * size + Image.textHeight * 2 + 12, cellWidth: 2 * scale * size + 12,
      advice: "lower --max-images")
    if !options.overwrite { try results.checkMissing() }
    let device = try options.compute.prepareDevice()
    try results.createFolders()
    if let steps = options.interpolate {
      return try walk(images, model, on: device, steps: steps, to: results, context)
    }

    console.result(
      csvLine(["image", "mean_squared_error"] + (results.folder == nil ? [] : ["file"])))
    let pairs = model.pairs(on: device)
    var errors: [Double] = []
    var cells: [PairSheet.Cell] = []
    var passes = ImagePasses(images, context)
    let isWhole = try Interrupt.finishing {
      try passes.run { index, image in
        let pair = try pairs.pair(of: image, madeBy: model.file)
        let shown = Image.grid([[pair.image, pair.reconstruction]], spacing: 2)
        var fields = [images.name(at: index), "\(pair.squaredError)"]
        if let file = results.file(index) {
          try ImageFile(image: shown, format: .png).write(to: file)
          fields.append(file.relativePath)
        }
        console.result(csvLine(fields))
        errors.append(pair.squaredError)
        if results.sheet != nil {
          cells.append(PairSheet.Cell(pair, name: images.name(at: index)))
        }
      }
    }
    guard isWhole else { return .interrupted }
    if !errors.isEmpty {
      let mean = errors.reduce(0, +) / Double(errors.count)
      console.notice(
        "mean squared error \(EvaluationReport.number(mean)) over \(errors.count) images")
      // The standard output is one table.
      try results.writeSheet(
        { PairSheet.image(cells, columns: columns, mean: mean) }, { console.notice("wrote \($0)") })
    }
    return passes.exitCode
  }

  /// Decodes what lies between the codes of one image and the next.
  private static func walk(
    _ images: GivenImages, _ model: AutoencoderModel, on device: Device, steps: Int,
    to results: SampleFiles, _ context: CommandContext
  ) throws -> ExitCode {
    let (pairs, sampler) = (model.pairs(on: device), model.sampler(on: device))
    // A walk to an image that cannot be used leads nowhere.
    let codes = try (0..<images.count).map {
      try pairs.pair(of: images.image(at: $0), madeBy: model.file).code
    }
    let made = try Interrupt.finishing {
      try results.write(context) { index in
        let part = Float(index % steps) / Float(steps - 1)
        let (from, to) = (codes[index / steps], codes[index / steps + 1])
        return try sampler.image(zip(from, to).map { $0 + ($1 - $0) * part }, madeBy: model.file)
      }
    }
    guard let made else { return .interrupted }
    try results.writeSheet({ .sheet(made, columns: steps) }, context.console.result)
    return .success
  }
}

/// Images beside their reconstructions in a grid, with the error and the name over each.
enum PairSheet {
  struct Cell {
    /// Enlarged pixel by pixel.
    let image: Image
    let error: Double
    let name: String

    init(_ pair: AutoencoderPairs.Pair, name: String) {
      let side = PairSheet.scale(pair.image.height) * pair.image.height
      let images = [pair.image, pair.reconstruction].map {
        $0.converted(toChannels: 3).resized(height: side, width: side, filter: .nearest)
      }
      image = .grid([images], spacing: 2)
      error = pair.squaredError
      self.name = name
    }
  }

  /// The ends of paths: names of files, with their folders where several have one name.
  static func shortNames(_ paths: [String]) -> [String] {
    func end(_ path: String, _ parts: Int) -> String {
      path.split(separator: "/").suffix(parts).joined(separator: "/")
    }
    let counts = Dictionary(grouping: paths) { end($0, 1) }.mapValues(\.count)
    return paths.map { end($0, counts[end($0, 1)] == 1 ? 1 : 2) }
  }

  /// Room for words over a pair.
  private static let smallestCell = 48

  /// Pixels of the sheet on a side of each of an image's.
  static func scale(_ size: Int) -> Int { max((smallestCell + size - 1) / size, 1) }

  static func image(_ cells: [Cell], columns: Int, mean: Double) -> Image {
    let shown = cells.map(\.image)
    let columns = min(columns, cells.count)
    let table = LabeledTable(of: shown, columns: columns, smallestCell: 1)
    let names = shortNames(cells.map(\.name))
    let rows = stride(from: 0, to: cells.count, by: columns).flatMap { start in
      let row = start..<min(start + columns, cells.count)
      let heads = row.map { "\(EvaluationReport.number(cells[$0].error)) \(names[$0])" }
      return [table.heads(heads), table.row(Array(shown[row]))]
    }
    let words = "mean squared error \(EvaluationReport.number(mean))"
    return LabeledTable.sheet([table.line(words)] + rows)
  }
}
