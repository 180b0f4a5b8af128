import Foundation

/// Two values of samples: what stands for black, which is -1 in a network, and what stands for white, which is 1.
package struct ValueRange: Sendable, Hashable {
  package let low: Double
  package let high: Double

  /// "LOW..HIGH", as `text` has it; nil for other words, and where `low` is not below `high`.
  package init?(text: String) {
    let parts = text.components(separatedBy: "..")
    guard parts.count == 2, let low = Double(parts[0]), let high = Double(parts[1]), low < high,
      (high - low).isFinite
    else { return nil }
    self.init(low, high)
  }

  /// "-1024..3071"
  package var text: String { "\(Self.words(low))..\(Self.words(high))" }

  private static func words(_ value: Double) -> String {
    value.description.hasSuffix(".0") ? String(value.description.dropLast(2)) : value.description
  }

  /// Traps unless `low` is below `high` and both are finite.
  package init(_ low: Double, _ high: Double) {
    precondition(low < high && (high - low).isFinite, "a range from \(low) to \(high)")
    (self.low, self.high) = (low, high)
  }

  /// The whole range of unsigned samples.
  package init(unsignedBits bits: Int) { self.init(0, Double(UInt64(1) << bits - 1)) }

  /// The whole range of signed samples.
  package init(signedBits bits: Int) {
    let half = Double(UInt64(1) << (bits - 1))
    self.init(-half, half - 1)
  }

  package var width: Double { high - low }

  /// Where a value lies: 0 at `low`, 1 at `high`.
  func position(of value: Double) -> Double { (value - low) / width }

  /// The value at such a place.
  func value(at position: Double) -> Double { low + position * width }
}

extension ValueRange: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let range = ValueRange(text: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is no range")
    }
    self = range
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
