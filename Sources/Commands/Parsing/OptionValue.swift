/// A type whose values can be written on a command line.
///
/// Reading back `optionText` gives the same value, so that a default shown in the help can be typed in.
protocol OptionValue: Sendable {
  /// What the user is told a text is not, with its article: "a whole number".
  static var kind: String { get }

  /// The value that `text` stands for, or `nil` if it stands for none.
  init?(optionText text: String)

  /// The shortest text that stands for this value.
  var optionText: String { get }
}

extension Int: OptionValue {
  static var kind: String { "a whole number" }
  init?(optionText text: String) { self.init(text) }
  var optionText: String { description }
}

extension UInt64: OptionValue {
  static var kind: String { "a whole number" }
  init?(optionText text: String) { self.init(text) }
  var optionText: String { description }
}

extension Double: OptionValue {
  static var kind: String { "a finite number" }

  /// Not-a-number and the infinities stand for no value: no option has a use for them.
  init?(optionText text: String) {
    guard let value = Double(text), value.isFinite else { return nil }
    self = value
  }

  /// `10` rather than `10.0`.
  var optionText: String {
    description.hasSuffix(".0") ? String(description.dropLast(2)) : description
  }
}

extension String: OptionValue {
  static var kind: String { "a text" }
  init?(optionText text: String) { self = text }
  var optionText: String { self }
}
