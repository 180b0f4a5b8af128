import Benchmarks
import Foundation
import Models
import Torch
import Training
import Translation

/// What `bench` can be told.
struct BenchOptions: CommandOptions {
  /// The command whose step is timed.
  enum Network: String, CaseIterable {
    case cyclegan, dcgan

    var cropSize: Int { self == .cyclegan ? 256 : 64 }
    var batchSize: Int { self == .cyclegan ? 1 : 128 }
  }

  var network = Network.cyclegan
  /// Of which the networks are taken: the reference's where nothing else is asked for.
  var request: CycleGANRequest = {
    var request = CycleGANRequest()
    request.preset = .reference
    return request
  }()
  /// Side of the square images, in pixels; `nil` for the network's own.
  var cropSize: Int?
  var batchSize: Int?
  /// Training steps and forward passes that are timed, after the warm-up.
  var steps = 5
  /// A folder whose images' way to the network is timed instead; `nil` times the networks.
  var images: String?
  /// Whether images of kinds that cannot be read are an error.
  var strict = false
  var precision = OptimizationSettings.Precision.auto
  var compute = ComputeOptions()
  var console = ConsoleOptions()

  static let memoryAdvice = "lower --crop-size or --batch-size"

  static let syntax = CommandSyntax<BenchOptions>(
    name: "bench",
    summary: "times a training step and a forward pass",
    usage: ["bench [options]"],
    discussion: """
      Times one training step and one pass of the generator on random images, after a warm-up, and \
      prints the medians as JSON. With --images it times reading and preparing images for training \
      instead, on one thread.
      """,
    positionals: [],
    groups: [
      OptionSection(
        "options",
        [
          .choice("network", "name", "networks that are timed", \.network),
          .value(
            "crop-size", "pixels", "side of the images", \.cropSize, in: 1...32768,
            default: defaults(\.cropSize)),
          .value(
            "batch-size", "count", "images of each domain in one step", \.batchSize, in: 1...4096,
            default: defaults(\.batchSize)),
        ],
        .embedded(\.precision),
        [
          .value(
            "steps", "count", "number of steps and passes that are timed", \.steps,
            in: 1...1_000_000),
          .value(
            "images", "folder", "time reading and preparing the images in this folder", \.images
          ).alias("pictures"),
          .flag(
            "strict", "stop if the folder holds images of kinds that cannot be read", \.strict),
        ],
        .embedded(\.compute), .embedded(\.console)),
      OptionSection("networks", .embedded(networkRows, at: \.request)),
    ],
    examples: ["bench --crop-size 256 --precision fp32", "bench --network dcgan"])

  private static let networkRows = CycleGANRequest.networkRows(preset: .reference)

  private static func defaults(_ value: (Network) -> Int) -> String {
    "\(value(.cyclegan)); \(value(.dcgan)) for dcgan"
  }

  /// The settings a training run of this size and precision would have.
  var configuration: CycleGANConfiguration {
    var configuration = request.decided
    configuration.data.cropSize = cropSize ?? network.cropSize
    configuration.data.loadSize = max(configuration.data.cropSize, configuration.data.loadSize)
    configuration.data.batchSize = batchSize ?? network.batchSize
    configuration.data.strict = strict
    configuration.optimization.precision = precision
    return configuration
  }

  /// Options without a meaning beside the others, and what they were given with.
  private var unused: (names: [String], cause: String) {
    let networks = Self.networkRows.map(\.name)
    if images != nil {
      let names =
        ["network", "batch-size", "precision", "device", "threads", "deterministic"] + networks
      return (names, "--images, which times reading on one thread, without networks")
    }
    return network == .dcgan ? (networks, "--network dcgan") : ([], "")
  }

  mutating func complete(given: Set<String>) throws(UsageError) {
    let (names, cause) = unused
    if let name = names.first(where: given.contains) {
      throw UsageError("--\(name): this has no effect with \(cause)")
    }
    if strict, images == nil {
      throw UsageError("--strict: this has no effect without --images")
    }
    switch network {
    case .cyclegan:
      var request = request
      request.configuration = configuration
      try TrainOptions.check(request)
    case .dcgan:
      let size = configuration.data.cropSize
      guard SampleModelConfiguration.convolutionalSizes.contains(size) else {
        throw UsageError(
          "--crop-size: \(size) is not a size that a DCGAN makes; 28, 32, 64 and 128 are")
      }
    }
  }
}

/// `cyclegan bench`: times one training step and one forward pass, or the reading of images, as JSON.
enum BenchCommand {
  static func run(
    _ invocation: Invocation<BenchOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    if let images = options.images {
      Backend.setThreadCount(1)
      let benchmark = try LoadingBenchmark(
        folder: URL(fileURLWithPath: images), data: options.configuration.data,
        passes: options.steps)
      if let warning = benchmark.warning { context.console.warning(warning) }
      context.console.result(try json(try benchmark.run()))
      return .success
    }
    let device = try options.compute.prepareDevice()
    context.console.warnAboutLoops()
    if options.network == .dcgan {
      let data = options.configuration.data
      let result = GANBenchmark(
        size: data.cropSize, batchSize: data.batchSize, precision: options.precision,
        device: device, steps: options.steps
      ).run()
      context.console.result(try json(result))
      return .success
    }
    let result = Benchmark(
      configuration: options.configuration, device: device, steps: options.steps
    ).run()
    context.console.result(try json(result))
    return .success
  }
}

/// Readable JSON with sorted keys and dates as in ISO 8601.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.dateEncodingStrategy = .iso8601
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
