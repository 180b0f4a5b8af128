import Files
import Foundation

extension TrainingRun {
  /// What a call of a run finds.
  package enum Start {
    case ready(TrainingRun)
    case nothingLeft(RunOutcome)
  }

  /// Begins a run, or goes on with its latest snapshot: everything before the first step.
  ///
  /// - Parameters:
  ///   - lock: the folder's; `nil` takes it.
  ///   - shouldStop: asked ten times a second while images are decoded.
  /// Throws before anything is written where the folder, the weights or the data cannot be used: `RunError`,
  /// `FileError`, `StateDictMismatch`, and `CancellationError` once `shouldStop` is true.
  package static func prepare(
    _ request: Task.Request, settings: RunSettings, lock: RunLock? = nil, resuming: Bool,
    shouldStop: () -> Bool, report: @escaping (TrainingEvent) -> Void
  ) throws -> Start {
    let folder = settings.folder
    let processes = RunProcesses(group: settings.processes)
    let lock = processes.isFirst ? try lock ?? RunLock(folder, makingFolder: !resuming) : nil
    if processes.isFirst { folder.removeLeftovers() }
    // What a kill has left is put right before others read it.
    processes.group?.meet()
    var saved: TrainingProgress?
    if resuming {
      let progress = try folder.progress()
      try check(progress, fits: .read(from: folder.configuration), folder)
      let configuration = request.configuration
      // The process may have been killed between a save and what follows it.
      if processes.isFirst {
        try folder.restoreLatest()
        try folder.settleSnapshots(configuration.schedule, configuration.validation)
      }
      if let outcome = try outcome(of: progress, request.configuration.schedule, settings) {
        return .nothingLeft(outcome)
      }
      saved = progress
    } else if processes.isFirst, try folder.holdsSnapshots() {
      throw RunError.exists(folder: folder.url)
    }
    return .ready(
      try TrainingRun(
        request, settings: settings, lock: lock, resuming: saved, shouldStop: shouldStop,
        report: report))
  }

  /// Throws `FileError` for a snapshot of another run, which would not go on as this one.
  private static func check(
    _ progress: TrainingProgress, fits configuration: Task.Request.Configuration,
    _ folder: RunFolder
  ) throws {
    let latest = folder.latest.relativePath
    guard progress.seed == configuration.seed else {
      throw FileError(
        path: latest,
        reason:
          "its seed is \(progress.seed), the run's is \(configuration.seed): it belongs to another run"
      )
    }
    if let own = progress.fingerprint, own != (try fingerprint(of: configuration)) {
      throw FileError(
        path: latest, reason: "it was saved with other networks than those in config.json")
    }
  }

  /// Prepares a run and trains it.
  package static func carryOut(
    _ request: Task.Request, settings: RunSettings, lock: RunLock? = nil, resuming: Bool,
    shouldStop: () -> Bool, report: @escaping (TrainingEvent) -> Void
  ) throws -> RunOutcome {
    switch try prepare(
      request, settings: settings, lock: lock, resuming: resuming, shouldStop: shouldStop,
      report: report)
    {
    case .nothingLeft(let outcome): outcome
    case .ready(let run): try run.train(shouldStop: shouldStop)
    }
  }

  /// How a run ends that has nothing left to do.
  private static func outcome(
    of progress: TrainingProgress, _ schedule: RunSchedule, _ settings: RunSettings
  ) throws(RunError) -> RunOutcome? {
    let asked = schedule.totalEpochs
    let stored = progress.schedule.constantEpochs + progress.schedule.decayEpochs
    guard progress.begunEpochs <= asked || asked == stored else {
      throw .tooFewEpochs(
        folder: settings.folder.url, begun: progress.begunEpochs, asked: asked)
    }
    if progress.epoch > asked { return .complete(epochs: progress.epoch - 1) }
    if let maximum = settings.maximumSteps, progress.step >= maximum {
      return .reachedMaximum(steps: progress.step)
    }
    return nil
  }
}
