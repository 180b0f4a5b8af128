/// How a resized pixel is made from those around its place.
public enum ResizeFilter: String, Sendable, CaseIterable {
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

/// For each pixel of a resized row or column: where its source pixels start, and their weights,
/// which add up to 1. Where the image shrinks by s, the kernel is s times as wide (antialiasing).
struct ResampleWeights {
  /// Index of the first source pixel, one for each target pixel.
  let starts: [Int]
  /// How many source pixels contribute, one for each target pixel; at least 1.
  let counts: [Int]
  /// `taps` weights for each target pixel; those after its count are 0.
  let values: [Double]
  /// The largest count.
  let taps: Int

  init(from sourceCount: Int, to targetCount: Int, filter: ResizeFilter) {
    let scale = Double(sourceCount) / Double(targetCount)
    let stretch = max(scale, 1)
    let support = filter.support * stretch
    var starts: [Int] = []
    var rows: [[Double]] = []
    for target in 0..<targetCount {
      let center = (Double(target) + 0.5) * scale
      let start = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), sourceCount)
      let weights = (start..<end).map { filter.weight((Double($0) - center + 0.5) / stretch) }
      let sum = weights.reduce(0, +)
      starts.append(start)
      rows.append(weights.map { $0 / sum })
    }
    let taps = rows.map(\.count).max() ?? 1
    self.starts = starts
    self.counts = rows.map(\.count)
    self.taps = taps
    self.values = rows.flatMap { $0 + Array(repeating: 0, count: taps - $0.count) }
  }

  /// Binary digits after the point of `fixedPoint`. Cubic weights lie between -0.2 and 1.2 and
  /// partial sums of weighted 8-bit levels between -256 and 512, so 22 leave room in 32 bits.
  static let fractionBits = 22

  /// The weights times 2^22, rounded half away from 0.
  var fixedPoint: [Int32] {
    values.map { Int32(($0 * Double(1 << Self.fractionBits)).rounded(.toNearestOrAwayFromZero)) }
  }
}
