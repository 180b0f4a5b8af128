import Foundation
import Wording

/// What `inspect` can be told.
struct InspectOptions: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  var json = false

  static let syntax = CommandSyntax<InspectOptions>(
    name: "inspect",
    summary: "shows what a run or a weights file holds",
    usage: ["inspect <model> [options]"],
    discussion:
      "Shows the networks, their sizes and parameters, what the files hold that they were trained on, and "
      + "the epoch and step of the training.",
    positionals: [
      .one("<model>", "a run's folder, one snapshot in it, or a weights file", \.model)
    ],
    groups: [OptionSection("options", [.flag("json", "write JSON, for programs", \.json)])],
    examples: ["inspect checkpoints/monet --json"])
}

/// `cyclegan inspect`: what a run, a snapshot or a weights file holds.
enum InspectCommand {
  static func run(
    _ invocation: Invocation<InspectOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let inspection = try ModelInspection(of: URL(fileURLWithPath: invocation.options.model))
    // Only what says how convolutions are computed depends on it.
    if inspection.networks.contains(where: { $0.convolutions != nil }) {
      context.console.warnAboutLoops()
    }
    context.console.resultText(
      invocation.options.json ? try json(inspection) + "\n" : text(inspection))
    return .success
  }

  private static func text(_ inspection: ModelInspection) -> String {
    var lines: [String] = []
    if let epoch = inspection.epoch, let step = inspection.step {
      lines.append("trained for \(step) steps, now in epoch \(epoch)")
    }
    if let domains = inspection.domains {
      lines += ["A: \(domains.a.words)", "B: \(domains.b.words)"]
    }
    for network in inspection.networks {
      let name = network.name.map { ", \($0)" } ?? ""
      lines.append("\(network.file)\(name): \(network.description)")
      lines.append("  \(network.tensors) tensors, \(network.parameters) parameters")
      for (verb, values) in [("takes", network.input), ("makes", network.output)] {
        guard inspection.domains == nil, let values, values.isKnown else { continue }
        lines.append("  \(verb) \(values.words)")
      }
      if let multiple = network.sizeMultiple {
        lines.append("  translates images of any size, padded to multiples of \(multiple)")
      }
      if let convolutions = network.convolutions {
        lines.append("  convolutions on this CPU: \(convolutions)")
      }
    }
    if let count = inspection.olderFiles {
      lines.append("files of other epochs beside them: \(count)")
    }
    lines.append("computing here takes \(counted(inspection.threads, "thread")) by default")
    return lines.joined(separator: "\n") + "\n"
  }
}
