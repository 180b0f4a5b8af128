/// A small, fast random number generator whose stream is the same on every platform.
///
/// One addition and one mixing step for each number; good enough for sampling and drawing, not for
/// secrets. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (OOPSLA
/// 2014); the constants are those of Sebastiano Vigna's public-domain splitmix64.c: the odd number
/// nearest to 2^64 divided by the golden ratio, and variant 13 of David Stafford's mixers.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  private var state: UInt64

  /// Starts the published stream of `seed`.
  package init(seed: UInt64) {
    state = seed
  }

  /// Starts a stream that belongs to all of `values` in this order, such as (seed, epoch, index).
  ///
  /// Lists of one length that differ in one place always get different states.
  package init(mixing values: UInt64...) {
    state = values.reduce(0) { Self.mixed(($0 ^ $1) &+ Self.increment) }
  }

  package mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mixed(state)
  }

  /// The next number, evenly spread over `range` in 2^24 steps.
  ///
  /// The standard library's `Float.random(in:using:)` may change its algorithm; this one does not.
  package mutating func uniform(in range: ClosedRange<Float>) -> Float {
    let fraction = Float(next() >> 40) * 0x1p-24
    return range.lowerBound + (range.upperBound - range.lowerBound) * fraction
  }

  /// A bijection of 64-bit words in which every input bit reaches every output bit.
  package static func mixed(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
