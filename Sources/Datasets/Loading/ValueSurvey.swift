import Foundation
import Imaging

/// What the values of images are.
package struct ValueSurvey: Codable, Sendable {
  /// Images whose black and white nobody knows.
  package private(set) var countWithoutRange = 0
  /// What the files store.
  package private(set) var types: Set<SampleType> = []
  /// Whether any image has more than 8 bits.
  package var isDeep: Bool { types.contains { $0.bitDepth > 8 } }
  /// Of the images whose values were looked at, the least and the greatest.
  package private(set) var extremes: Extremes?
  /// Some of their values, as many of each image.
  private var values: [Float] = []

  package struct Extremes: Codable, Sendable {
    package let low, high: Double
  }

  init() {}

  /// - Parameter sampleCount: values that are kept, spread evenly over the image; 0 looks at none, but for an image
  ///   without a range.
  init(_ file: ImageFile, sampleCount: Int) {
    types = [file.sampleType]
    countWithoutRange = file.hasRange ? 0 : 1
    if sampleCount == 0 && file.hasRange { return }
    let image = file.image.removingAlpha().inFloats()
    guard case .float(let all) = image.samples else { return }
    let step = max(1, all.count / max(sampleCount, Self.fewest))
    values = stride(from: 0, to: all.count, by: step).map { all[$0] }
    extremes = Extremes(low: decimal(all.min() ?? 0), high: decimal(all.max() ?? 0))
  }

  /// Of an image.
  private static let fewest = 1000
  /// Of all images together, where there are not too many.
  private static let most = 4_000_000

  /// How many values of each of `count` images are looked at.
  static func sampleCount(ofImages count: Int) -> Int { max(fewest, most / max(count, 1)) }

  mutating func add(_ other: ValueSurvey) {
    countWithoutRange += other.countWithoutRange
    types.formUnion(other.types)
    values += other.values
    if let found = other.extremes {
      let own = extremes ?? found
      extremes = Extremes(low: min(own.low, found.low), high: max(own.high, found.high))
    }
  }

  /// The values below which so many hundredths of all lie, with what lies between two values in proportion. nil where
  /// they are one value.
  package func range(fromPercentile low: Double, to high: Double) -> ValueRange? {
    let sorted = values.sorted()
    guard let last = sorted.indices.last else { return nil }
    func value(_ percent: Double) -> Double {
      let place = percent / 100 * Double(last)
      let below = Int(place)
      let next = Double(sorted[min(below + 1, last)])
      return Double(sorted[below]) + (next - Double(sorted[below])) * (place - Double(below))
    }
    let (first, second) = (decimal(Float(value(low))), decimal(Float(value(high))))
    return first < second ? ValueRange(first, second) : nil
  }
}

/// The number that a float is written as, which has fewer digits than the float's own.
private func decimal(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }

/// What is asked of the values that become black and white.
package enum RangeChoice: Sendable, Equatable {
  case values(ValueRange)
  /// Hundredths of all values that lie below.
  case percentiles(low: Double, high: Double)

  /// "LOW..HIGH" or "1%..99%"; nil for other words.
  package init?(text: String) {
    if let range = ValueRange(text: text) {
      self = .values(range)
      return
    }
    guard let percent = ValueRange(text: text.replacing("%", with: "")),
      text.filter({ $0 == "%" }).count == 2, text.hasSuffix("%"), text.contains("%.."),
      percent.low >= 0, percent.high <= 100
    else { return nil }
    self = .percentiles(low: percent.low, high: percent.high)
  }

  /// nil where they follow from the files.
  package var values: ValueRange? {
    if case .values(let range) = self { range } else { nil }
  }

  package var text: String {
    switch self {
    case .values(let range): return range.text
    case .percentiles(let low, let high):
      let ends = ValueRange(low, high).text.components(separatedBy: "..")
      return ends.map { $0 + "%" }.joined(separator: "..")
    }
  }
}
