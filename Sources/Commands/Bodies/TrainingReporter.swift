import Benchmarks
import Datasets
import Demo
import Foundation
import Synthesis
import Training
import Translation

/// Turns a run's events into progress, notices and warnings. Used by the thread that trains.
final class TrainingReporter {
  private let console: Console
  private let linesEvery: Int
  private var display: ProgressDisplay?

  init(_ console: Console, linesEvery: Int) {
    self.console = console
    self.linesEvery = linesEvery
  }

  func report(_ event: TrainingEvent) {
    switch event {
    case .checking(let folder, let done, let total):
      console.draw("checking \(folder): \(done) of \(total) images")
    case .domainReady(let folder, let count, let skipped):
      console.erase()
      for image in skipped { console.warning("\(image.description); left out") }
      console.notice("\(folder): \(Self.counted(count))" + Self.left(out: skipped.count))
    case .started(let epoch, let step, let usesBFloat16):
      if step > 0 { console.notice("going on after step \(step), in epoch \(epoch)") }
      console.notice("training in \(usesBFloat16 ? "bfloat16" : "float32")")
      display = ProgressDisplay(console: console, linesEvery: linesEvery)
    case .step(let step, _):
      display?.advance(
        [
          .init(name: "epoch", done: step.epoch, total: step.totalEpochs),
          .init(name: "step", done: step.step, total: step.totalSteps),
        ], units: step.batchSize, values: step.losses.named)
    case .savedSnapshot(let url), .savedSamples(let url):
      console.notice("saved \(url.relativePath)")
    case .warning(let text):
      console.warning(text)
    case .notice(let text):
      console.erase()
      console.notice(text)
    }
  }

  func finish() {
    display?.finish()
  }

  private static func counted(_ count: Int) -> String {
    count == 1 ? "1 image" : "\(count) images"
  }

  private static func left(out count: Int) -> String {
    count == 0 ? "" : ", \(count) left out"
  }
}
