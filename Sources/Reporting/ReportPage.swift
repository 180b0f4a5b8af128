import Files
import Foundation
import Training

/// A page that shows one or several runs: one HTML file that needs no other, but for the large sheets it links to.
package struct ReportPage {
  /// A run of the page: its folder, and what its files do not say.
  package struct Run {
    package var folder: RunFolder
    package var description: RunDescription
    /// Whether a process trains it.
    package var isRunning: Bool

    package init(folder: RunFolder, description: RunDescription, isRunning: Bool) {
      (self.folder, self.description, self.isRunning) = (folder, description, isRunning)
    }
  }

  /// A chart shows no more points than this; the logs of all but the longest runs have fewer.
  private static let mostPoints = 4000

  private var previews = SheetPreviews()

  package init() {}

  /// Writes the page. Runs stand in it in the order given; there has to be one.
  ///
  /// Previews of sheets are kept for the next time. Throws `FileError` where the page cannot be written or a
  /// run's log cannot be read.
  package mutating func write(_ runs: [Run], to file: URL) throws(FileError) {
    var shown: [ShownRun] = []
    for run in runs { shown.append(try show(run, from: file, share: runs.count)) }
    let content = Content(written: Date.now.timeIntervalSince1970, runs: shown)
    let title = shown.count == 1 ? shown[0].name : "\(shown.count) runs"
    try PageText.write(
      content, to: file, title: title, style: PageText.text(PackageResources.report_css),
      script: PageText.text(PackageResources.report_js),
      without: "This page draws its charts with JavaScript.")
  }

  private struct Content: Encodable {
    let written: Double
    let runs: [ShownRun]
  }

  /// A run as the page's script finds it.
  private struct ShownRun: Encodable {
    let name: String
    let summary: String
    let isRunning: Bool
    let isComplete: Bool
    let epochsDone: Double
    let totalEpochs: Int
    let step: Int
    let secondsElapsed: Double?
    let secondsLeft: Double?
    let facts: [[String]]
    let alarms: [Alarm]
    let metrics: LogTable
    let validation: LogTable
    let bestStep: Int?
    let samples: [SheetPreviews.Sheet]
    let settings: [RunDescription.Setting]
    let changes: [OptionChange]
    let commands: [RunDescription.Command]

    struct Alarm: Encodable {
      let step: Int
      let text: String
    }
  }

  private mutating func show(
    _ run: Run, from page: URL, share: Int
  ) throws(FileError) -> ShownRun {
    let folder = run.folder
    let metrics = try Self.table(folder.metrics)
    let progress = try? folder.progress()
    let total = run.description.totalEpochs
    // The log is newer than the snapshot, but knows whole epochs only.
    let begun = max((metrics.last("epoch") ?? 1) - 1, 0)
    let done = max(begun, progress.map { Double($0.epoch - 1) } ?? 0)
    let step = max(Int(metrics.last("step") ?? 0), progress?.step ?? 0)
    return ShownRun(
      name: folder.url.lastPathComponent, summary: run.description.summary,
      isRunning: run.isRunning, isComplete: done >= Double(total), epochsDone: done,
      totalEpochs: total, step: step, secondsElapsed: metrics.last("seconds_elapsed"),
      secondsLeft: metrics.last("seconds_left"), facts: run.description.facts,
      alarms: metrics.alarms.map { ShownRun.Alarm(step: $0.step, text: $0.text) },
      metrics: metrics.thinned(to: Self.mostPoints),
      validation: try Self.table(folder.validation),
      bestStep: (try? Snapshot(url: folder.best).readProgress())?.step,
      samples: previews.sheets(
        in: folder.samples, prefix: PageText.path(from: page, to: folder.samples) + "/",
        share: share),
      settings: run.description.settings, changes: run.description.changes,
      commands: run.description.commands)
  }

  /// Empty where there is no file.
  private static func table(_ log: URL) throws(FileError) -> LogTable {
    guard FileManager.default.fileExists(atPath: log.path) else { return LogTable(Data()) }
    do { return LogTable(try Data(contentsOf: log)) } catch {
      throw FileError(path: log.relativePath, cause: error)
    }
  }
}
