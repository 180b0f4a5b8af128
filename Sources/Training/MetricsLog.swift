import Files
import Foundation
import Torch

/// `metrics.jsonl`: one JSON object for each logged step.
struct MetricsLog {
  private var log: StepLog
  private let begun = ContinuousClock.now
  /// Seconds that the run had taken before this call.
  private let secondsBefore: Double
  /// What lines of earlier calls tell.
  let earlierAlarms: Set<String>

  /// Takes the log of a run that goes on after `step`; see `StepLog`. Throws `FileError`.
  init(_ url: URL, keepingUpTo step: Int) throws(FileError) {
    let lines: [Data]
    (log, lines) = try StepLog.open(url, keepingUpTo: step)
    secondsBefore = Self.secondsElapsed(in: lines)
    earlierAlarms = Self.alarms(in: lines)
  }

  /// Adds a line. Throws `FileError` where that is not possible; the line is written with the next one that is.
  mutating func append(_ report: StepReport, _ alarms: [Alarm]) throws(FileError) {
    let seconds = secondsBefore + (ContinuousClock.now - begun) / .seconds(1)
    try log.append(MetricsLine(step: report, alarms: alarms, secondsElapsed: seconds))
  }

  /// Makes sure that a power cut leaves all lines. Throws `FileError`.
  mutating func synchronize() throws(FileError) { try log.synchronize() }

  /// When the last of these lines was written, counted from the run's beginning; zero in logs of older programs.
  private static func secondsElapsed(in lines: [Data]) -> Double {
    let last = lines.last.flatMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
    return last?["seconds_elapsed"] as? Double ?? 0
  }

  private static func alarms(in lines: [Data]) -> Set<String> {
    struct Line: Decodable {
      let alarms: [String]
    }
    return Set(StepLog.decoded(Line.self, lines).flatMap(\.alarms))
  }
}
