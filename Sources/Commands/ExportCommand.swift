import Files
import Foundation
import Models
import Synthesis
import Torch
import Training
import Translation

/// What `export` can be told.
struct ExportOptions: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  var format: ExportFormat?
  /// A file; `nil` has the format's usual name in the current folder.
  var output: String?
  var direction = TranslationDirection.aToB
  /// Of the image, where ONNX fixes it.
  var size: ImageSize?
  var half = false
  var includesPreprocessing = false
  /// Of a translator's run; `nil` for the best by validation, where there is one.
  var epoch: WeightsFolder.Epoch?
  /// Takes the averaged weights of a run.
  var averaged = true
  var overwrite = false
  var console = ConsoleOptions()

  static let syntax = CommandSyntax<ExportOptions>(
    name: "export",
    summary: "writes a generator for other programs: ONNX, TorchScript, .pth, safetensors",
    usage: ["export <model> --format <kind> [options]"],
    discussion: """
      Writes a trained generator, of a translator, a DCGAN or a GAN, as a file that other programs \
      read. Images and results are [batch, channels, height, width] from -1 to 1. What is written \
      is read and run once more, where this program can, before it gets its name. The path \
      written goes to the standard output.
      """,
    positionals: [
      .one("<model>", "a run's folder, one snapshot in it, or a weights file", \.model)
    ],
    groups: [
      OptionSection(
        "options",
        [
          .choice("format", "kind", "kind of file (required)", \.format, default: ""),
          .value("output", "file", "the file (default: named after the network)", \.output),
          .choice(
            "direction", "way", "direction of a translator", \.direction,
            synonyms: ["atob": .aToB, "btoa": .bToA]),
          .value(
            "size", "HxW", "fix the size of images in ONNX (default: any size)", \.size),
          .flag("half", "write weights of 16 bits", \.half),
          .flag(
            "include-preprocessing",
            "let ONNX take and return bytes, [batch, height, width, channels] from 0 to 255",
            \.includesPreprocessing),
          .value(
            "epoch", "epoch",
            "of a translator: \(WeightsFolder.Epoch.help)", \.epoch),
          .flag(
            "no-ema", "write the weights of the last step, not their moving average", \.averaged,
            sets: false),
          .flag("overwrite", "replace a file that exists", \.overwrite),
        ],
        .embedded(\.console))
    ],
    examples: [
      "export checkpoints/monet --format onnx",
      "export checkpoints/monet --format pth --direction b-to-a",
      "export checkpoints/faces --format torchscript --output faces.pt",
    ])

  mutating func complete(given: Set<String>) throws(UsageError) {
    guard let format else {
      let kinds = ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError(
        "--format is missing: one of \(kinds)", hint: "usage: cyclegan \(Self.syntax.usage[0])")
    }
    for option in ["size", "include-preprocessing"]
    where given.contains(option) && format != .onnx {
      throw UsageError("--\(option): this has no effect with --format \(format.rawValue)")
    }
  }
}

/// A height and a width in pixels, as "256x384"; one number is both.
struct ImageSize: OptionValue, Equatable {
  static var kind: String { "a size such as 256x384, height by width" }

  let height: Int
  let width: Int

  init?(optionText text: String) {
    let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false)
      .map { Int($0) }
    guard (1...2).contains(sides.count), let height = sides[0], let width = sides[sides.count - 1],
      (1...32768).contains(height), (1...32768).contains(width)
    else { return nil }
    (self.height, self.width) = (height, width)
  }

  var optionText: String { "\(height)x\(width)" }
}

/// `cyclegan export`: writes a generator for other programs.
enum ExportCommand {
  static func run(
    _ invocation: Invocation<ExportOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    guard let format = options.format else { return .usage }
    let (generator, network) = try Self.generator(options, console)
    if !generator.isTranslator, invocation.given.contains("direction") {
      throw UsageError("--direction: this has no effect on the generator in \(options.model)")
    }
    let settings = try settings(options, generator)
    let output = URL(fileURLWithPath: options.output ?? format.fileName(of: network))
    if !options.overwrite, FileManager.default.fileExists(atPath: output.path) {
      throw FileError(path: output.relativePath, reason: "it exists already; use --overwrite")
    }
    let difference = try generator.write(format, to: output, options: settings)
    if format == .pth, let words = generator.unseenOptions {
      console.warning(
        "\(output.relativePath): a .pth file has no place to say that the network was trained with "
          + "\(words): the reference's class, and this program, load it and compute something else; "
          + "safetensors, ONNX and TorchScript say it")
    }
    if format == .pth, let condition = generator.description["condition"] {
      console.warning(
        "\(output.relativePath): a .pth file has no place to say that the network was trained with --condition "
          + "\(condition), nor the names of its classes or codes: 'generate' takes them for parts of the random "
          + "vector; safetensors, ONNX and TorchScript say it")
    }
    if let difference {
      console.notice(
        "run from the file, the result differs by at most \(String(format: "%.2g", difference))")
    }
    console.result(output.relativePath)
    return .success
  }

  /// The generator in a model, and its network's name.
  private static func generator(
    _ options: ExportOptions, _ console: Console
  ) throws -> (ExportableGenerator, network: String) {
    let url = try ModelPath.url(
      options.model, of: [.translator, .dcgan, .gan], for: "export")
    let file = try TranslationModel.weightsFile(at: url, direction: options.direction)
    // What is wrong with a file is said where it is read.
    if let shapes = try? WeightsFile(file, networks: options.direction.networks).shapes,
      SampleModelConfiguration(inferredFrom: shapes) != nil
    {
      guard options.epoch == nil else {
        throw UsageError(
          "--epoch: this has no effect on the generator in \(options.model); give the snapshot's folder"
        )
      }
      let model = try SampleModel(at: url, averaged: options.averaged)
      ModelPath.tell(model.file, warnings: model.warnings, notices: model.notices, console)
      console.notice("\(model.file.relativePath): \(model.configuration.summary)")
      return (
        ExportableGenerator(
          model.generator, model.configuration,
          latentDistribution: model.latentDistribution.rawValue), "G"
      )
    }
    let model = try TranslationModel(
      at: url, direction: options.direction, epoch: options.epoch, averaged: options.averaged)
    ModelPath.tell(model.file, warnings: model.warnings, notices: model.notices, console)
    console.notice("\(model.file.relativePath): \(model.configuration.summary)")
    return (
      ExportableGenerator(
        model.generator, model.configuration, direction: options.direction.rawValue),
      options.direction.generatorName
    )
  }

  private static func settings(
    _ options: ExportOptions, _ generator: ExportableGenerator
  ) throws(UsageError) -> ONNXModel.Options {
    var settings = ONNXModel.Options()
    settings.half = options.half
    settings.includesPreprocessing = options.includesPreprocessing
    guard let size = options.size else { return settings }
    guard case .image(_, let multiple, let minimum) = generator.input else {
      throw UsageError("--size: this generator makes images of one size")
    }
    for side in [size.height, size.width] {
      guard side.isMultiple(of: multiple), side >= minimum else {
        throw UsageError(
          "--size: \(side) is not possible; this network takes multiples of \(multiple) from "
            + "\(minimum) on")
      }
    }
    settings.size = (size.height, size.width)
    return settings
  }
}
