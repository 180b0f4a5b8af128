import Benchmarks
import Demo
import Foundation
import Synthesis
import Torch
import Training
import Translation

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
    try demo.drawImages(shouldStop: context.isInterrupted)
    let reporter = TrainingReporter(console, linesEvery: 100)
    let clock = ContinuousClock()
    let begun = clock.now
    if try demo.train(shouldStop: context.isInterrupted, report: reporter.report) == .interrupted {
      reporter.finish()
      return .interrupted
    }
    reporter.finish()
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
