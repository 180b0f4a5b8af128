import Datasets

/// A number with how far it may be off for the images that happened to be drawn: one standard deviation.
struct Estimate: Sendable, Equatable {
  var value: Double
  /// `nil` where it cannot be said.
  var error: Double?

  init(value: Double, error: Double?) {
    self.value = value
    self.error = error
  }

  /// The mean of what was found for each image, with its standard error: the deviation of the numbers divided by the
  /// root of their count. Traps on an empty list.
  init(meanOf values: [Double]) {
    precondition(!values.isEmpty, "the mean of nothing")
    value = values.reduce(0, +) / Double(values.count)
    error = deviation(values).map { $0 / Double(values.count).squareRoot() }
  }
}

/// The standard deviation over count - 1; `nil` for one number.
func deviation(_ values: [Double]) -> Double? {
  guard values.count > 1 else { return nil }
  let mean = values.reduce(0, +) / Double(values.count)
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (squares / Double(values.count - 1)).squareRoot()
}

/// Draws of images out of a set, for how far a number may be off.
struct Draws {
  private var generator: SplitMix64

  /// The same draws for the same seed.
  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  /// As many as there are, each any of them: a bootstrap's.
  mutating func withReplacement(_ count: Int) -> [Int] {
    (0..<count).map { _ in Int(generator.next() % UInt64(count)) }
  }

  /// Different ones.
  mutating func subset(of count: Int, size: Int) -> [Int] {
    var all = Array(0..<count)
    for place in 0..<size {
      all.swapAt(place, place + Int(generator.next() % UInt64(count - place)))
    }
    return Array(all.prefix(size))
  }
}
