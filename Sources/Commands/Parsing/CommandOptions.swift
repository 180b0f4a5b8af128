/// What one subcommand can be told, filled from its table.
protocol CommandOptions: Sendable {
  /// The defaults.
  init()

  /// The command's name, arguments, options and texts.
  static var syntax: CommandSyntax<Self> { get }

  /// What is written besides results.
  var console: ConsoleOptions { get }

  /// What to do when memory runs out: "lower --crop-size".
  static var memoryAdvice: String { get }

  /// Checks the options against one another, and fills in what follows from them.
  ///
  /// - Parameter given: names of the options that were on the command line.
  /// Throws an error that names the option to change.
  mutating func complete(given: Set<String>) throws(UsageError)
}

extension CommandOptions {
  var console: ConsoleOptions { ConsoleOptions() }

  static var memoryAdvice: String { "close other programs" }

  mutating func complete(given: Set<String>) throws(UsageError) {}
}

/// Everything the parser and the help need to know about one subcommand.
struct CommandSyntax<Options: Sendable>: Sendable {
  let name: String
  /// What it does, in a few words for the list of commands.
  let summary: String
  /// The ways to call it, beginning with its name: "train <root> [options]".
  let usage: [String]
  /// A paragraph for its own help.
  let discussion: String
  let positionals: [Positional<Options>]
  let groups: [OptionSection<Options>]
  /// Command lines that work, beginning with the command's name.
  let examples: [String]

  var options: [Option<Options>] { groups.flatMap(\.options) }

  /// Looks an option up under its name or an alias, with dashes or underscores, in any letter case.
  func option(named name: some StringProtocol) -> Option<Options>? {
    let wanted = Option<Options>.canonical(name)
    return options.first { $0.name == wanted || $0.aliases.contains(wanted) }
  }
}

/// Arguments without a name, which belong to their place in the command line.
struct Positional<Options: Sendable>: Sendable {
  /// As in the usage: "<model>".
  let name: String
  let help: String
  /// How many there may be. Only the last positional of a command takes more than one.
  let count: ClosedRange<Int>
  /// The words to choose from; empty for a file, a folder or another free text.
  var choices: [String] = []
  let set: @Sendable (String, inout Options) -> Void

  /// Exactly one.
  static func one(
    _ name: String, _ help: String, _ path: WritableKeyPath<Options, String> & Sendable
  ) -> Positional {
    Positional(name: name, help: help, count: 1...1) { $1[keyPath: path] = $0 }
  }

  /// One of these words; the command refuses others.
  static func choice(
    _ name: String, _ help: String, _ words: [String],
    _ path: WritableKeyPath<Options, String> & Sendable
  ) -> Positional {
    Positional(
      name: name, help: "\(help): \(words.joined(separator: ", "))", count: 1...1, choices: words
    ) { $1[keyPath: path] = $0 }
  }

  /// Several, in order.
  static func several(
    _ name: String, _ help: String, _ path: WritableKeyPath<Options, [String]> & Sendable,
    count: ClosedRange<Int>
  ) -> Positional {
    Positional(name: name, help: help, count: count) { $1[keyPath: path].append($0) }
  }
}

/// What a command writes besides its results.
struct ConsoleOptions: OptionGroup {
  var quiet = false

  static let rows: [Option<ConsoleOptions>] = [
    .flag("quiet", "write only warnings and errors, no progress or notices", \.quiet)
  ]
}
