import Files
import Foundation
import Imaging

/// What a run leaves for people on its way. A run goes on without any of it, so that a file that cannot be written
/// is worth a warning, once.
struct RunJournal {
  private let folder: RunFolder
  private let report: (TrainingEvent) -> Void
  private var metrics: MetricsLog
  private var validations: StepLog
  /// Of the last validation that earlier calls have left; 0 for none.
  let validatedStep: Int
  private var events: EventFile?
  /// Alarms for the next line.
  private var alarms: [Alarm] = []
  private var toldAlarms: Set<String>
  /// Kinds of files of which it was said already that they cannot be written.
  private var warnedFiles: Set<String> = []

  /// Throws `FileError` where the log of a run that goes on cannot be read.
  /// - Parameters:
  ///   - step: steps that the run has taken.
  ///   - writesEvents: whether there is a file for TensorBoard.
  init(
    _ folder: RunFolder, after step: Int, writesEvents: Bool,
    report: @escaping (TrainingEvent) -> Void
  ) throws(FileError) {
    self.folder = folder
    self.report = report
    metrics = try MetricsLog(folder.metrics, keepingUpTo: step)
    let lines: [Data]
    (validations, lines) = try StepLog.open(folder.validation, keepingUpTo: step)
    validatedStep = StepLog.decoded(ValidationLine.self, lines).last?.step ?? 0
    toldAlarms = Set(metrics.earlierAlarms.map(Self.withoutNumbers))
    guard writesEvents else { return }
    events = EventFile(in: folder.url, after: step)
    if let settings = try? String(contentsOf: folder.configuration, encoding: .utf8) {
      // Four spaces make it code in Markdown.
      let lines = settings.split(separator: "\n").map { "    \($0)" }
      events?.add(text: lines.joined(separator: "\n"), name: "config.json", step: step)
    }
  }

  /// Adds an alarm to the next line that is logged; returns false for one that the run has told before.
  mutating func note(_ alarm: Alarm) -> Bool {
    guard toldAlarms.insert(Self.withoutNumbers(alarm.description)).inserted else { return false }
    alarms.append(alarm)
    return true
  }

  /// An alarm is the same one whatever it has counted.
  private static func withoutNumbers(_ text: String) -> String { text.filter { !$0.isNumber } }

  mutating func log(_ step: StepReport) {
    write("metrics") { journal throws(FileError) in
      try journal.metrics.append(step, journal.alarms)
    }
    alarms = []
    let rates = [
      ("lr", step.learningRate), ("images_per_second", step.imagesPerSecond),
      ("seconds_waiting_for_data", step.secondsWaitingForData),
    ]
    events?.add(scalars: step.means + rates, step: step.step)
    flushEvents()
  }

  /// Makes sure that a power cut leaves all lines.
  mutating func synchronize() {
    write("metrics") { journal throws(FileError) in try journal.metrics.synchronize() }
    write("validation") { journal throws(FileError) in try journal.validations.synchronize() }
  }

  mutating func add(validation values: ValidationValues, step: Int, epoch: Int) {
    write("validation") { journal throws(FileError) in
      try journal.validations.append(ValidationLine(step: step, epoch: epoch, values: values))
    }
    events?.add(scalars: values.map { ("validation/\($0.name)", $0.value) }, step: step)
    flushEvents()
  }

  /// - Parameter name: of the sheet's file, without the extension.
  mutating func add(samples sheet: Image, named name: String, step: Int) {
    let file = folder.samples.appendingPathComponent(name + ".png")
    write("samples") { journal throws(FileError) in
      try makeFolder(at: journal.folder.samples, makingParents: false)
      try ImageFile(image: sheet, format: .png).write(to: file)
      journal.report(.savedSamples(file))
      guard journal.events != nil, let png = try? Data(contentsOf: file) else { return }
      journal.events?.add(
        image: png, height: sheet.height, width: sheet.width, name: "samples", step: step)
    }
    flushEvents()
  }

  private mutating func flushEvents() {
    write("events") { journal throws(FileError) in try journal.events?.flush() }
  }

  private mutating func write(
    _ kind: String, _ body: (inout RunJournal) throws(FileError) -> Void
  ) {
    do throws(FileError) {
      try body(&self)
      warnedFiles.remove(kind)
    } catch {
      if warnedFiles.insert(kind).inserted { report(.warning("\(error); training goes on")) }
    }
  }
}
