import Benchmarks
import Demo
import Synthesis
import Training
import Translation

/// What `demo` can be told.
struct DemoOptions: CommandOptions {
  var seed: UInt64 = 0
  /// Optimization steps of the training.
  var steps = 620
  /// One for all machines by default, so that their scores can be compared.
  var precision = OptimizationSettings.Precision.fp32
  var compute = ComputeOptions()
  var console = ConsoleOptions()

  static let syntax = CommandSyntax<DemoOptions>(
    name: "demo",
    summary: "draws two small sets of images, trains on them and shows the result",
    usage: ["demo [options]"],
    discussion: """
      Draws landscapes in summer and in winter, trains a small CycleGAN on them without pairs, \
      translates test scenes and compares them with the truth. It needs no input, and writes to \
      datasets/demo and checkpoints/demo in the current folder.
      """,
    positionals: [],
    groups: [
      OptionSection(
        "options",
        [
          .value("seed", "number", "the same seed gives the same training", \.seed, in: 0...),
          .value("steps", "count", "optimization steps", \.steps, in: 1...1_000_000_000),
        ],
        .embedded(\.precision), .embedded(\.compute), .embedded(\.console))
    ],
    examples: ["demo", "demo --steps 2000"])
}
