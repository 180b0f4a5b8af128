import Files
import Foundation
import Torch

/// `metrics.jsonl`: one JSON object for each logged step, appended at once.
final class MetricsLog {
  private let url: URL
  private let handle: FileHandle

  /// Opens the log for appending. Lines after `step` are dropped: they belong to steps that a resumed run
  /// takes again. Throws `FileError`.
  init(_ url: URL, keepingUpTo step: Int) throws(FileError) {
    self.url = url
    try replaceFile(at: url, with: Self.lines(of: url, upTo: step))
    do {
      handle = try FileHandle(forWritingTo: url)
      try handle.seekToEnd()
    } catch {
      throw FileError(path: url.relativePath, cause: error)
    }
  }

  deinit { try? handle.close() }

  func append(_ report: StepReport) throws(FileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      try handle.write(contentsOf: encoder.encode(report) + Data("\n".utf8))
    } catch {
      throw FileError(path: url.relativePath, cause: error)
    }
  }

  private static func lines(of url: URL, upTo step: Int) -> Data {
    struct Line: Decodable {
      let step: Int
    }
    guard let data = try? Data(contentsOf: url) else { return Data() }
    let kept = data.split(separator: UInt8(ascii: "\n")).filter { line in
      (try? JSONDecoder().decode(Line.self, from: Data(line))).map { $0.step <= step } ?? false
    }
    return kept.reduce(into: Data()) { $0 += $1 + Data("\n".utf8) }
  }
}
