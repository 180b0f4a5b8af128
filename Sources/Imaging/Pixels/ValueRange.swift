/// Two values of samples: what stands for black, which is -1 in a network, and what stands for white, which is 1.
package struct ValueRange: Sendable, Hashable {
  package let low: Double
  package let high: Double

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
