/// Completion of a tool's command lines, as scripts for shells.
struct CompletionScript {
  private let tool: String
  private let commands: [Entry]

  /// A command by the words that lead to it: "dcgan train".
  private struct Entry {
    let path: String
    let summary: String
    /// Words that may come next.
    let children: [(name: String, summary: String)]
    let words: CommandWords
  }

  init(_ tool: CommandLineTool) {
    self.tool = tool.name
    var found = [
      Entry(
        path: "", summary: tool.discussion,
        children: tool.commands.map(\.listing) + [("help", "shows the help of a command")],
        words: CommandWords(sections: [("", [Self.version])]))
    ]
    func add(_ commands: [Subcommand], below path: String) {
      for command in commands {
        let own = path.isEmpty ? command.name : "\(path) \(command.name)"
        found.append(
          Entry(
            path: own, summary: command.summary, children: command.children.map(\.listing),
            words: command.words))
        add(command.children, below: own)
      }
    }
    add(tool.commands, below: "")
    commands = found
  }

  private static let help = CommandWords.Word(
    name: "help", valueName: nil, help: "shows the options and their defaults", choices: [])
  private static let version = CommandWords.Word(
    name: "version", valueName: nil, help: "shows the versions of the program and its libraries",
    choices: [])

  func text(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  private func options(_ entry: Entry) -> [CommandWords.Word] { entry.words.options + [Self.help] }

  /// The first words of an entry: commands, or choices for an argument.
  private func firstWords(_ entry: Entry) -> [String] {
    entry.children.map(\.name) + entry.words.firstWords
  }

  // The words so far, up to the first option, are the path; what has no words of its own completes files.
  private var bash: String {
    let cases = commands.map { entry in
      let values = options(entry).filter { !$0.choices.isEmpty }.map {
        "        --\($0.name)) words=\(Self.quoted($0.choices.joined(separator: " "))) ;;\n"
      }.joined()
      let files = options(entry).filter { $0.valueName != nil && $0.choices.isEmpty }.map {
        "--\($0.name)"
      }
      let free =
        files.isEmpty
        ? "" : "        \(files.joined(separator: "|"))) words= ; free=1 ;;\n"
      return """
            \(Self.quoted(entry.path)))
              options=\(Self.quoted(options(entry).map { "--\($0.name)" }.joined(separator: " ")))
              words=\(Self.quoted(firstWords(entry).joined(separator: " ")))
              case $before in
        \(values)\(free)      esac ;;

        """
    }.joined()
    let paths = commands.map { Self.quoted($0.path) }.joined(separator: " ")
    return """
      # Completion of \(tool) for bash.
      _\(tool)() {
        local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
        # --option=value is three words.
        if [[ $current == = ]]; then current=; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi
        local path= candidate known options= words= free=
        local -a paths=(\(paths))
        local i
        for ((i = 1; i < COMP_CWORD; i++)); do
          candidate="${path:+$path }${COMP_WORDS[i]}"
          for known in "${paths[@]}"; do
            if [[ $known == "$candidate" ]]; then path=$candidate; continue 2; fi
          done
          break
        done
        case $path in
      \(cases)  esac
        if [[ -z $free && $current == -* ]]; then words=$options; fi
        COMPREPLY=($(compgen -W "$words" -- "$current"))
      }
      complete -o default -o bashdefault -F _\(tool) \(tool)

      """
  }

  private var zsh: String {
    func argument(_ option: CommandWords.Word) -> String {
      let explained = "--\(option.name)[\(Self.zshText(option.help))]"
      guard let valueName = option.valueName else { return Self.quoted(explained) }
      let action =
        option.choices.isEmpty ? "_files" : "(\(option.choices.joined(separator: " ")))"
      return Self.quoted("\(explained):\(valueName):\(action)")
    }
    let functions = commands.map { entry -> String in
      let name = Self.function(tool, entry.path)
      let first = entry.words.firstWords
      guard entry.children.isEmpty else {
        let described = entry.children.map {
          "    \(Self.quoted("\($0.name):\(Self.zshText($0.summary))"))\n"
        }.joined()
        let branches = entry.children.filter { child in
          commands.contains {
            $0.path == (entry.path.isEmpty ? child.name : "\(entry.path) \(child.name)")
          }
        }.map {
          "        \($0.name)) \(Self.function(tool, entry.path.isEmpty ? $0.name : "\(entry.path) \($0.name)")) ;;\n"
        }.joined()
        return """
          \(name)() {
            local line state
            local -a commands=(
          \(described)  )
            _arguments -C \(options(entry).map(argument).joined(separator: " ")) '1: :->command' '*:: :->rest'
            case $state in
              command) _describe command commands ;;
              rest)
                case $line[1] in
          \(branches)      esac ;;
            esac
          }

          """
      }
      let files = first.isEmpty ? "'*:file:_files'" : "'1:word:(\(first.joined(separator: " ")))'"
      let lines = (options(entry).map(argument) + [files]).joined(separator: " \\\n    ")
      return "\(name)() {\n  _arguments \\\n    \(lines)\n}\n"
    }
    return "#compdef \(tool)\n# Completion of \(tool) for zsh.\n" + functions.joined()
      + "compdef _\(tool) \(tool)\n"
  }

  private var fish: String {
    let lines = commands.flatMap { entry -> [String] in
      let condition = "-n \(Self.fishQuoted("__\(tool)_at \(Self.fishQuoted(entry.path))"))"
      let start = "complete -c \(tool) \(condition)"
      let children = entry.children.map {
        "\(start) -f -a \($0.name) -d \(Self.fishQuoted($0.summary))"
      }
      let words = entry.words.firstWords.map { "\(start) -f -a \($0)" }
      let options = options(entry).map { option in
        let value =
          option.valueName == nil
          ? ""
          : option.choices.isEmpty ? " -r" : " -x -a '\(option.choices.joined(separator: " "))'"
        return "\(start) -l \(option.name)\(value) -d \(Self.fishQuoted(option.help))"
      }
      return children + words + options
    }
    let paths = commands.map { Self.fishQuoted($0.path) }.joined(separator: " ")
    return """
      # Completion of \(tool) for fish.
      function __\(tool)_at
        set -l path ''
        for word in (commandline -opc)[2..-1]
          set -l candidate (string trim -- "$path $word")
          contains -- $candidate \(paths); or break
          set path $candidate
        end
        test "$path" = "$argv[1]"
      end
      \(lines.joined(separator: "\n"))

      """
  }

  private static func function(_ tool: String, _ path: String) -> String {
    (["_\(tool)"] + path.split(separator: " ").map(String.init)).joined(separator: "_")
      .map { $0 == "-" ? "_" : String($0) }.joined()
  }

  /// For bash and zsh.
  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }

  private static func fishQuoted(_ text: String) -> String {
    var quoted = "'"
    for character in text {
      if character == "'" || character == "\\" { quoted.append("\\") }
      quoted.append(character)
    }
    return quoted + "'"
  }

  /// Brackets and colons end an explanation in zsh.
  private static func zshText(_ text: String) -> String {
    var escaped = ""
    for character in text {
      if "[]:\\".contains(character) { escaped.append("\\") }
      escaped.append(character)
    }
    return escaped
  }
}
