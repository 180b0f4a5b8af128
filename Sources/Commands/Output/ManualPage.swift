import Foundation

/// The manual page of a tool, in the macros of man(7), from the tables of all commands.
struct ManualPage {
  private let tool: CommandLineTool
  private let date: Date

  init(_ tool: CommandLineTool, date: Date = .now) {
    (self.tool, self.date) = (tool, date)
  }

  var text: String {
    let day = date.formatted(.iso8601.year().month().day())
    var lines = [
      ".TH \(tool.name.uppercased()) 1 \(day) \"\(tool.name) \(tool.version)\"",
      ".SH NAME", "\(tool.name) \\- unpaired image\\-to\\-image translation",
      ".SH SYNOPSIS", ".B \(tool.name)", ".I command", "[options]",
      ".SH DESCRIPTION", Self.escaped(tool.discussion),
      ".SH COMMANDS",
    ]
    for command in tool.commands { add(command, below: tool.name, to: &lines) }
    lines += [
      ".SH EXIT STATUS",
      "0 on success, 1 after a failure, 64 if the command line is wrong, 130 if it was interrupted "
        + "and has saved.",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private func add(_ command: Subcommand, below path: String, to lines: inout [String]) {
    guard command.children.isEmpty else {
      for child in command.children { add(child, below: "\(path) \(command.name)", to: &lines) }
      return
    }
    let words = command.words
    lines.append(".SS \(Self.escaped("\(path) \(command.name)"))")
    for usage in words.usage { lines += [".B \(Self.escaped("\(path) \(usage)"))", ".br"] }
    lines += [".PP", Self.escaped(words.discussion)]
    for (name, help) in words.positionals {
      lines += [".TP", ".I \(Self.escaped(name))", Self.escaped(help)]
    }
    for option in words.options {
      let value = option.valueName.map { " \\fI\(Self.escaped($0))\\fR" } ?? ""
      lines += [
        ".TP", "\\fB\(Self.escaped("--\(option.name)"))\\fR\(value)", Self.escaped(option.help),
      ]
    }
    if !words.examples.isEmpty {
      lines += [".PP", "Examples:", ".nf"]
      lines += words.examples.map { "    " + Self.escaped("\(path) \($0)") }
      lines.append(".fi")
    }
  }

  /// A backslash, a dash and a control character at the beginning of a line mean something to troff.
  private static func escaped(_ text: String) -> String {
    let plain = text.replacingOccurrences(of: "\\", with: "\\e")
      .replacingOccurrences(of: "-", with: "\\-")
    return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
  }
}
