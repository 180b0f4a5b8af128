import Files
import Foundation
import Reporting
import Synthesis
import Training
import Translation

/// What `report` can be told.
struct ReportOptions: CommandOptions {
  /// Folders of runs.
  var runs: [String] = []
  var output: String?

  static let syntax = CommandSyntax<ReportOptions>(
    name: "report",
    summary: "writes the report page of a run, or of several side by side",
    usage: ["report <run>... [options]"],
    discussion: """
      Writes one HTML page that a browser opens from its file: where the run stands, curves of its losses, its \
      sample sheets, what differs from the defaults. Every run keeps its own page, report.html, up to date while \
      it trains; this command writes it anew, and compares runs.
      """,
    positionals: [.several("<run>", "a run's folder", \.runs, count: 1...20)],
    groups: [
      OptionSection(
        "options",
        [
          .value(
            "output", "file",
            "the page that is written; report.html in the run's folder if not given, for several runs in the "
              + "current one", \.output)
        ])
    ],
    examples: [
      "report checkpoints/monet",
      "report checkpoints/monet checkpoints/monet-2 --output compared.html",
    ])
}

/// `cyclegan report`: the page of a run, or of several.
enum ReportCommand {
  static func run(
    _ invocation: Invocation<ReportOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let runs = try options.runs.map { path in
      let folder = RunFolder(URL(fileURLWithPath: path))
      return ReportPage.Run(
        folder: folder,
        description: try anyRun(in: folder) { options, command in
          try options.description(of: folder, command: command)
        }, isRunning: folder.isTrained)
    }
    let file =
      options.output.map { URL(fileURLWithPath: $0) }
      ?? (runs.count == 1 ? runs[0].folder.report : URL(fileURLWithPath: "report.html"))
    var page = ReportPage()
    try page.write(runs, to: file)
    context.console.result(file.relativePath)
    return .success
  }
}
