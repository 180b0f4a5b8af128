/// The words of a command line, for whoever lists them all: completion in shells, the manual page.
struct CommandWords: Sendable {
  struct Word: Sendable {
    /// Without the dashes in front.
    let name: String
    /// What stands for the value; `nil` for a flag.
    let valueName: String?
    let help: String
    /// The words to choose from; empty if the value is free.
    let choices: [String]
  }

  var usage: [String] = []
  var discussion = ""
  /// Arguments without a name, and what they are.
  var positionals: [(name: String, help: String)] = []
  /// Words that the first argument can be; empty for files and folders.
  var firstWords: [String] = []
  /// Those that the help shows, under their headings.
  var sections: [(title: String, options: [Word])] = []
  var examples: [String] = []

  var options: [Word] { sections.flatMap(\.options) }
}

extension CommandWords {
  init<Options: CommandOptions>(_ syntax: CommandSyntax<Options>) {
    let defaults = Options()
    self.init(
      usage: syntax.usage, discussion: syntax.discussion,
      positionals: syntax.positionals.map { ($0.name, $0.help) },
      firstWords: syntax.positionals.first?.choices ?? [],
      sections: syntax.groups.map { group in
        (
          group.title,
          group.options.filter { !$0.isHidden }.map {
            Word(
              name: $0.name, valueName: $0.valueName,
              help: HelpScreen.spaced(HelpScreen.explanation(of: $0, defaults: defaults)),
              choices: $0.choices)
          }
        )
      }, examples: syntax.examples)
  }
}
