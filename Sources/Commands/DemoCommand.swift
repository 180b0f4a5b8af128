import Demo
import Evaluation
import Foundation
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

/// `cyclegan demo`: the main job on images that the tool draws itself.
enum DemoCommand {
  static func run(
    _ invocation: Invocation<DemoOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    let device = try options.compute.prepareDevice()
    let demo = Demo(
      seed: options.seed, steps: options.steps, precision: options.precision, device: device,
      workers: WorkerOptions().count)

    console.notice(
      "drawing landscapes in summer and in winter into \(demo.dataset.root.relativePath)")
    let lock = try demo.drawImages(shouldStop: context.isInterrupted)
    let reporter = TrainingReporter(console, linesEvery: 100)
    let page = RunReportWriter(demo.run, console) {
      try TrainOptions.description(of: demo.run, command: "train")
    }
    let clock = ContinuousClock()
    let begun = clock.now
    let outcome = try Interrupt.saving {
      try demo.train(lock, shouldStop: context.isInterrupted) { event in
        reporter.report(event)
        page.report(event)
      }
    }
    reporter.finish()
    page.finish()
    guard outcome == .finished else { return .interrupted }
    let seconds = Int(((clock.now - begun) / .seconds(1)).rounded())
    console.notice("trained in \(seconds) s; translating the test scenes")
    try demo.translateTestScenes(shouldStop: context.isInterrupted)
    let report = try demo.report(shouldStop: context.isInterrupted)
    console.resultText(table(report))
    console.result("sheet: \(report.sheet.relativePath)")
    return .success
  }

  /// PSNR in dB and SSIM for each direction and each way to guess.
  private static func table(_ report: DemoReport) -> String {
    func row(_ name: String, _ similarity: ImageSimilarity) -> String {
      String(format: "  %@ %6.2f dB  %.3f\n", padded(name), similarity.psnr, similarity.ssim)
    }
    return report.scores.map { scores in
      "\(title(scores.direction)): PSNR, SSIM against the truth\n"
        + row("untouched", scores.untouched) + row("mean color", scores.meanColor)
        + row("translated", scores.translated)
    }.joined()
  }

  private static func padded(_ name: String) -> String {
    name.padding(toLength: 12, withPad: " ", startingAt: 0)
  }

  private static func title(_ direction: TranslationDirection) -> String {
    direction == .aToB ? "summer to winter" : "winter to summer"
  }
}
