import Files
import Foundation
import Training
import Wording

/// What `inspect` can be told.
struct InspectOptions: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  var json = false

  static let syntax = CommandSyntax<InspectOptions>(
    name: "inspect",
    summary: "shows what a run or a weights file holds",
    usage: ["inspect <model> [options]", "inspect <folder of runs> [options]"],
    discussion: """
      Shows the networks, their sizes and parameters, what the files hold that they were trained on, and how far the \
      training is. Of a folder that holds runs, \
      such as checkpoints, it lists them.
      """,
    positionals: [
      .one(
        "<model>", "a run's folder, one snapshot in it, a weights file, or a folder of runs",
        \.model)
    ],
    groups: [OptionSection("options", [.flag("json", "write JSON, for programs", \.json)])],
    examples: ["inspect checkpoints", "inspect checkpoints/monet --json"])
}

/// `cyclegan inspect`: what a run, a snapshot or a weights file holds.
enum InspectCommand {
  static func run(
    _ invocation: Invocation<InspectOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let path = try ModelPath.url(options.model)
    let runs = RunFolder.all(in: path)
    if !runs.isEmpty, WeightsFolder(path).newestFiles.isEmpty {
      let found = try inspections(of: runs, context.console)
      context.console.resultText(options.json ? try json(found) + "\n" : list(found))
      return .success
    }
    let inspection = try ModelInspection(of: path)
    // Only what says how convolutions are computed depends on it.
    if inspection.networks.contains(where: { $0.convolutions != nil }) {
      context.console.warnAboutLoops()
    }
    context.console.resultText(
      options.json ? try json(inspection) + "\n" : text(inspection))
    return .success
  }

  /// Of the runs that can be read, with a warning for each of the others. Throws where none can.
  private static func inspections(
    of runs: [RunFolder], _ console: Console
  ) throws -> [RunInspection] {
    var found: [RunInspection] = []
    for run in runs {
      do { found.append(try RunInspection(of: run)) } catch {
        guard runs.count > 1 else { throw error }
        console.warning("\(error)")
      }
    }
    return found
  }

  private static func text(_ inspection: ModelInspection) -> String {
    var lines = inspection.run.map(text) ?? []
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
    if let gpu = inspection.gpu { lines.append("and the GPU cuda:0: \(gpu.words)") }
    if let obstacle = inspection.gpuObstacle { lines.append("no GPU: \(obstacle)") }
    return lines.map { printable($0) + "\n" }.joined()
  }

  /// A line for each run, in columns.
  private static func list(_ runs: [RunInspection]) -> String {
    let rows = runs.map { run in
      [
        run.run, run.command, run.domainWords, run.progressWords, run.dateWords ?? "nothing saved",
        memorySize(run.bytesOnDisk),
      ]
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let line = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
        .joined(separator: "  ")
      return printable(line.trimmingCharacters(in: .whitespaces)) + "\n"
    }.joined()
  }

  private static func text(_ run: RunInspection) -> [String] {
    var lines = ["\(run.run): \(run.command), \(run.progressWords)"]
    let places = run.folders.joined(separator: " and ")
    lines.append(run.domains.isEmpty ? places : "\(run.domainWords), from \(places)")
    lines += run.facts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    if let date = run.dateWords { lines.append("saved \(date)") }
    if let step = run.bestStep {
      lines.append("the best snapshot by validation is of step \(step)")
    }
    lines.append("\(memorySize(run.bytesOnDisk)) on disk")
    return lines
  }
}
