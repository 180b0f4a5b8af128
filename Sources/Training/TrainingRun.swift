import Datasets
import Files
import Foundation
import Imaging
import Torch
import Wording

/// How a call of a run ended.
package enum RunOutcome: Sendable, Equatable {
  case finished
  /// Stopped when asked to; a snapshot holds how far it came.
  case interrupted
  /// There was nothing to do: the run has trained all its epochs.
  case complete(epochs: Int)
  /// There was nothing to do: the run has taken as many steps as the limit allows.
  case reachedMaximum(steps: Int)
}

/// A training run from its data to its snapshots: started, stopped at any step, and gone on with.
package final class TrainingRun<Task: TrainingTask> {
  private let task: Task
  private let settings: RunSettings
  private let report: (TrainingEvent) -> Void
  private let trainer: any Trainer
  private let schedule: RunSchedule
  private let metrics: MetricsLog
  private var progress: TrainingProgress
  private var clock = StepClock()
  /// The last step that a snapshot, or a sample sheet, holds.
  private var savedStep: Int?

  /// What a call of a run finds.
  package enum Start {
    case ready(TrainingRun)
    case nothingLeft(RunOutcome)
  }

  /// Begins a run, or goes on with its latest snapshot: everything before the first step.
  ///
  /// - Parameter shouldStop: asked ten times a second while images are decoded.
  /// Throws before anything is written where the folder, the weights or the data cannot be used: `RunError`,
  /// `FileError`, `StateDictMismatch`, and `CancellationError` once `shouldStop` is true.
  package static func prepare(
    _ request: Task.Request, settings: RunSettings, resuming: Bool, shouldStop: () -> Bool,
    report: @escaping (TrainingEvent) -> Void
  ) throws -> Start {
    let folder = settings.folder
    folder.removeLeftovers()
    var saved: TrainingProgress?
    if resuming {
      let progress = try folder.progress()
      if let outcome = try outcome(of: progress, request.configuration.schedule, settings) {
        return .nothingLeft(outcome)
      }
      saved = progress
    } else if folder.hasSnapshot {
      throw RunError.exists(folder: folder.url)
    }
    try folder.checkWritable()
    return .ready(
      try TrainingRun(
        request, settings: settings, resuming: saved, shouldStop: shouldStop, report: report))
  }

  /// Prepares a run and trains it.
  package static func carryOut(
    _ request: Task.Request, settings: RunSettings, resuming: Bool, shouldStop: () -> Bool,
    report: @escaping (TrainingEvent) -> Void
  ) throws -> RunOutcome {
    switch try prepare(
      request, settings: settings, resuming: resuming, shouldStop: shouldStop, report: report)
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

  private init(
    _ request: Task.Request, settings: RunSettings, resuming saved: TrainingProgress?,
    shouldStop: () -> Bool, report: @escaping (TrainingEvent) -> Void
  ) throws {
    self.settings = settings
    self.report = report
    task = try Task(
      request, settings: settings,
      restore: { trainer in
        if saved != nil {
          try Snapshot(url: settings.folder.latest).restore(into: trainer)
        } else if let weights = settings.initialWeights {
          try trainer.loadInitialWeights(from: weights)
        }
      }, shouldStop: shouldStop, report: report)
    if shouldStop() { throw CancellationError() }
    trainer = task.trainer
    let configuration = task.configuration
    schedule = configuration.schedule
    let fresh = LearningRateSchedule(
      policy: configuration.optimization.policy, constantEpochs: schedule.constantEpochs,
      decayEpochs: schedule.decayEpochs)
    progress = saved ?? TrainingProgress(seed: configuration.seed, schedule: fresh)
    progress.schedule = progress.schedule.lasting(as: schedule)
    savedStep = saved?.step
    try settings.folder.create()
    try writeJSON(configuration, to: settings.folder.configuration)
    metrics = try MetricsLog(settings.folder.metrics, keepingUpTo: progress.step)
    if let saved { reportRise(since: saved) }
  }

  /// A schedule that has got longer may go back to a rate that the run had left behind.
  private func reportRise(since saved: TrainingProgress) {
    guard saved.begunEpochs > 0 else { return }
    let before = saved.schedule.factor(epoch: saved.begunEpochs)
    let after = progress.schedule.factor(epoch: progress.epoch)
    guard after > before else { return }
    let rate = task.configuration.optimization.learningRate
    report(
      .learningRateRises(from: before * rate, to: after * rate, inEpoch: progress.epoch))
  }

  private var stepsPerEpoch: Int { (task.epochSize + task.batchSize - 1) / task.batchSize }

  /// Where the run ends even inside an epoch.
  private var stepLimit: Int { settings.maximumSteps ?? .max }

  /// Steps of the whole run, of which those still to come are known; a resumed run may have had epochs of
  /// another length.
  private var totalSteps: Int {
    let batchSize = task.batchSize
    let leftInEpoch = (max(task.epochSize - progress.position, 0) + batchSize - 1) / batchSize
    let leftAfterIt = (schedule.totalEpochs - progress.epoch) * stepsPerEpoch
    return min(stepLimit, progress.step + leftInEpoch + leftAfterIt)
  }

  /// Trains to the end, or until `shouldStop`, asked after each step and while images are waited for, is
  /// true; a snapshot is saved either way.
  ///
  /// Throws `RunError` for a loss that is not a number, and `FileError` where nothing can be written or a strict
  /// run's image is broken; snapshots saved before stay as they are. Throws
  /// `CancellationError` for an end before the first step, of which there is nothing to save.
  package func train(shouldStop: () -> Bool) throws -> RunOutcome {
    report(
      .started(
        epoch: progress.epoch, step: progress.step, usesBFloat16: trainer.usesBFloat16))
    while progress.epoch <= schedule.totalEpochs && progress.step < stepLimit {
      trainer.scaleLearningRates(by: progress.schedule.factor(epoch: progress.epoch))
      if try trainEpoch(shouldStop: shouldStop) == .interrupted {
        if progress.step == 0 { throw CancellationError() }
        if savedStep != progress.step { try save() }
        return .interrupted
      }
      let isLast = progress.epoch > schedule.totalEpochs || progress.step >= stepLimit
      if isLast || (progress.position == 0 && (progress.epoch - 1) % schedule.saveEvery == 0) {
        try save()
        if schedule.sampleEvery == nil || isLast { try saveSamples() }
      }
    }
    if savedStep != progress.step { try save() }
    return .finished
  }

  /// Trains from `progress.position` to the end of the epoch, or to the run's last step.
  private func trainEpoch(shouldStop: () -> Bool) throws -> RunOutcome {
    let epochSize = task.epochSize
    let batchSize = task.batchSize
    // Images may have gone since the run was interrupted, and the epoch with them.
    let start = min(progress.position, epochSize)
    let samples = Prefetcher(
      start..<epochSize, depth: max(2 * settings.workers, 2 * batchSize),
      workers: settings.workers, make: task.samples(ofEpoch: progress.epoch))
    while progress.position < epochSize && progress.step < stepLimit {
      clock.begin()
      var batch: [Task.Sample] = []
      do {
        while batch.count < batchSize, let sample = try samples.next(unless: shouldStop) {
          batch.append(sample)
        }
      } catch is CancellationError {
        return .interrupted
      }
      clock.dataArrived()
      for warning in batch.flatMap(task.warnings) {
        report(.warning("\(warning); the next image takes its place"))
      }
      try step(batch)
      if shouldStop() {
        finishEpochIfDone(epochSize)
        return .interrupted
      }
    }
    finishEpochIfDone(epochSize)
    return .finished
  }

  private func step(_ batch: [Task.Sample]) throws {
    let losses = task.step(batch)
    if let broken = losses.named.first(where: { !$0.value.isFinite }) {
      throw RunError.lossIsNotANumber(
        name: broken.name, step: progress.step + 1, epoch: progress.epoch)
    }
    clock.stepEnded()
    progress.position += batch.count
    progress.step += 1
    progress.images += batch.count
    progress.generatorLossSum += losses.generatorTotal
    progress.stepsInEpoch += 1
    try log(losses, batchSize: batch.count)
    if let sampleEvery = schedule.sampleEvery, progress.step % sampleEvery == 0 {
      try saveSamples()
    }
  }

  private func log(_ losses: any StepLosses, batchSize: Int) throws {
    let stepReport = StepReport(
      step: progress.step, totalSteps: totalSteps, epoch: progress.epoch,
      totalEpochs: schedule.totalEpochs, images: progress.images, batchSize: batchSize,
      learningRate: trainer.learningRate, losses: losses, secondsPerStep: clock.secondsPerStep,
      secondsWaitingForData: clock.secondsWaiting)
    let isLogged = progress.step % schedule.logEvery == 0
    if isLogged {
      try metrics.append(stepReport)
      clock.reset()
    }
    report(.step(stepReport, isLogged: isLogged))
  }

  private func finishEpochIfDone(_ count: Int) {
    guard progress.position >= count else { return }
    progress.schedule.epochEnded(
      meanGeneratorLoss: progress.generatorLossSum / Double(max(progress.stepsInEpoch, 1)))
    progress.epoch += 1
    progress.position = 0
    progress.generatorLossSum = 0
    progress.stepsInEpoch = 0
  }

  /// `epoch-0005` after the fifth epoch, `step-0001234` inside one.
  private var stateName: String {
    progress.position == 0
      ? Snapshot.name(afterEpoch: progress.epoch - 1)
      : "step-" + padded(progress.step, to: 7)
  }

  private func save() throws(FileError) {
    let snapshot = try Snapshot.save(trainer, progress, named: stateName, in: settings.folder)
    savedStep = progress.step
    report(.savedSnapshot(snapshot.url))
  }

  private func saveSamples() throws(FileError) {
    let file = settings.folder.samples.appendingPathComponent(stateName + ".png")
    let drawn = ImageFile(image: task.drawSamples(), format: .png)
    try drawn.write(to: file)
    report(.savedSamples(file))
  }
}
