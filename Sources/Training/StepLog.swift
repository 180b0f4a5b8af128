import Files
import Foundation

/// A log of one JSON object a line, each of one step of a run.
struct StepLog {
  private let url: URL
  /// Lines that could not be written yet.
  private var pending = Data()

  private init(_ url: URL) { self.url = url }

  /// Takes the log of a run that goes on after `step`, and reads what earlier calls have left. Later lines belong to
  /// steps that the run takes again; they are moved to `<name>-<step>.jsonl`. Throws `FileError`.
  static func open(
    _ url: URL, keepingUpTo step: Int
  ) throws(FileError) -> (log: StepLog, earlierLines: [Data]) {
    let log = StepLog(url)
    guard let data = try contents(of: url) else { return (log, []) }
    let (kept, later) = split(data, at: step)
    guard !later.isEmpty else { return (log, kept) }
    let name = url.deletingPathExtension().lastPathComponent
    let aside = url.deletingLastPathComponent().appendingPathComponent("\(name)-\(step).jsonl")
    // The lines may be there already, if the process was killed between the two files.
    let known = Set(lines(try contents(of: aside) ?? Data()))
    try appendToFile(at: aside, joined(later.filter { !known.contains($0) }))
    try flushFile(at: aside)
    try replaceFile(at: url, with: joined(kept))
    return (log, kept)
  }

  /// Throws `FileError` where a line cannot be added; it is written with the next one that can.
  mutating func append(_ line: some Encodable) throws(FileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { pending += try encoder.encode(line) + Data("\n".utf8) } catch {
      throw FileError(path: url.relativePath, cause: error)
    }
    try flush()
  }

  /// Writes the lines that could not be written before.
  private mutating func flush() throws(FileError) {
    if pending.isEmpty { return }
    try appendToFile(at: url, pending)
    pending = Data()
  }

  /// Makes sure that a power cut leaves all lines: a snapshot that a run goes on from has those before it.
  mutating func synchronize() throws(FileError) {
    try flush()
    if FileManager.default.fileExists(atPath: url.path) { try flushFile(at: url) }
  }

  /// The lines that can be read as one of a log; none where there is no file.
  static func read<Line: Decodable>(_ line: Line.Type, from url: URL) throws(FileError) -> [Line] {
    decoded(line, lines(try contents(of: url) ?? Data()))
  }

  static func decoded<Line: Decodable>(_ line: Line.Type, _ lines: [Data]) -> [Line] {
    lines.compactMap { try? JSONDecoder().decode(line, from: $0) }
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
