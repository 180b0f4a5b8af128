/// A kind of sample. All that work on pixels has to know of it is here: another kind is one more conformance
/// and one more case of `Image.Samples`.
///
/// Samples are levels between black, 0, and `full`.
protocol Sample: Sendable, Equatable {
  /// White; opaque where the sample is alpha.
  static var full: Self { get }

  /// An image's samples of this kind.
  static func wrapped(_ samples: [Self]) -> Image.Samples

  /// The level in 16 bits, 0 to 65535; the nearest one where there are more.
  var sixteenBits: UInt16 { get }

  /// The nearest to a level in 16 bits.
  init(sixteenBits: UInt16)

  /// The level on the kind's own scale, exactly.
  var doubleValue: Double { get }

  /// The nearest to a level on the kind's own scale; the nearest there is for one that lies outside.
  init(nearest value: Double)

  /// This times `alpha`, rounded to the nearest level.
  func multiplied(byAlpha alpha: Self) -> Self

  /// This divided by `alpha`, rounded down as in Pillow, at most `full`; itself where `alpha` is 0.
  func divided(byAlpha alpha: Self) -> Self

  /// This times `alpha` and `back` times the rest, added and rounded to the nearest level.
  func composited(over back: Self, alpha: Self) -> Self

  /// The luma of ITU-R BT.601.
  static func luma(red: Self, green: Self, blue: Self) -> Self

  /// Each row of `source`, of `width` pixels, weighted to the width of `plan`.
  static func resampledRows(
    of source: [Self], width: Int, channels: Int, _ plan: Resampling
  ) -> [Self]

  /// The rows of `source`, of `stride` samples, weighted to the height of `plan`.
  static func resampledColumns(of source: [Self], stride: Int, _ plan: Resampling) -> [Self]
}

extension Sample {
  static var black: Self { Self(sixteenBits: 0) }
}

extension UInt8: Sample {
  static func wrapped(_ samples: [UInt8]) -> Image.Samples { .eightBit(samples) }

  var sixteenBits: UInt16 { UInt16(self) * 257 }

  init(sixteenBits: UInt16) { self = UInt8((UInt32(sixteenBits) + 128) / 257) }
}

extension UInt16: Sample {
  static func wrapped(_ samples: [UInt16]) -> Image.Samples { .sixteenBit(samples) }

  var sixteenBits: UInt16 { self }

  init(sixteenBits: UInt16) { self = sixteenBits }
}

extension Sample where Self: FixedWidthInteger & UnsignedInteger {
  static var full: Self { .max }

  var doubleValue: Double { Double(self) }

  init(nearest value: Double) {
    self.init(Swift.max(0, Swift.min(Double(Self.max), value.rounded(.toNearestOrAwayFromZero))))
  }

  func multiplied(byAlpha alpha: Self) -> Self {
    let full = UInt64(Self.max)
    return Self(truncatingIfNeeded: (UInt64(self) * UInt64(alpha) + full / 2) / full)
  }

  func divided(byAlpha alpha: Self) -> Self {
    let full = UInt64(Self.max)
    return alpha == 0
      ? self : Self(truncatingIfNeeded: Swift.min(UInt64(self) * full / UInt64(alpha), full))
  }

  func composited(over back: Self, alpha: Self) -> Self {
    let full = UInt64(Self.max)
    let sum = UInt64(self) * UInt64(alpha) + UInt64(back) * (full - UInt64(alpha))
    return Self(truncatingIfNeeded: (sum + full / 2) / full)
  }

  /// In the fixed point of Pillow's `convert("L")`. The weights add up to 65536, so that white stays white
  /// and gray stays itself.
  static func luma(red: Self, green: Self, blue: Self) -> Self {
    let sum = 19595 * UInt64(red) + 38470 * UInt64(green) + 7471 * UInt64(blue) + 32768
    return Self(truncatingIfNeeded: sum >> 16)
  }
}
