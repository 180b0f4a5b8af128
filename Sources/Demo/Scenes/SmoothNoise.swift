import Datasets

/// Value noise: random numbers on an integer lattice with smooth interpolation between them.
///
/// Only additions, multiplications and comparisons, so every platform computes the same bits.
struct SmoothNoise: Sendable {
  private let salt: UInt64

  init(using random: inout SplitMix64) {
    salt = random.next()
  }

  /// Noise in [-1, 1] with features about one unit wide. `x` and `y` must be far inside Int32's
  /// range.
  func value(_ x: Float, _ y: Float) -> Float {
    let column = wholePart(x)
    let row = wholePart(y)
    let u = fade(x - Float(column))
    let v = fade(y - Float(row))
    let top = mix(lattice(column, row), lattice(column &+ 1, row), u)
    let bottom = mix(lattice(column, row &+ 1), lattice(column &+ 1, row &+ 1), u)
    return mix(top, bottom, v)
  }

  /// A sum of `octaves` noises, each with twice the frequency and half the height of the last, in
  /// [-1, 1].
  func fractal(_ x: Float, _ y: Float, octaves: Int) -> Float {
    var sum: Float = 0
    var total: Float = 0
    var weight: Float = 1
    var (x, y) = (x, y)
    for _ in 0..<octaves {
      sum += weight * value(x, y)
      total += weight
      weight *= 0.5
      // Turned by the angle of the 3-4-5 triangle, so that the lattices of two octaves do not line
      // up.
      (x, y) = (2 * (0.8 * x - 0.6 * y) + 17.3, 2 * (0.6 * x + 0.8 * y) + 9.1)
    }
    return sum / total
  }

  /// The random number in [-1, 1) of one lattice point: a multiplicative hash of its place and the
  /// salt.
  private func lattice(_ column: Int, _ row: Int) -> Float {
    let across = UInt64(bitPattern: Int64(column)) &* 0x9E37_79B9_7F4A_7C15
    let place = across ^ UInt64(bitPattern: Int64(row)) &* 0xC2B2_AE3D_27D4_EB4F ^ salt
    let mixed = (place ^ place >> 32) &* 0xBF58_476D_1CE4_E5B9
    return Float(((mixed ^ mixed >> 29) &* 0x94D0_49BB_1331_11EB) >> 40) * 0x1p-23 - 1
  }

  private func wholePart(_ x: Float) -> Int {
    let truncated = Int(x)
    return Float(truncated) > x ? truncated &- 1 : truncated
  }

  /// Perlin's quintic: 0 to 1 with flat first and second derivatives at both ends.
  private func fade(_ t: Float) -> Float {
    t * t * t * (t * (t * 6 - 15) + 10)
  }
}
