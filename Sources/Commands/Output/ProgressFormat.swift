import Foundation

/// How far a long job is.
struct ProgressReading: Sendable {
  /// A count that goes up to a total: "step 1204/21400".
  struct Counter: Sendable {
    var name: String
    var done: Int
    var total: Int
  }

  /// From the slowest to the fastest.
  var counters: [Counter]
  /// "images" in "3.1 images/s".
  var unit = "images"
  /// `nil` before anything is done.
  var unitsPerSecond: Double?
  var secondsElapsed: Double?
  var secondsLeft: Double?
  /// Smoothed values, in the order they are shown in.
  var values: [(name: String, value: Double)] = []
}

/// The words for progress; pure functions.
enum ProgressFormat {
  /// "epoch 3/200  step 1204/21400  3.1 images/s  0:06:28 elapsed  1:52:09 left  cycle_A 0.412  D_A 0.207".
  static func line(_ reading: ProgressReading) -> String {
    (counts(reading) + values(reading)).joined(separator: separator)
  }

  /// The same on one line where it fits without wrapping, else on two: how far it is, and the values. As many whole
  /// parts as fit: a terminal's last column stays free.
  static func lines(_ reading: ProgressReading, width: Int) -> [String] {
    let whole = line(reading)
    if whole.count < width { return [whole] }
    return [counts(reading), values(reading)].map { fitting($0, width) }.filter { !$0.isEmpty }
  }

  private static let separator = "  "

  private static func fitting(_ parts: [String], _ width: Int) -> String {
    var line = ""
    for part in parts {
      let longer = line.isEmpty ? part : line + separator + part
      guard longer.count < width else { break }
      line = longer
    }
    return line
  }

  private static func counts(_ reading: ProgressReading) -> [String] {
    var parts = reading.counters.map { "\($0.name) \($0.done)/\($0.total)" }
    if let rate = reading.unitsPerSecond { parts.append("\(significant(rate)) \(reading.unit)/s") }
    if let seconds = reading.secondsElapsed { parts.append("\(duration(seconds)) elapsed") }
    if let seconds = reading.secondsLeft { parts.append("\(duration(seconds)) left") }
    return parts
  }

  private static func values(_ reading: ProgressReading) -> [String] {
    reading.values.map { "\($0.name) \(significant($0.value))" }
  }

  /// Hours, minutes and seconds, rounded: "1:52:09"; what no clock can show is "-:--:--".
  static func duration(_ seconds: Double) -> String {
    guard seconds >= 0, seconds < 1e9 else { return "-:--:--" }
    let total = Int(seconds.rounded())
    return String(format: "%d:%02d:%02d", total / 3600, total / 60 % 60, total % 60)
  }

  /// Three digits that count: "0.412", "12.3", "1234", "1.2e-05".
  static func significant(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    switch abs(value) {
    case 0: return "0"
    case ..<0.001: return String(format: "%.1e", value)
    case ..<9.995: return String(format: abs(value) < 0.9995 ? "%.3f" : "%.2f", value)
    case ..<99.95: return String(format: "%.1f", value)
    default: return String(format: "%.0f", value)
    }
  }
}
