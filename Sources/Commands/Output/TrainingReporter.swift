import Datasets
import Foundation
import Training
import Wording

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
      console.notice("\(folder): \(counted(count, "image"))" + Self.left(out: skipped.count))
    case .started(let epoch, let step, let usesBFloat16):
      if step > 0 { console.notice("going on after step \(step), in epoch \(epoch)") }
      console.notice("training in \(usesBFloat16 ? "bfloat16" : "float32")")
      display = ProgressDisplay(console: console, linesEvery: linesEvery)
    case .learningRateRises(let before, let after, let epoch):
      console.notice(
        "the learning rate had fallen to \(Self.rounded(before)); from epoch \(epoch) on it is "
          + "\(Self.rounded(after)) again, as for a run that always had this length")
    case .step(let step, _):
      display?.advance(
        [
          .init(name: "epoch", done: step.epoch, total: step.totalEpochs),
          .init(name: "step", done: step.step, total: step.totalSteps),
        ], units: step.batchSize, values: Self.ordered(step.losses.named))
    case .savedSnapshot(let url), .savedSamples(let url):
      console.notice("saved \(url.relativePath)")
    case .warning(let text):
      console.warning(text)
    case .batchIsSmaller(let asked, let used):
      console.warning(
        "--batch-size: there are fewer images than a batch of \(asked); training with "
          + (used == 1 ? "the one there is" : "batches of all \(used)"))
    case .validated(let values, let isBest):
      let chosen = values.filter {
        ($0.name.hasPrefix("distance") || $0.name.hasPrefix("edges")) && !$0.name.hasSuffix("_raw")
      }
      console.notice(
        "validation: "
          + chosen.map { "\($0.name) \(Self.rounded($0.value))" }.joined(separator: ", ")
          + (isBest ? "; the best so far" : ""))
    case .alarm(let alarm): console.warning(alarm.description)
    case .notice(let text):
      console.erase()
      console.notice(text)
    }
  }

  /// Cycle losses tell people the most: whether images come back as they were.
  private static func ordered(
    _ losses: [(name: String, value: Double)]
  ) -> [(name: String, value: Double)] {
    losses.filter { $0.name.hasPrefix("cycle") } + losses.filter { !$0.name.hasPrefix("cycle") }
  }

  func finish() {
    display?.finish()
  }

  private static func rounded(_ rate: Double) -> String { String(format: "%.3g", rate) }

  private static func left(out count: Int) -> String {
    count == 0 ? "" : ", \(count) left out"
  }
}
