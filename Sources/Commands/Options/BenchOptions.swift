import Training

/// What `bench` can be told.
struct BenchOptions: DeviceOptions {
  var networks = NetworkSettings()
  /// Side of the square pictures, in pixels.
  var cropSize = 256
  var batchSize = 1
  /// Training steps and forward passes that are timed, after the warm-up.
  var steps = 5
  /// A folder whose pictures' way to the network is timed instead; `nil` times the networks.
  var pictures: String?
  var precision = OptimizationSettings.Precision.auto
  var device = DeviceName.auto
  var threads: Int?
  var quiet = false

  static let memoryAdvice = "lower --crop-size or --batch-size"

  static let syntax = CommandSyntax<BenchOptions>(
    name: "bench",
    summary: "times a training step and a forward pass",
    usage: ["bench [options]"],
    discussion: """
      Times one training step and one pass of the generator on random pictures, after a warm-up, and \
      prints the medians as JSON. With --pictures it times reading and preparing pictures for training \
      instead, on one thread.
      """,
    positionals: [],
    groups: [
      OptionGroup(
        "options",
        [
          .choice("generator", "name", "the translating networks", \.networks.generator),
          .value("crop-size", "pixels", "side of the pictures", \.cropSize, in: 1...32768),
          .value("batch-size", "count", "pictures of each domain", \.batchSize, in: 1...4096),
          .choice("precision", "kind", "number format of the convolutions", \.precision),
          .value("steps", "count", "steps and passes that are timed", \.steps, in: 1...1_000_000),
          .value(
            "pictures", "folder", "time reading and preparing the pictures in it", \.pictures),
          .device, .threads,
          .quiet(\.quiet),
        ])
    ],
    examples: ["bench --crop-size 256 --precision fp32"])

  /// The settings a training run of this size and precision would have.
  var configuration: CycleGANConfiguration {
    var configuration = CycleGANConfiguration()
    configuration.networks = networks
    configuration.data.cropSize = cropSize
    configuration.data.loadSize = max(cropSize, configuration.data.loadSize)
    configuration.data.batchSize = batchSize
    configuration.optimization.precision = precision
    return configuration
  }

  mutating func complete(given: Set<String>) throws(UsageError) {
    try TrainOptions.check(configuration)
  }
}
