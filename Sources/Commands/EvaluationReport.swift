import Evaluation
import Foundation
import Wording

/// What `evaluate` says, for people and for programs.
struct EvaluationReport {
  let comparisons: [Comparison]
  let network: FeatureNetwork?

  /// A table for each comparison.
  var text: String { comparisons.map(table).joined(separator: "\n") }

  private func table(_ comparison: Comparison) -> String {
    let made = comparison.key == "translated" ? "translated" : words(comparison.key)
    var lines = [
      "\(made): \(side(comparison.made)) against \(side(comparison.real))"
    ]
    let rows = comparison.measurements.map { measurement in
      let factor = Double(measurement.factor)
      return [
        measurement.name + (measurement.factor == 1 ? "" : ", x \(measurement.factor)"),
        measurement.value.map { Self.number($0 * factor) } ?? "-",
        measurement.error.map { "± \(Self.number($0 * factor))" } ?? "", measurement.remark,
      ]
    }
    let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 1 ? space + cell.0 : cell.0 + space
      }
      lines.append("  " + (cells + [row[3]]).joined(separator: "  "))
    }
    lines += comparison.notes.map { "note: \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  private func side(_ side: Comparison.Side) -> String {
    "\(counted(side.images, "image")) of \(side.path)"
  }

  /// "A to B"
  private func words(_ key: String) -> String {
    key == "a_to_b" ? "A to B" : "B to A"
  }

  /// Four digits that count.
  static func number(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    let whole = max(1, Int(log10(abs(value)).rounded(.down)) + 1)
    return String(format: "%.\(max(0, min(4, 5 - whole)))f", value)
  }

  private struct Value: Encodable {
    let value: Double?
    let error: Double?
    let remark: String

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      // Programs find every key, with null where there is no number.
      try container.encode(value.flatMap { $0.isFinite ? $0 : nil }, forKey: .value)
      try container.encode(error.flatMap { $0.isFinite ? $0 : nil }, forKey: .error)
      try container.encode(remark, forKey: .remark)
    }

    private enum Key: String, CodingKey { case value, error, remark }
  }

  private struct Side: Encodable {
    let path: String
    let images: Int
  }

  private struct Part: Encodable {
    let translated: Side
    let real: Side
    let measures: [String: Value]
    let notes: [String]
  }

  private struct Whole: Encodable {
    let features: String
    let comparisons: [String: Part]
  }

  func json() throws -> String {
    let parts = comparisons.map { comparison in
      let measures = comparison.measurements.map {
        ($0.key, Value(value: $0.value, error: $0.error, remark: $0.remark))
      }
      return (
        comparison.key,
        Part(
          translated: Side(path: comparison.made.path, images: comparison.made.images),
          real: Side(path: comparison.real.path, images: comparison.real.images),
          measures: Dictionary(uniqueKeysWithValues: measures), notes: comparison.notes)
      )
    }
    let whole = Whole(
      features: network.map { "\($0.url.relativePath): \($0.summary)" }
        ?? "statistics of patches; no FID",
      comparisons: Dictionary(uniqueKeysWithValues: parts))
    return try Commands.json(whole)
  }
}
