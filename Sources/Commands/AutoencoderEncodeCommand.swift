import Files
import Foundation
import Synthesis

/// What `autoencoder encode` can be told.
struct AutoencoderEncodeOptions: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  var inputs: [String] = []
  /// A CSV file; `nil` and `-` are the standard output.
  var output: String?
  var overwrite = false
  var input = GivenImageOptions()
  var compute = ComputeOptions()
  var console = ConsoleOptions()

  static let memoryAdvice = "lower --max-images"

  static let syntax = CommandSyntax<AutoencoderEncodeOptions>(
    name: "encode",
    summary: "writes the codes of images as CSV",
    usage: ["encode <model> <images>... [options]"],
    discussion: """
      Writes one line of CSV for each image: its path, then the numbers of its code, z1, z2, ... Of a variational \
      autoencoder these are means, and the standard deviations s1, s2, ... follow.
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
            "output", "file", "write the lines into this file; - is the standard output", \.output),
          .flag("overwrite", "replace a file that exists", \.overwrite),
        ],
        .embedded(\.console)),
      OptionSection("images", .embedded(\.input)),
      OptionSection("computing", .embedded(\.compute)),
    ],
    examples: [
      "encode checkpoints/vae images > codes.csv",
      "encode checkpoints/vae mnist --output codes.csv",
    ])
}

/// `cyclegan autoencoder encode`.
enum AutoencoderEncodeCommand {
  static func run(
    _ invocation: Invocation<AutoencoderEncodeOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    let model = try ModelPath.autoencoder(options.model, for: "autoencoder encode", console)
    let images = try options.input.images(at: options.inputs, for: model, console)
    let file = options.output.flatMap { $0 == ImagePipe.name ? nil : URL(fileURLWithPath: $0) }
    if let file, !options.overwrite, FileManager.default.fileExists(atPath: file.path) {
      throw FileError(path: file.relativePath, reason: "it exists already; use --overwrite")
    }
    let pairs = model.pairs(on: try options.compute.prepareDevice())
    let numbers = 1...model.configuration.code
    let isVariational = model.configuration.kind == .variational
    let header =
      ["image"] + numbers.map { "z\($0)" } + (isVariational ? numbers.map { "s\($0)" } : [])
    var lines: [String] = []
    func write(_ fields: [String]) {
      let line = csvLine(fields)
      if file == nil { console.result(line) } else { lines.append(line) }
    }
    write(header)
    var passes = ImagePasses(images, context)
    let isWhole = try Interrupt.finishing {
      try passes.run { index, image in
        let pair = try pairs.pair(of: image, madeBy: model.file)
        write([images.name(at: index)] + (pair.code + (pair.deviations ?? [])).map { "\($0)" })
      }
    }
    guard isWhole else { return .interrupted }
    if let file {
      try replaceFile(at: file, with: Data((lines.joined(separator: "\n") + "\n").utf8))
      console.result(file.relativePath)
    }
    return passes.exitCode
  }
}
