import Foundation
import Imaging
import Models
import Synthesis

/// What `autoencoder generate` can be told.
struct AutoencoderGenerateOptions: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  /// Samples or walks; `nil` depends on which of them.
  var count: Int?
  /// A folder for PNG files; `nil` writes none.
  var output: String?
  /// A file for all images in a grid; `nil` writes none.
  var sheet: String?
  var seed: UInt64 = 0
  /// Images from one sample to the next; `nil` makes samples.
  var interpolate: Int?
  /// Images on a side of the plane of codes; `nil` makes samples.
  var map: Int?
  /// How far the plane is shown; `nil` follows N(0, 1).
  var reach: Double?
  var overwrite = false
  var compute = ComputeOptions()
  var console = ConsoleOptions()

  static let memoryAdvice = "lower --count or --map, or write no --sheet"

  static let syntax = CommandSyntax<AutoencoderGenerateOptions>(
    name: "generate",
    summary: "generates images from random codes",
    usage: [
      "generate <model> --output <folder> [options]", "generate <model> --sheet <file> [options]",
    ],
    discussion: """
      Decodes random codes to images with a variational autoencoder. The same seed gives the same images: sample 7 is \
      the same whether 10 or 1,000 are generated. Of a model whose codes have two numbers, --map shows the plane of \
      all codes. The paths written go to the standard output.
      """,
    positionals: [
      .one("<model>", "a run's folder, one snapshot in it, or a weights file", \.model)
    ],
    groups: [
      OptionSection(
        "results",
        [
          .value(
            "output", "folder", "write each image into this folder: 0001.png, 0002.png, ...",
            \.output),
          .value(
            "sheet", "file",
            "write all images into one file, as a grid; its name says in which format", \.sheet),
          .flag("overwrite", "replace files that exist", \.overwrite),
        ],
        .embedded(\.console)),
      OptionSection(
        "images",
        [
          .value(
            "count", "count", "number of samples or of walks", \.count,
            in: 1...SampleFiles.mostImages,
            default: "64; 1 walk"),
          .value("seed", "number", "the same seed gives the same images", \.seed, in: 0...),
          .value(
            "interpolate", "count",
            "walk from sample 1 to 2, then from 2 to 3, each in this many images, along great circles",
            \.interpolate, in: 2...10_000, default: "no walks"),
          .value(
            "map", "count",
            "decode the plane of codes of two numbers, with so many images on a side; 20 without a value",
            \.map, in: 2...1000, default: "no map"
          ).alone("20"),
          .value(
            "reach", "number", "let the map go from minus this to this in even steps", \.reach,
            in: Bounds.above(0), default: "quantiles of N(0, 1)"),
        ]),
      OptionSection("computing", .embedded(\.compute)),
    ],
    examples: [
      "generate checkpoints/vae --sheet samples.png",
      "generate checkpoints/vae --interpolate 9 --sheet walk.png",
      "generate checkpoints/vae --map --sheet plane.png",
    ])

  mutating func complete(given: Set<String>) throws(UsageError) {
    guard output != nil || sheet != nil else {
      throw UsageError(
        "--output or --sheet is missing: where the images go",
        hint: "usage: cyclegan autoencoder \(Self.syntax.usage[0])")
    }
    if map != nil {
      for option in ["count", "seed", "interpolate"] where given.contains(option) {
        throw UsageError("--\(option): --map shows all codes; use one of them")
      }
    } else if reach != nil {
      throw UsageError("--reach: this has no effect without --map")
    }
    try SampleFiles.check(plan.count, "images in all", option: "count")
  }

  /// Samples or walks, where no map is asked for.
  var plan: SamplePlan {
    SamplePlan(
      interpolate.map { .walks(count: count ?? 1, steps: $0) } ?? .samples(count: count ?? 64),
      seed: seed)
  }

  /// Throws an error for what the model has no answer to.
  func check(_ configuration: AutoencoderConfiguration) throws(UsageError) {
    if map != nil, configuration.code != 2 {
      throw UsageError(
        "--map: the codes of this model have \(configuration.code) numbers; a map shows those of two, as "
          + "autoencoder train --code 2 makes them")
    }
    guard configuration.kind == .plain else { return }
    if map == nil {
      throw UsageError(
        "\(model): a plain autoencoder has no distribution to draw codes from; a variational one has, and "
          + "autoencoder reconstruct --interpolate walks between the codes of images")
    }
    if reach == nil {
      throw UsageError(
        "--reach is missing: how far a plain autoencoder's codes go, which autoencoder encode tells"
      )
    }
  }
}

/// `cyclegan autoencoder generate`.
enum AutoencoderGenerateCommand {
  static func run(
    _ invocation: Invocation<AutoencoderGenerateOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let model = try ModelPath.autoencoder(
      options.model, for: "autoencoder generate", context.console)
    try options.check(model.configuration)
    let map = options.map.map {
      CodeMap(side: $0, extent: options.reach.map(CodeMap.Extent.reach) ?? .quantiles)
    }
    let plan = options.plan
    let columns = map?.side ?? plan.columns
    let results = SampleFiles(
      folder: options.output.map { URL(fileURLWithPath: $0) }, count: map?.count ?? plan.count,
      sheet: options.sheet.map { URL(fileURLWithPath: $0) })
    let cell = model.configuration.size + 2
    try results.checkSheet(
      rows: (results.count + columns - 1) / columns, columns: columns, cellHeight: cell,
      cellWidth: cell, advice: map == nil ? "lower --count" : "lower --map")
    if !options.overwrite { try results.checkMissing() }

    let sampler = model.sampler(on: try options.compute.prepareDevice())
    try results.createFolders()
    let images = try Interrupt.finishing {
      try results.write(context) { index in
        try sampler.image(
          map?.code(at: index) ?? plan.input(at: index, sampler), madeBy: model.file)
      }
    }
    guard let images else { return .interrupted }
    try results.writeSheet({ .sheet(images, columns: columns) }, context.console.result)
    return .success
  }
}
