/// Which values of an image nothing can be computed with, and what they become where that is accepted.
struct FiniteSurvey {
  /// Of values that are infinite or no numbers.
  private(set) var nonfiniteCount = 0
  private var smallest = Float.infinity
  private var largest = -Float.infinity

  /// Adds an image, or a part of one.
  mutating func add(_ image: Image) {
    guard case .float(let values) = image.samples else { return }
    for value in values {
      if value.isFinite {
        smallest = min(smallest, value)
        largest = max(largest, value)
      } else {
        nonfiniteCount += 1
      }
    }
  }

  /// The range of all others; nil where all are finite. Throws unless that is accepted and there are others.
  func finiteRange(_ options: ReadOptions) throws(ImageFailure) -> ClosedRange<Float>? {
    if nonfiniteCount == 0 { return nil }
    guard options.acceptNonfinite, smallest <= largest else { throw .notFinite(nonfiniteCount) }
    return smallest...largest
  }
}

extension Image {
  /// With the largest of other values for what is infinite, and the smallest for what is negatively so or no number.
  func clampingNonfinite(to range: ClosedRange<Float>) -> Image {
    guard case .float(let values) = samples else { return self }
    let clamped = values.map {
      $0.isFinite ? $0 : $0 > 0 ? range.upperBound : range.lowerBound
    }
    return Image(
      height: height, width: width, channels: channels, samples: .float(clamped),
      hasAlpha: hasAlpha, range: self.range)
  }
}
