import Datasets
import Files
import Foundation
import Imaging
import Torch
import Wording

/// How a run ended.
package enum RunOutcome: Sendable {
  case finished, interrupted
}

/// A training run from its data to its snapshots: started, stopped at any step, and gone on with.
package final class TrainingRun<Task: TrainingTask> {
  package typealias Outcome = RunOutcome

  private let task: Task
  private let settings: RunSettings
  private let report: (TrainingEvent) -> Void
  private let trainer: any Trainer
  private let metrics: MetricsLog
  private var progress: TrainingProgress
  private var clock = StepClock()
  /// The last step that a snapshot, or a sample sheet, holds.
  private var savedStep: Int?

  /// Checks the data, builds the networks and, for `resuming`, puts the latest snapshot back.
  ///
  /// Throws before anything is written where the data or the weights cannot be used: `FileError`,
  /// `FileError`, `StateDictMismatch`, `TrainingError`.
  package init(
    configuration: Task.Configuration, settings: RunSettings, resuming: Bool,
    report: @escaping (TrainingEvent) -> Void
  ) throws {
    self.settings = settings
    self.report = report
    task = try Task(configuration, settings: settings, report: report)
    trainer = task.trainer
    let optimization = configuration.optimization
    progress = TrainingProgress(
      seed: configuration.seed,
      schedule: LearningRateSchedule(
        policy: optimization.policy, constantEpochs: optimization.constantEpochs,
        decayEpochs: optimization.decayEpochs))
    if resuming {
      guard settings.folder.hasSnapshot else {
        throw TrainingError(
          "\(settings.folder.url.relativePath): there is no snapshot to resume from")
      }
      let saved = try Snapshot(url: settings.folder.latest).restore(into: trainer)
      progress = saved
      progress.schedule = saved.schedule.lasting(
        constantEpochs: optimization.constantEpochs, decayEpochs: optimization.decayEpochs)
      savedStep = saved.step
    } else if let weights = settings.initialWeights {
      try trainer.loadInitialWeights(from: weights)
    }
    try settings.folder.create()
    try writeJSON(task.configuration, to: settings.folder.configuration)
    metrics = try MetricsLog(settings.folder.metrics, keepingUpTo: progress.step)
  }

  private var optimization: OptimizationSettings { task.configuration.optimization }

  private var totalEpochs: Int { optimization.constantEpochs + optimization.decayEpochs }

  private var stepsPerEpoch: Int { (task.epochSize + task.batchSize - 1) / task.batchSize }

  /// Where the run ends even inside an epoch.
  private var stepLimit: Int { optimization.maximumSteps ?? .max }

  /// Steps of the whole run, of which those still to come are known; a resumed run may have had epochs of
  /// another length.
  private var totalSteps: Int {
    let batchSize = task.batchSize
    let leftInEpoch = (max(task.epochSize - progress.position, 0) + batchSize - 1) / batchSize
    let leftAfterIt = (totalEpochs - progress.epoch) * stepsPerEpoch
    return min(stepLimit, progress.step + leftInEpoch + leftAfterIt)
  }

  /// Trains to the end, or until `shouldStop` answers true after a step; a snapshot is saved either way.
  ///
  /// Throws `TrainingError` for a loss that is not a number, `FileError` where nothing can be written, and
  /// `FileError` for a strict run's broken image; snapshots saved before stay as they are.
  package func train(shouldStop: () -> Bool) throws -> Outcome {
    report(
      .started(
        epoch: progress.epoch, step: progress.step, usesBFloat16: trainer.usesBFloat16))
    while progress.epoch <= totalEpochs && progress.step < stepLimit {
      trainer.scaleLearningRates(by: progress.schedule.factor(epoch: progress.epoch))
      if try trainEpoch(shouldStop: shouldStop) == .interrupted {
        try save()
        return .interrupted
      }
      let isLast = progress.epoch > totalEpochs || progress.step >= stepLimit
      if isLast || (progress.position == 0 && (progress.epoch - 1) % settings.saveEvery == 0) {
        try save()
        if settings.sampleEvery == nil || isLast { try saveSamples() }
      }
    }
    if savedStep != progress.step { try save() }
    return .finished
  }

  /// Trains from `progress.position` to the end of the epoch, or to the run's last step.
  private func trainEpoch(shouldStop: () -> Bool) throws -> Outcome {
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
      while batch.count < batchSize, let sample = try samples.next() { batch.append(sample) }
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
      throw TrainingError(
        "the loss \(broken.name) is not a number in step \(progress.step + 1) of epoch "
          + "\(progress.epoch); the snapshots saved before it are untouched. A lower --lr may help")
    }
    clock.stepEnded()
    progress.position += batch.count
    progress.step += 1
    progress.images += batch.count
    progress.generatorLossSum += losses.generatorTotal
    progress.stepsInEpoch += 1
    try log(losses, batchSize: batch.count)
    if let sampleEvery = settings.sampleEvery, progress.step % sampleEvery == 0 {
      try saveSamples()
    }
  }

  private func log(_ losses: any StepLosses, batchSize: Int) throws {
    let stepReport = StepReport(
      step: progress.step, totalSteps: totalSteps, epoch: progress.epoch, totalEpochs: totalEpochs,
      images: progress.images, batchSize: batchSize, learningRate: trainer.learningRate,
      losses: losses, secondsPerStep: clock.secondsPerStep,
      secondsWaitingForData: clock.secondsWaiting)
    let isLogged = progress.step % settings.logEvery == 0
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
      ? "epoch-" + padded(progress.epoch - 1, to: 4)
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
