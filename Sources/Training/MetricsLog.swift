import Files
import Foundation
import Torch

/// `metrics.jsonl`: one JSON object for each logged step.
struct MetricsLog {
  private let url: URL
  private let begun = ContinuousClock.now
  /// Seconds that the run had taken before this call.
  private var secondsBefore = 0.0
  /// What lines of earlier calls tell.
  private(set) var earlierAlarms: Set<String> = []
  /// Lines that could not be written yet.
  private var pending = Data()

  /// Takes the log of a run that goes on after `step`. Later lines belong to steps that the run takes again; they
  /// are moved to `metrics-<step>.jsonl`. Throws `FileError`.
  init(_ url: URL, keepingUpTo step: Int) throws(FileError) {
    self.url = url
    guard let data = try Self.contents(of: url) else { return }
    let (kept, later) = Self.split(data, at: step)
    secondsBefore = Self.secondsElapsed(in: kept)
    earlierAlarms = Self.alarms(in: kept)
    guard !later.isEmpty else { return }
    let aside = url.deletingLastPathComponent().appendingPathComponent("metrics-\(step).jsonl")
    // The lines may be there already, if the process was killed between the two files.
    let known = Set(Self.lines(try Self.contents(of: aside) ?? Data()))
    try appendToFile(at: aside, Self.joined(later.filter { !known.contains($0) }))
    try flushFile(at: aside)
    try replaceFile(at: url, with: Self.joined(kept))
  }

  /// Adds a line. Throws `FileError` where that is not possible; the line is written with the next one that is.
  mutating func append(_ report: StepReport, _ alarms: [Alarm]) throws(FileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let seconds = secondsBefore + (ContinuousClock.now - begun) / .seconds(1)
    let line = MetricsLine(step: report, alarms: alarms, secondsElapsed: seconds)
    do { pending += try encoder.encode(line) + Data("\n".utf8) } catch {
      throw FileError(path: url.relativePath, cause: error)
    }
    try flush()
  }

  /// Writes the lines that could not be written before.
  mutating func flush() throws(FileError) {
    if pending.isEmpty { return }
    try appendToFile(at: url, pending)
    pending = Data()
  }

  /// Makes sure that a power cut leaves all lines: a snapshot that a run goes on from has those before it.
  mutating func synchronize() throws(FileError) {
    try flush()
    if FileManager.default.fileExists(atPath: url.path) { try flushFile(at: url) }
  }

  /// `nil` where there is no file.
  private static func contents(of url: URL) throws(FileError) -> Data? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    do { return try Data(contentsOf: url) } catch {
      throw FileError(path: url.relativePath, cause: error)
    }
  }

  private static func lines(_ data: Data) -> [Data] {
    data.split(separator: UInt8(ascii: "\n")).map { Data($0) }
  }

  private static func joined(_ lines: [Data]) -> Data {
    lines.reduce(into: Data()) { $0 += $1 + Data("\n".utf8) }
  }

  /// When the last of these lines was written, counted from the run's beginning; zero in logs of older programs.
  private static func secondsElapsed(in lines: [Data]) -> Double {
    let last = lines.last.flatMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
    return last?["seconds_elapsed"] as? Double ?? 0
  }

  private static func alarms(in lines: [Data]) -> Set<String> {
    struct Line: Decodable {
      let alarms: [String]
    }
    let found = lines.compactMap { try? JSONDecoder().decode(Line.self, from: $0) }
    return Set(found.flatMap(\.alarms))
  }

  /// The lines of steps up to `step`, and all others.
  private static func split(_ data: Data, at step: Int) -> (kept: [Data], later: [Data]) {
    struct Line: Decodable {
      let step: Int
    }
    let lines = lines(data)
    let isKept = lines.map { line in
      (try? JSONDecoder().decode(Line.self, from: line)).map { $0.step <= step } ?? false
    }
    let all = Array(zip(lines, isKept))
    return (all.filter(\.1).map(\.0), all.filter { !$0.1 }.map(\.0))
  }
}
