/// Red, green and blue as sRGB values in [0, 1].
typealias SceneColor = SIMD3<Float>

/// `a` where `t` is 0, `b` where it is 1.
func mix(_ a: Float, _ b: Float, _ t: Float) -> Float {
  a + (b - a) * t
}

/// `a` where `t` is 0, `b` where it is 1.
func mix(_ a: SceneColor, _ b: SceneColor, _ t: Float) -> SceneColor {
  a + (b - a) * t
}

/// `x` limited to [0, 1].
func clamped(_ x: Float) -> Float {
  x < 0 ? 0 : (x > 1 ? 1 : x)
}

/// 0 below `low`, 1 above `high`, a smooth cubic between them.
func smoothStep(_ low: Float, _ high: Float, _ x: Float) -> Float {
  let t = clamped((x - low) / (high - low))
  return t * t * (3 - 2 * t)
}

/// A material's color from full shadow to full light.
struct Shade: Sendable {
  let dark: SceneColor
  let lit: SceneColor

  /// The color under `light` in [0, 1]; values outside are limited.
  func under(_ light: Float) -> SceneColor {
    mix(dark, lit, clamped(light))
  }
}
