/// How a row or column of pixels becomes one of another length.
struct Resampling {
  let sourceCount: Int
  let targetCount: Int
  let filter: ResizeFilter

  /// Source pixels in a target pixel.
  private var scale: Double { Double(sourceCount) / Double(targetCount) }
  /// Half the width of the kernel, in source pixels. Where the image shrinks by s, the kernel is s times
  /// as wide (antialiasing).
  private var support: Double { filter.support * max(scale, 1) }
  /// No target pixel has more weights. An interval of length 2 `support` touches at most so many pixels.
  private var taps: Int { min(Int(2 * support) + 2, sourceCount) }

  /// Weights held at once, 12 MiB of them; every usual size has fewer in all.
  static let weightsAtOnce = 1 << 20

  /// The target pixels in parts whose weights are held at once: shrinking a hundred million pixels to a
  /// few hundred has some billions of weights in all.
  var parts: [Range<Int>] {
    let length = max(Self.weightsAtOnce / taps, 1)
    return stride(from: 0, to: targetCount, by: length).map {
      $0..<min($0 + length, targetCount)
    }
  }

  func weights(of targets: Range<Int>) -> ResampleWeights {
    let stretch = max(scale, 1)
    var starts: [Int] = []
    var counts: [Int] = []
    var values = [Double](repeating: 0, count: targets.count * taps)
    for (index, target) in targets.enumerated() {
      let center = (Double(target) + 0.5) * scale
      let start = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), sourceCount)
      let first = index * taps
      var sum = 0.0
      for tap in 0..<(end - start) {
        let weight = filter.weight((Double(start + tap) - center + 0.5) / stretch)
        values[first + tap] = weight
        sum += weight
      }
      for tap in 0..<(end - start) { values[first + tap] /= sum }
      starts.append(start)
      counts.append(end - start)
    }
    return ResampleWeights(
      targets: targets, starts: starts, counts: counts, values: values, taps: taps)
  }
}

/// For each of some pixels of a resized row or column: where its source pixels start, and their weights,
/// which add up to 1.
struct ResampleWeights {
  let targets: Range<Int>
  /// Index of the first source pixel, one for each target pixel.
  let starts: [Int]
  /// How many source pixels contribute, one for each target pixel; at least 1.
  let counts: [Int]
  /// `taps` weights for each target pixel; those after its count are 0.
  let values: [Double]
  let taps: Int

  /// Binary digits after the point of `fixedPoint`. Cubic weights lie between -0.2 and 1.2 and
  /// partial sums of weighted 8-bit levels between -256 and 512, so 22 leave room in 32 bits.
  static let fractionBits = 22

  /// The weights times 2^22, rounded half away from 0.
  var fixedPoint: [Int32] {
    values.map { Int32(($0 * Double(1 << Self.fractionBits)).rounded(.toNearestOrAwayFromZero)) }
  }
}
