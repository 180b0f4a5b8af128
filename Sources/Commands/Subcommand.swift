import Foundation
import Machine
import Wording

/// What a subcommand's body can use besides its options.
struct CommandContext: Sendable {
  let console: Console
  /// Whether the user wants the job to finish its step, save and end.
  let isInterrupted: @Sendable () -> Bool
  /// What launchers tell by environment variables.
  var launch = LaunchVariables(ProcessInfo.processInfo.environment)
}

/// A word after the tool's name: a command, or a group of further words.
struct Subcommand: Sendable {
  let name: String
  let summary: String
  /// The words that may follow; empty for a command.
  let children: [Subcommand]
  /// What can follow; empty for a group.
  let words: CommandWords
  /// The help; the argument is what stands before the name: "cyclegan".
  let help: @Sendable (_ parent: String) -> String
  /// Reads the arguments and does the work. Throws `UsageError`, and what the work throws.
  let run: @Sendable (_ parent: String, _ arguments: [String], CommandContext) throws -> ExitCode

  /// A command with the body that carries it out.
  static func command<Options: CommandOptions>(
    _ type: Options.Type,
    _ body: @escaping @Sendable (Invocation<Options>, CommandContext) throws -> ExitCode
  ) -> Subcommand {
    let syntax = Options.syntax
    return Subcommand(
      name: syntax.name, summary: syntax.summary, children: [], words: CommandWords(syntax),
      help: { HelpScreen.text(of: Options.syntax, path: $0) },
      run: { parent, arguments, context in
        context.console.reportTorchFailures(advice: Options.memoryAdvice)
        let parser = ArgumentParser<Options>(path: "\(parent) \(Options.syntax.name)")
        let invocation = try parser.parse(arguments)
        if invocation.options.console.quiet { context.console.becomeQuiet() }
        return try body(invocation, context)
      })
  }

  /// Commands about one subject: "dcgan" with "train" and "generate".
  static func group(_ name: String, _ summary: String, _ children: [Subcommand]) -> Subcommand {
    @Sendable func overview(_ path: String) -> String {
      HelpScreen.overview(
        path: path, discussion: summary.prefix(1).uppercased() + summary.dropFirst() + ".",
        commands: children.map(\.listing))
    }
    return Subcommand(
      name: name, summary: summary, children: children, words: CommandWords(),
      help: { overview("\($0) \(name)") },
      run: { parent, arguments, context in
        let path = "\(parent) \(name)"
        guard !arguments.isEmpty else {
          context.console.detailText(overview(path) + "\n")
          throw UsageError("\(path) needs a command")
        }
        return try Dispatcher(path: path, commands: children).run(arguments, context)
      })
  }

  var listing: (name: String, summary: String) { (name, summary) }
}

/// Finds the command that the first words name.
struct Dispatcher {
  /// The words so far: "cyclegan dcgan".
  let path: String
  let commands: [Subcommand]

  /// Runs the command that `arguments` begin with.
  ///
  /// Throws a `UsageError` if they name none, and whatever the command throws.
  func run(_ arguments: [String], _ context: CommandContext) throws -> ExitCode {
    guard let word = arguments.first else { throw UsageError("\(path) needs a command") }
    return try command(named: word).run(path, Array(arguments.dropFirst()), context)
  }

  /// The help of the command that `words` lead to; `nil` if there are no words.
  func help(for words: ArraySlice<String>) throws(UsageError) -> String? {
    guard let word = words.first else { return nil }
    let command = try command(named: word)
    let rest = words.dropFirst()
    guard !command.children.isEmpty, !rest.isEmpty else { return command.help(path) }
    return try Dispatcher(path: "\(path) \(word)", commands: command.children).help(for: rest)
  }

  private func command(named word: String) throws(UsageError) -> Subcommand {
    if let command = commands.first(where: { $0.name == word }) { return command }
    if word.hasPrefix("-") {
      throw UsageError("unknown option '\(word)'; '\(path) --help' lists the commands")
    }
    let groups = commands.filter { $0.children.contains { $0.name == word } }
    if !groups.isEmpty {
      let words = groups.map { "'\(path) \($0.name) \(word)'" }
      throw UsageError("unknown command '\(word)'; there is \(listed(words))")
    }
    if let near = NearestMatch.find(word, among: commands.map(\.name)) {
      throw UsageError("unknown command '\(word)'; did you mean '\(near)'?")
    }
    throw UsageError("unknown command '\(word)'; '\(path) --help' lists the commands")
  }
}
