/// How a resized pixel is made from those around its place.
package enum ResizeFilter: String, Sendable, CaseIterable {
  /// Keys' cubic convolution with a = -0.5.
  case bicubic
  case bilinear
  /// The pixel at that place alone: no antialiasing.
  case nearest

  /// Half the width of the kernel, in source pixels where nothing shrinks. 0 for `nearest`.
  var support: Double {
    switch self {
    case .bicubic: 2
    case .bilinear: 1
    case .nearest: 0
    }
  }

  /// The kernel at `x`; 0 outside `-support...support`.
  ///
  /// Source for bicubic: R. Keys, "Cubic convolution interpolation for digital image processing"
  /// (1981), equation 15.
  func weight(_ x: Double) -> Double {
    let distance = abs(x)
    switch self {
    case .bicubic:
      if distance < 1 { return (1.5 * distance - 2.5) * distance * distance + 1 }
      if distance < 2 { return (((distance - 5) * distance + 8) * distance - 4) * -0.5 }
      return 0
    case .bilinear:
      return max(0, 1 - distance)
    case .nearest:
      return distance <= 0.5 ? 1 : 0
    }
  }
}
