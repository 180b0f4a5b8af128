/// What a command line said.
struct Invocation<Options: Sendable>: Sendable {
  let options: Options
  /// Names (never aliases) of the options that were on the command line, defaults or not.
  let given: Set<String>
}

/// Reads a subcommand's arguments by its table.
struct ArgumentParser<Options: CommandOptions> {
  /// The words before the arguments: "cyclegan train".
  let path: String
  private let syntax = Options.syntax

  init(path: String) {
    self.path = path
  }

  /// Throws an error for the first thing in `arguments` that is wrong.
  ///
  /// `--name value` and `--name=value` are the same, `-o` is `--output`; `--` ends the options; the last of several
  /// wins.
  func parse(_ arguments: [String]) throws(UsageError) -> Invocation<Options> {
    var options = Options()
    var given: Set<String> = []
    var positionals: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        positionals += rest
        break
      } else if argument.hasPrefix("-"), argument != "-" {
        given.insert(try parseOption(argument, &rest, &options))
      } else {
        positionals.append(argument)
      }
    }
    try assign(positionals, to: &options)
    try options.complete(given: given)
    return Invocation(options: options, given: given)
  }

  /// Reads one option, and its value from `rest` if it is not in `argument`; returns its name.
  private func parseOption(
    _ argument: String, _ rest: inout ArraySlice<String>, _ options: inout Options
  ) throws(UsageError) -> String {
    let (written, attached) = split(argument)
    let name =
      written == "-o" ? "output" : written.hasPrefix("--") ? String(written.dropFirst(2)) : nil
    guard let name, let option = syntax.option(named: name) else {
      throw unknownOption(written)
    }
    if option.isFlag {
      guard attached == nil else { throw UsageError("--\(option.name) takes no value") }
      try option.set("", &options)
      return option.name
    }
    if attached == nil, let alone = option.valueAlone {
      // Only a number that follows belongs to the option.
      let follows = rest.first.map { Double($0) != nil } ?? false
      try option.set(follows ? rest.removeFirst() : alone, &options)
      return option.name
    }
    let value = attached ?? rest.first.flatMap { $0.hasPrefix("--") ? nil : $0 }
    guard let value, !value.isEmpty else {
      throw UsageError(
        "--\(option.name) needs a value: --\(option.name) <\(option.valueName ?? "")>")
    }
    if attached == nil { rest.removeFirst() }
    try option.set(value, &options)
    return option.name
  }

  /// "--size=64" as "--size" and "64".
  private func split(_ argument: String) -> (name: String, value: String?) {
    guard let equals = argument.firstIndex(of: "=") else { return (argument, nil) }
    return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
  }

  private func unknownOption(_ written: String) -> UsageError {
    let shown = syntax.options.filter { !$0.isHidden }.map(\.name)
    let wanted = Option<Options>.canonical(written.drop { $0 == "-" })
    if let near = NearestMatch.find(wanted, among: shown) {
      return UsageError("unknown option '\(written)'; did you mean '--\(near)'?")
    }
    return UsageError("unknown option '\(written)'; '\(path) --help' lists the options")
  }

  private func assign(_ arguments: [String], to options: inout Options) throws(UsageError) {
    var rest = arguments[...]
    for positional in syntax.positionals {
      guard rest.count >= positional.count.lowerBound else {
        throw UsageError("\(positional.name) is missing", hint: usageHint)
      }
      let taken = rest.prefix(positional.count.upperBound)
      rest = rest.dropFirst(taken.count)
      for argument in taken {
        guard !argument.isEmpty else { throw UsageError("\(positional.name) is empty") }
        positional.set(argument, &options)
      }
    }
    if let superfluous = rest.first {
      throw UsageError("unexpected argument '\(superfluous)'", hint: usageHint)
    }
  }

  /// The command's first usage line, for the reader of an error.
  private var usageHint: String {
    let parent = path.dropLast(syntax.name.count)
    return "usage: \(parent)\(syntax.usage[0])"
  }
}

/// The command line, not the world, is wrong: the tool exits 64.
struct UsageError: Error, Equatable, CustomStringConvertible {
  /// One line that names the option; it is printed after `error: `.
  let description: String
  /// A line to print before it, such as the usage of the command.
  let hint: String?

  init(_ description: String, hint: String? = nil) {
    self.description = description
    self.hint = hint
  }
}
