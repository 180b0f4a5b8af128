/// The values an option takes, and what to say about the others.
struct Bounds<Value: OptionValue & Comparable>: Sendable {
  /// One end: what lies beyond it, and how a value inside is described.
  private struct End: Sendable {
    let excludes: @Sendable (Value) -> Bool
    let words: String
  }

  private var lower: End?
  private var upper: End?

  /// Takes every value.
  init() {}

  init(_ range: PartialRangeFrom<Value>) {
    let bound = range.lowerBound
    lower = End(excludes: { $0 < bound }, words: "at least \(bound.optionText)")
  }

  init(_ range: ClosedRange<Value>) {
    self.init(range.lowerBound...)
    let bound = range.upperBound
    upper = End(excludes: { $0 > bound }, words: "at most \(bound.optionText)")
  }

  init(_ range: Range<Value>) {
    self.init(range.lowerBound...)
    let bound = range.upperBound
    upper = End(excludes: { $0 >= bound }, words: "below \(bound.optionText)")
  }

  /// Takes what is greater than `bound`, but not `bound` itself.
  static func above(_ bound: Value) -> Bounds {
    var bounds = Bounds()
    bounds.lower = End(excludes: { $0 <= bound }, words: "above \(bound.optionText)")
    return bounds
  }

  /// What a value outside should have been, "at least 1"; `nil` for a value inside.
  func expectation(for value: Value) -> String? {
    if let lower, lower.excludes(value) { return lower.words }
    if let upper, upper.excludes(value) { return upper.words }
    return nil
  }

  /// The same for a whole number that is too long for its type.
  func expectation(forOverflowing text: String) -> String {
    let end = text.hasPrefix("-") ? lower : upper
    return end?.words ?? "a smaller number"
  }
}

/// What can stand after `in:` in an option's row: a range, or bounds made by hand.
protocol BoundsExpression<Value>: Sendable {
  associatedtype Value: OptionValue & Comparable
  var bounds: Bounds<Value> { get }
}

extension Bounds: BoundsExpression {
  var bounds: Bounds<Value> { self }
}

extension PartialRangeFrom: BoundsExpression where Bound: OptionValue {
  var bounds: Bounds<Bound> { Bounds(self) }
}

extension ClosedRange: BoundsExpression where Bound: OptionValue {
  var bounds: Bounds<Bound> { Bounds(self) }
}

extension Range: BoundsExpression where Bound: OptionValue {
  var bounds: Bounds<Bound> { Bounds(self) }
}
