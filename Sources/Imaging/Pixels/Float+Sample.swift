/// Samples with values of their own. Where they are levels, as alpha always is, 0 is black and 1 is white.
extension Float: Sample {
  static var full: Float { 1 }

  static func wrapped(_ samples: [Float]) -> Image.Samples { .float(samples) }

  var sixteenBits: UInt16 { UInt16((Swift.max(0, Swift.min(1, self)) * 65535).rounded()) }

  init(sixteenBits: UInt16) { self = Float(sixteenBits) / 65535 }

  var doubleValue: Double { Double(self) }

  init(nearest value: Double) { self = Float(value) }

  func multiplied(byAlpha alpha: Float) -> Float { self * alpha }

  func divided(byAlpha alpha: Float) -> Float { alpha == 0 ? self : self / alpha }

  func composited(over back: Float, alpha: Float) -> Float { self * alpha + back * (1 - alpha) }

  static func luma(red: Float, green: Float, blue: Float) -> Float {
    0.299 * red + 0.587 * green + 0.114 * blue
  }
}
