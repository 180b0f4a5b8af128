import Foundation
import Training

extension RunFolder {
  /// Everything a finished run has to agree on with another: the bytes of every file of the latest
  /// snapshot, and the metrics without their times.
  package func results() throws -> [String: Data] {
    var results: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: latest.path) {
      results[name] = try Data(contentsOf: latest.appendingPathComponent(name))
    }
    for (index, line) in try metricLines().enumerated() {
      let kept = line.filter { !$0.key.hasPrefix("seconds_") }
      results["metrics line \(index)"] = try JSONSerialization.data(
        withJSONObject: kept, options: .sortedKeys)
    }
    return results
  }

  /// The lines of `metrics.jsonl`.
  package func metricLines() throws -> [[String: Any]] {
    try Data(contentsOf: metrics).split(separator: UInt8(ascii: "\n")).map {
      try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any] ?? [:]
    }
  }
}
