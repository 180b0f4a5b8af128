import Foundation

/// The numbers of a log of one JSON object a line, as a table: what is not a number is left out.
struct LogTable: Encodable {
  /// Every key that any line has; `step` first.
  private(set) var columns: [String] = []
  /// `nil` where a line has no such number.
  private(set) var rows: [[Double?]] = []
  /// Texts under the key `alarms`, with the step of their line.
  private(set) var alarms: [(step: Int, text: String)] = []

  private enum CodingKeys: CodingKey {
    case columns, rows
  }

  /// - Parameter text: a line that cannot be read, such as a half-written last one, is passed over.
  init(_ text: Data) {
    var lines: [[String: Double]] = []
    for line in text.split(separator: UInt8(ascii: "\n")) {
      guard let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
        let step = object["step"] as? Int
      else { continue }
      lines.append(object.compactMapValues { ($0 as? NSNumber)?.doubleValue })
      for text in object["alarms"] as? [String] ?? [] { alarms.append((step, text)) }
    }
    let names = Set(lines.flatMap(\.keys)).subtracting(["step"])
    columns = lines.isEmpty ? [] : ["step"] + names.sorted()
    rows = lines.map { line in columns.map { line[$0].flatMap(Self.shortened) } }
  }

  /// Six digits are more than a chart shows; JSON knows no infinity.
  private static func shortened(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    return value == value.rounded() && abs(value) < 1e15
      ? value : Double(String(format: "%.6g", value))
  }

  /// The last line's number.
  func last(_ name: String) -> Double? {
    guard let column = columns.firstIndex(of: name) else { return nil }
    return rows.last?[column]
  }

  /// At most `count` rows: each of the mean of its neighbours, but for the steps and other counts, which are those
  /// of the last of them.
  func thinned(to count: Int) -> LogTable {
    guard rows.count > count else { return self }
    var result = self
    result.rows = (0..<count).map { index in
      let group = rows[index * rows.count / count..<(index + 1) * rows.count / count]
      return columns.indices.map { column in
        if Self.counts.contains(columns[column]) { return group.last?[column] }
        let values = group.compactMap { $0[column] }
        return values.isEmpty
          ? nil : Self.shortened(values.reduce(0, +) / Double(values.count))
      }
    }
    return result
  }

  private static let counts: Set<String> = [
    "step", "epoch", "images", "seconds_elapsed", "seconds_left",
  ]
}
