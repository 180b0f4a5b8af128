import Files
import Foundation
import Reporting
import Training

/// Keeps a run's page up to date while it is trained. Used by the thread that trains.
final class RunReportWriter {
  private let folder: RunFolder
  private let console: Console
  private let describe: () throws -> RunDescription
  private var page = ReportPage()
  private var lastTime: ContinuousClock.Instant?
  private var isDue = false
  private var hasWarned = false

  /// A page that is looked at loads itself again twice a minute.
  private static let pause = Duration.seconds(30)

  /// - Parameter describe: called when the run's files are there.
  init(_ folder: RunFolder, _ console: Console, describe: @escaping () throws -> RunDescription) {
    self.folder = folder
    self.console = console
    self.describe = describe
  }

  /// Writes the page at each save, and from time to time when a step is logged.
  func report(_ event: TrainingEvent) {
    switch event {
    // A sheet may follow, with which the page is written.
    case .savedSnapshot: isDue = true
    case .savedSamples: write(isRunning: true)
    case .step(_, let isLogged):
      let isOld = lastTime.map { ContinuousClock.now - $0 >= Self.pause } ?? true
      if isDue || (isLogged && isOld) { write(isRunning: true) }
    default: break
    }
  }

  /// The run ends. A page that was never written stays so.
  func finish() {
    if lastTime != nil || isDue { write(isRunning: false) }
  }

  private func write(isRunning: Bool) {
    isDue = false
    // A run's folder that is gone is not made anew.
    guard FileKind(of: folder.configuration) != nil else { return }
    do {
      let run = ReportPage.Run(folder: folder, description: try describe(), isRunning: isRunning)
      try page.write([run], to: folder.report)
      hasWarned = false
    } catch {
      if !hasWarned { console.warning("\(error); training goes on") }
      hasWarned = true
    }
    lastTime = .now
  }
}
