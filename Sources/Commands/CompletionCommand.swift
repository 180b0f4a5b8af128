/// What `completion` can be told.
struct CompletionOptions: CommandOptions {
  /// As typed.
  var shell = ""

  static let syntax = CommandSyntax<CompletionOptions>(
    name: "completion",
    summary: "writes the completion of command lines for a shell",
    usage: ["completion <shell>"],
    discussion: """
      Writes a script that lets a shell complete commands, options and their values. To have it in every new \
      shell: for bash, add 'source <(cyclegan completion bash)' to ~/.bashrc; for zsh, write it to a file \
      named _cyclegan in a folder of $fpath; for fish, to ~/.config/fish/completions/cyclegan.fish.
      """,
    positionals: [
      .choice("<shell>", "the shell", Shell.allCases.map(\.rawValue), \.shell)
    ],
    groups: [],
    examples: ["completion bash", "completion fish"])
}

enum Shell: String, CaseIterable {
  case bash, zsh, fish
}

/// `cyclegan completion`: a script for a shell, from the tables of all commands.
enum CompletionCommand {
  static func run(
    _ invocation: Invocation<CompletionOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let name = invocation.options.shell
    guard let shell = Shell(rawValue: name) else {
      let known = Shell.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError("<shell>: '\(name)' is none of \(known)")
    }
    context.console.resultText(CompletionScript(.cyclegan).text(for: shell))
    return .success
  }
}
