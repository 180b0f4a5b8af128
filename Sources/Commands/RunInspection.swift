import Files
import Foundation
import Training

/// What a run's folder tells beside its networks.
struct RunInspection: Encodable {
  /// Path of the folder.
  let run: String
  /// The words of the command that trains it: "dcgan train".
  let command: String
  /// What is trained on, and the folders it is in.
  let domains: [DomainRecord]
  let folders: [String]
  /// Such as the loss and the seed, by name.
  let facts: [String: String]
  let epochsDone: Int
  let totalEpochs: Int
  let step: Int
  /// Of the best snapshot by validation; `nil` without one.
  let bestStep: Int?
  /// When the latest snapshot was saved; `nil` without one.
  let saved: Date?
  /// Of all files of the run.
  let bytesOnDisk: Int
  let isTrained: Bool

  /// Throws `FileError` for a folder that is no run's or whose files are damaged.
  init(of folder: RunFolder) throws {
    self = try anyRun(in: folder) { options, command in
      try options.inspection(of: folder, command: command)
    }
  }

  fileprivate init<Configuration: RunConfiguration>(
    _ folder: RunFolder, _ configuration: Configuration, command: String, facts: [[String]]
  ) {
    run = folder.url.relativePath
    self.command = command
    domains = configuration.record.domains
    folders = configuration.dataFolders
    self.facts = Dictionary(
      facts.map { ($0[0], $0[1]) } + [("Seed", "\(configuration.seed)")], uniquingKeysWith: { $1 })
    let progress = try? folder.progress()
    epochsDone = progress.map { $0.epoch - 1 } ?? 0
    totalEpochs = configuration.schedule.totalEpochs
    step = progress?.step ?? 0
    bestStep = (try? Snapshot(url: folder.best).readProgress())?.step
    // The link is replaced when a snapshot is whole.
    saved =
      (try? FileManager.default.attributesOfItem(atPath: folder.latest.path))?[.modificationDate]
      as? Date
    bytesOnDisk = Self.bytes(in: folder.url)
    isTrained = folder.isTrained
  }

  /// Links are not followed.
  private static func bytes(in folder: URL) -> Int {
    let files = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: [.fileSizeKey, .isRegularFileKey])
    var count = 0
    for case let file as URL in files ?? FileManager.DirectoryEnumerator() {
      let values = try? file.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
      if values?.isRegularFile == true { count += values?.fileSize ?? 0 }
    }
    return count
  }

  /// "summer (60 images) and winter (60)".
  var domainWords: String {
    domains.map { "\($0.name) (\($0.images))" }.joined(separator: " and ")
  }

  /// In local time: "2026-11-28 10:15".
  var dateWords: String? {
    saved?.formatted(
      Date.VerbatimFormatStyle(
        format:
          "\(year: .defaultDigits)-\(month: .twoDigits)-\(day: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits)",
        timeZone: .current, calendar: .current))
  }

  var progressWords: String {
    "\(epochsDone) of \(totalEpochs) epochs" + (isTrained ? ", being trained" : "")
  }
}

extension RunOptions {
  fileprivate static func inspection(
    of folder: RunFolder, command: String
  ) throws -> RunInspection {
    let stored = try Request.Configuration.read(from: folder.configuration)
    return RunInspection(folder, stored, command: command, facts: facts(about: stored))
  }
}
