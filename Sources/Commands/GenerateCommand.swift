import Datasets
import Foundation
import Imaging
import Models
import Synthesis

typealias DCGANGenerateOptions = GANGenerateOptions<DCGANKind>
typealias MLPGenerateOptions = GANGenerateOptions<MLPKind>

/// What `dcgan generate` and `gan generate` can be told.
struct GANGenerateOptions<Kind: GANKind>: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  /// Samples, walks, or images around a sum; `nil` depends on which of them.
  var count: Int?
  /// A folder for PNG files; `nil` writes none.
  var output: String?
  /// A file for all images in a grid; `nil` writes none.
  var sheet: String?
  var seed: UInt64 = 0
  /// Images from one sample to the next; `nil` makes samples.
  var interpolate: Int?
  var arithmetic: LatentArithmetic?
  /// Name or number of the class of all images, or `all`, which no class of that name is meant by; `nil` draws each
  /// one's.
  var className: String?
  /// The code, counted from 1, that each row of a sheet walks along; `nil` for none.
  var vary: Int?
  /// Takes the generator's averaged weights.
  var averaged = true
  var overwrite = false
  var compute = ComputeOptions()
  var console = ConsoleOptions()

  static var memoryAdvice: String { "lower --count, or write no --sheet" }

  static var syntax: CommandSyntax<Self> {
    CommandSyntax(
      name: "generate",
      summary: "generates images with a trained generator",
      usage: [
        "generate <model> --output <folder> [options]", "generate <model> --sheet <file> [options]",
      ],
      discussion: """
        Generates images from random vectors. The same seed gives the same images: sample 7 is the \
        same whether 10 or 1,000 are generated. The paths written go to the standard output.
        """,
      positionals: [
        .one("<model>", "a run's folder, one snapshot in it, or a weights file", \.model)
      ],
      groups: [results, choice, computing],
      examples: [
        "generate checkpoints/faces --sheet faces.png",
        "generate checkpoints/faces --count 1000 --output faces --seed 7",
        "generate checkpoints/faces --interpolate 10 --sheet walk.png",
        "generate checkpoints/faces --arithmetic 1,5-2,3+4 --sheet s.png",
        "generate checkpoints/digits --class all --sheet digits.png",
      ])
  }

  private static var results: OptionSection<Self> {
    OptionSection(
      "results",
      [
        .value(
          "output", "folder", "write each image into this folder: 0001.png, 0002.png, ...", \.output
        ),
        .value(
          "sheet", "file",
          "write all images into one file, as a grid; its name says in which format", \.sheet),
        .flag("overwrite", "replace files that exist", \.overwrite),
      ],
      .embedded(\.console))
  }

  private static var choice: OptionSection<Self> {
    OptionSection(
      "images",
      [
        .value(
          "count", "count",
          "number of samples, of walks, of images around a sum, of samples of each class, or of walks along a code",
          \.count, in: 1...SampleFiles.mostImages,
          default: "64; 1 walk; 9 around a sum; 8 of each class; 8 walks along a code"),
        .value("seed", "number", "the same seed gives the same images", \.seed, in: 0...),
        .value(
          "interpolate", "count",
          "walk from sample 1 to 2, then from 2 to 3, each in this many images, along great circles",
          \.interpolate, in: 2...10_000, default: "no walks"),
        .value(
          "arithmetic", "sum",
          "add and subtract the means of numbered samples, such as \"1,5,9 - 2,3,7 + 4,8,11\"; the sum "
            + "itself is the first image",
          \.arithmetic),
        .value(
          "class", "name",
          "class of all images, by name or number; all makes a row for each class, with the same random "
            + "vectors (a class called all is meant by its number)",
          \.className),
        .value(
          "vary", "code",
          "walk along an infogan's code, counted from 1, while the others and the random vector stand: a row for each "
            + "sample",
          \.vary, in: 1...64, default: "none"),
        .flag(
          "no-ema", "use the weights of the last step, not their moving average", \.averaged,
          sets: false),
      ])
  }

  private static var computing: OptionSection<Self> {
    OptionSection("computing", .embedded(\.compute))
  }

  /// What the options ask for.
  ///
  /// - Parameters:
  ///   - choices: the classes, or the values of the code that is varied; empty without either.
  ///   - label: the class of all images.
  func plan(choices: [Sampler.Choice] = [], label: Int? = nil) -> SamplePlan {
    let kind: SamplePlan.Kind =
      if let arithmetic {
        .arithmetic(arithmetic, count: count ?? 9)
      } else if let interpolate {
        .walks(count: count ?? 1, steps: interpolate)
      } else if vary != nil {
        .columns(choices, count: count ?? 8)
      } else if asksForAllClasses {
        .rows(choices, count: count ?? 8)
      } else {
        .samples(count: count ?? 64)
      }
    return SamplePlan(kind, choice: label.map { .label($0) }, seed: seed)
  }

  private static var allClasses: String { "all" }

  var asksForAllClasses: Bool { className?.lowercased() == Self.allClasses }

  mutating func complete(given: Set<String>) throws(UsageError) {
    guard output != nil || sheet != nil else {
      throw UsageError(
        "--output or --sheet is missing: where the images go",
        hint: "usage: cyclegan \(Kind.model.rawValue) \(Self.syntax.usage[0])")
    }
    if interpolate != nil, arithmetic != nil {
      throw UsageError("--arithmetic: --interpolate asks for something else; use one of them")
    }
    for other in ["interpolate", "arithmetic"] where given.contains(other) {
      if vary != nil {
        throw UsageError("--vary: --\(other) asks for something else; use one of them")
      }
      if asksForAllClasses {
        throw UsageError("--class: --\(other) takes one class, not all")
      }
    }
    if vary != nil, className != nil {
      throw UsageError("--vary: no generator has codes and classes; leave out --class")
    }
    try checkCount(plan())
  }

  /// Throws an error for more images than a call makes.
  func checkCount(_ plan: SamplePlan) throws(UsageError) {
    try SampleFiles.check(plan.count, "images in all", option: "count")
  }
}

extension LatentArithmetic: OptionValue {
  static var kind: String { "a sum of numbered samples such as '1,5,9 - 2,3,7 + 4,8,11'" }

  init?(optionText text: String) { self.init(text) }

  var optionText: String {
    terms.enumerated().map { index, term in
      let sign = term.isSubtracted ? "-" : index == 0 ? "" : "+"
      return sign + term.samples.map(String.init).joined(separator: ",")
    }.joined()
  }
}

/// `cyclegan dcgan generate` and `cyclegan gan generate`.
enum GANGenerateCommand {
  static func run<Kind: GANKind>(
    _ invocation: Invocation<GANGenerateOptions<Kind>>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    let model = try SampleModel(
      at: ModelPath.url(
        options.model, of: [.dcgan, .gan], for: "\(Kind.model.rawValue) generate"),
      averaged: options.averaged)
    let plan = try Self.plan(options, model)
    let results = SampleFiles(
      folder: options.output.map { URL(fileURLWithPath: $0) }, count: plan.count,
      sheet: options.sheet.map { URL(fileURLWithPath: $0) })
    try results.checkSheet(plan, size: model.configuration.size)
    if !options.overwrite { try results.checkMissing() }

    let device = try options.compute.prepareDevice()
    ModelPath.tell(model.file, warnings: model.warnings, notices: model.notices, console)
    console.notice("\(model.file.relativePath): \(model.configuration.summary)")
    if options.asksForAllClasses, let classes = model.configuration.condition?.classes {
      for (name, number) in ClassNames(classes).numbers(named: options.className ?? "") {
        console.notice("--class \(number) is the one class that is called '\(name)'")
      }
    }
    let sampler = Sampler(model, device: device)
    try results.createFolders()

    let images = try Interrupt.finishing {
      try results.write(context) {
        try sampler.image(plan.input(at: $0, sampler), madeBy: model.file)
      }
    }
    guard let images else { return .interrupted }
    try results.writeSheet({ plan.sheet(images, sampler) }, console.result)
    return .success
  }

  /// What is asked of a model. Throws an error for classes and codes that it does not have.
  private static func plan<Kind: GANKind>(
    _ options: GANGenerateOptions<Kind>, _ model: SampleModel
  ) throws -> SamplePlan {
    let condition = model.configuration.condition
    let path = model.file.relativePath
    var plan = options.plan()
    if let wanted = options.className {
      guard let condition, condition.kind.generatesClasses else {
        throw UsageError("--class: \(path) \(Self.reasonForNoClasses(condition))")
      }
      if options.asksForAllClasses {
        plan = options.plan(choices: condition.classes.indices.map { .label($0) })
      } else {
        plan = options.plan(
          label: try ClassNames(condition.classes).place(of: wanted, path: path))
      }
    }
    if let vary = options.vary {
      let codes = condition?.codes ?? LatentCodes([])
      guard codes.list.indices.contains(vary - 1) else {
        throw UsageError(
          "--vary: \(path) "
            + (codes.list.isEmpty
              ? "does not say that it has codes; a run with --condition infogan does"
              : "has the codes \(codes.text), of which \(vary) is none"))
      }
      plan = options.plan(
        choices: Sampler.values(of: codes, index: vary - 1, steps: Self.stepsOfVariation))
    }
    try options.checkCount(plan)
    return plan
  }

  /// Of a code that is a number.
  private static let stepsOfVariation = 10

  private static func reasonForNoClasses(_ condition: SampleCondition?) -> String {
    switch condition?.kind {
    case .infogan: "was trained without classes; its codes are walked along by --vary"
    case .sgan: "has a generator that knows no classes; its discriminator is what 'classify' uses"
    case .cgan, .acgan, nil:
      "does not say that it has classes; runs with --condition cgan or acgan do"
    }
  }
}
