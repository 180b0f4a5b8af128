/// One row of a command's table: an option's name, its help, and where its value goes.
///
/// Parsing, help, defaults and errors all come out of these rows; there is no other list of options.
struct Option<Options: Sendable>: Sendable {
  /// Without the dashes in front: "crop-size".
  let name: String
  /// What stands for the value in the help; `nil` for a flag, which takes none.
  let valueName: String?
  let help: String
  /// The words to choose from; empty if the value is free.
  let choices: [String]
  /// Shown as the default where the value itself says nothing.
  let defaultWords: String?
  /// Other names that are accepted but not shown, such as the reference implementation's.
  private(set) var aliases: [String] = []
  /// Whether the option is accepted but not shown.
  private(set) var isHidden = false

  /// The number that the option has if none follows it; `nil` where one has to.
  private(set) var valueAlone: String?

  /// The value in some options, as the user would type it; "on" or "off" for a flag, `nil` for no value.
  let text: @Sendable (Options) -> String?
  /// Puts a value, as typed, where it belongs. Throws an error that names this option.
  let set: @Sendable (String, inout Options) throws(UsageError) -> Void
  /// Takes the value over from other options.
  let copy: @Sendable (_ source: Options, _ destination: inout Options) -> Void

  var isFlag: Bool { valueName == nil }

  /// The same option under further names.
  func alias(_ names: String...) -> Option {
    var option = self
    option.aliases += names
    return option
  }

  /// The same option, which the help leaves out.
  func hidden() -> Option {
    var option = self
    option.isHidden = true
    return option
  }

  /// The same option, which has this value if none follows it.
  func alone(_ value: String) -> Option {
    var option = self
    option.valueAlone = value
    return option
  }

  /// The form in which names are compared: the reference's `--lambda_A` is our `--lambda-a`.
  static func canonical(_ name: some StringProtocol) -> String {
    String(name.lowercased().map { $0 == "_" ? "-" : $0 })
  }
}

extension Option {
  /// The option `row` of a group, for a command that holds the group at `path`.
  init<Group>(
    embedding row: Option<Group>, at path: WritableKeyPath<Options, Group> & Sendable
  ) {
    self.init(
      name: row.name, valueName: row.valueName, help: row.help, choices: row.choices,
      defaultWords: row.defaultWords, aliases: row.aliases, isHidden: row.isHidden,
      valueAlone: row.valueAlone,
      text: { row.text($0[keyPath: path]) },
      set: { text, options throws(UsageError) in try row.set(text, &options[keyPath: path]) },
      copy: { row.copy($0[keyPath: path], &$1[keyPath: path]) })
  }

  /// An option with a number whose range is limited.
  static func value<Value>(
    _ name: String, _ valueName: String, _ help: String,
    _ path: WritableKeyPath<Options, Value> & Sendable, in range: some BoundsExpression<Value>
  ) -> Option {
    let bounds = range.bounds
    return row(
      name, valueName, help, path, text: \.optionText,
      parse: { text throws(UsageError) in
        try number(text, of: name, in: bounds)
      })
  }

  /// The same for a number that need not be given; `defaultWords` says what happens then.
  static func value<Value>(
    _ name: String, _ valueName: String, _ help: String,
    _ path: WritableKeyPath<Options, Value?> & Sendable, in range: some BoundsExpression<Value>,
    default defaultWords: String
  ) -> Option {
    let bounds = range.bounds
    return row(
      name, valueName, help, path, default: defaultWords, text: { $0?.optionText },
      parse: { text throws(UsageError) in
        try number(text, of: name, in: bounds)
      })
  }

  /// An option with any value of its type.
  static func value<Value: OptionValue>(
    _ name: String, _ valueName: String, _ help: String,
    _ path: WritableKeyPath<Options, Value> & Sendable
  ) -> Option {
    row(
      name, valueName, help, path, text: \.optionText,
      parse: { text throws(UsageError) in
        try parse(text, of: name)
      })
  }

  /// The same for a value that need not be given; `defaultWords` says what happens then.
  static func value<Value: OptionValue>(
    _ name: String, _ valueName: String, _ help: String,
    _ path: WritableKeyPath<Options, Value?> & Sendable, default defaultWords: String? = nil
  ) -> Option {
    row(
      name, valueName, help, path, default: defaultWords, text: { $0?.optionText },
      parse: { text throws(UsageError) in
        try parse(text, of: name)
      })
  }

  /// An option with one of an enumeration's words.
  /// - Parameters:
  ///   - shown: the words to choose from, if not all; the others are left to the command to refuse.
  ///   - synonyms: accepted but not shown.
  static func choice<Value>(
    _ name: String, _ valueName: String, _ help: String,
    _ path: WritableKeyPath<Options, Value> & Sendable, among shown: [Value]? = nil,
    synonyms: [String: Value] = [:]
  ) -> Option
  where Value: CaseIterable & RawRepresentable & Sendable, Value.RawValue == String {
    let words = (shown ?? Array(Value.allCases)).map(\.rawValue)
    return row(
      name, valueName, help, path, choices: words, text: \.rawValue,
      parse: { text throws(UsageError) in
        try word(text, of: name, words, synonyms: synonyms)
      })
  }

  /// The same for a word that need not be given; `defaultWords` says what happens then.
  static func choice<Value>(
    _ name: String, _ valueName: String, _ help: String,
    _ path: WritableKeyPath<Options, Value?> & Sendable, default defaultWords: String
  ) -> Option
  where Value: CaseIterable & RawRepresentable & Sendable, Value.RawValue == String {
    let words = Value.allCases.map(\.rawValue)
    return row(
      name, valueName, help, path, choices: words, default: defaultWords, text: { $0?.rawValue },
      parse: { text throws(UsageError) in try word(text, of: name, words, synonyms: [:]) })
  }

  private static func word<Value>(
    _ text: String, of name: String, _ words: [String], synonyms: [String: Value]
  ) throws(UsageError) -> Value
  where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    let word = canonical(text)
    guard let value = Value(rawValue: word) ?? synonyms[word] else {
      throw UsageError("--\(name): '\(text)' is none of \(words.joined(separator: ", "))")
    }
    return value
  }

  /// An option without a value, which sets a truth value to `sets`.
  static func flag(
    _ name: String, _ help: String, _ path: WritableKeyPath<Options, Bool> & Sendable,
    sets value: Bool = true
  ) -> Option {
    row(
      name, nil, help, path, text: { $0 == value ? "on" : "off" },
      parse: { _ in value })
  }

  private static func row<Value>(
    _ name: String, _ valueName: String?, _ help: String,
    _ path: WritableKeyPath<Options, Value> & Sendable, choices: [String] = [],
    default defaultWords: String? = nil, text: @escaping @Sendable (Value) -> String?,
    parse: @escaping @Sendable (String) throws(UsageError) -> Value
  ) -> Option {
    Option(
      name: name, valueName: valueName, help: help, choices: choices, defaultWords: defaultWords,
      text: { text($0[keyPath: path]) },
      set: { text, options throws(UsageError) in options[keyPath: path] = try parse(text) },
      copy: { $1[keyPath: path] = $0[keyPath: path] })
  }

  private static func parse<Value: OptionValue>(
    _ text: String, of name: String
  ) throws(UsageError) -> Value {
    guard let value = Value(optionText: text) else { throw misread(text, of: name, Value.self) }
    return value
  }

  /// The error for a text that stands for no value; a decimal comma is a slip that can be told.
  private static func misread<Value: OptionValue>(
    _ text: String, of name: String, _ type: Value.Type
  ) -> UsageError {
    let pointed = text.replacing(",", with: ".")
    let isComma = pointed != text && Value(optionText: pointed) != nil
    return UsageError(
      "--\(name): '\(text)' is not \(Value.kind)" + (isComma ? "; did you mean \(pointed)?" : ""))
  }

  private static func number<Value>(
    _ text: String, of name: String, in bounds: Bounds<Value>
  ) throws(UsageError) -> Value {
    guard let value = Value(optionText: text) else {
      let digits = text.drop { $0 == "-" || $0 == "+" }
      let isOverflow =
        Value.kind == Int.kind && text.count - digits.count <= 1 && !digits.isEmpty
        && digits.allSatisfy { ("0"..."9").contains($0) }
      guard isOverflow else { throw misread(text, of: name, Value.self) }
      throw outOfRange(text, of: name, expected: bounds.expectation(forOverflowing: text))
    }
    if let expected = bounds.expectation(for: value) {
      throw outOfRange(text, of: name, expected: expected)
    }
    return value
  }

  private static func outOfRange(
    _ text: String, of name: String, expected: String
  ) -> UsageError {
    UsageError("--\(name): \(text) is out of range; it must be \(expected)")
  }
}

/// Options about one subject, under their heading in the help.
struct OptionSection<Options: Sendable>: Sendable {
  let title: String
  let options: [Option<Options>]

  /// - Parameter rows: one list after the other; rows that are embedded have a list of their own.
  init(_ title: String, _ rows: [Option<Options>]...) {
    self.title = title
    options = rows.flatMap(\.self)
  }
}
