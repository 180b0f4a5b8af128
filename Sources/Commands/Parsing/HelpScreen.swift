/// Sets the help of a command from its table.
enum HelpScreen {
  /// Fits every terminal.
  static let width = 80
  /// Where the explanations begin.
  static let column = 30

  /// The help of one subcommand; `path` is what stands before its name: "cyclegan".
  static func text<Options: CommandOptions>(of syntax: CommandSyntax<Options>, path: String)
    -> String
  {
    let defaults = Options()
    var blocks = [usage(syntax.usage.map { "\(path) \($0)" }), wrap(syntax.discussion, to: width)]
    if !syntax.positionals.isEmpty {
      blocks.append(
        ["arguments:"] + syntax.positionals.flatMap { entry($0.name, $0.help) })
    }
    blocks += syntax.groups.map { group in
      ["\(group.title):"]
        + group.options.filter { !$0.isHidden }.flatMap {
          entry(title(of: $0), explanation(of: $0, defaults: defaults))
        }
    }
    if !syntax.examples.isEmpty {
      blocks.append(["examples:"] + syntax.examples.map { "  \(path) \($0)" })
    }
    return joined(blocks)
  }

  /// The help of something that holds subcommands; `path` includes its own name.
  static func overview(
    path: String, discussion: String, commands: [(name: String, summary: String)]
  )
    -> String
  {
    let nameWidth = (commands.map(\.name.count).max() ?? 0) + 4
    return joined([
      usage(["\(path) <command> [options]"]),
      wrap(discussion, to: width),
      ["commands:"] + commands.flatMap { entry($0.name, $0.summary, column: nameWidth) },
      wrap(
        "'\(unbroken("\(path) <command> --help"))' shows the options of a command and their defaults.",
        to: width),
    ])
  }

  private static func usage(_ lines: [String]) -> [String] {
    lines.enumerated().map { ($0.offset == 0 ? "usage: " : "       ") + $0.element }
  }

  private static func title<Options>(of option: Option<Options>) -> String {
    "--\(option.name)" + (option.valueName.map { " <\($0)>" } ?? "")
  }

  /// The help text, the choices and the default, as far as there are any.
  static func explanation<Options>(
    of option: Option<Options>, defaults: Options
  ) -> String {
    var text = option.help
    if !option.choices.isEmpty { text += ": " + option.choices.joined(separator: ", ") }
    if !option.isFlag, let value = option.text(defaults) ?? option.defaultWords, !value.isEmpty {
      // Where a default depends on something, the cases may stand on lines of their own.
      text +=
        " "
        + "(default: \(value))".split(separator: "; ").map { unbroken(String($0)) }
        .joined(separator: "; ")
    }
    return text
  }

  /// A title at the left and its explanation beside it, or below it if the title is too long.
  private static func entry(_ title: String, _ explanation: String, column: Int = column)
    -> [String]
  {
    let indent = String(repeating: " ", count: column)
    var lines = wrap(explanation, to: width - column).map { indent + $0 }
    let head = "  \(title)"
    guard head.count <= column - 2, !lines.isEmpty else { return [head] + lines }
    lines[0] = head + lines[0].dropFirst(head.count)
    return lines
  }

  /// Breaks a text at its spaces, but not at no-break spaces; a word longer than `width` keeps a line to itself.
  static func wrap(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines.map(spaced)
  }

  /// With plain spaces for those that hold words together.
  static func spaced(_ text: String) -> String {
    String(text.map { $0 == noBreakSpace ? " " : $0 })
  }

  /// The text in one piece for `wrap`, held together by no-break spaces.
  private static func unbroken(_ text: String) -> String {
    String(text.map { $0 == " " ? noBreakSpace : $0 })
  }

  private static let noBreakSpace: Character = "\u{A0}"

  private static func joined(_ blocks: [[String]]) -> String {
    blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }
}
