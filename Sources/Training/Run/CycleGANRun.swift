import Datasets
import Foundation
import Imaging
import Torch

/// A training run from its two folders to its snapshots: started, stopped at any step, and gone on with.
public final class CycleGANRun {
  public enum Outcome: Sendable {
    case finished, interrupted
  }

  private let configuration: CycleGANConfiguration
  private let settings: RunSettings
  private let report: (TrainingEvent) -> Void
  private let dataset: UnpairedDataset
  private let sheet: SampleSheet
  private let trainer: CycleGANTrainer
  private let metrics: MetricsLog
  private var progress: TrainingProgress
  private var clock = StepClock()
  /// The last step that a snapshot, or a sample sheet, holds.
  private var savedStep: Int?

  /// Checks the folders, builds the networks and, for `resuming`, puts the latest snapshot back.
  ///
  /// Throws before anything is written where the folders or the weights cannot be used: `DatasetError`,
  /// `FileError`, `StateDictMismatch`, `TrainingError`.
  public init(
    configuration: CycleGANConfiguration, settings: RunSettings, resuming: Bool,
    report: @escaping (TrainingEvent) -> Void
  ) throws {
    self.configuration = configuration
    self.settings = settings
    self.report = report
    let domains = try TrainingDomains(
      configuration, workers: settings.workers, cacheSize: settings.cache, report: report)
    dataset = domains.dataset
    sheet = domains.sampleSheet(count: 4)
    trainer = CycleGANTrainer(configuration: configuration, device: settings.device)
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
    try writeJSON(configuration, to: settings.folder.configuration)
    metrics = try MetricsLog(settings.folder.metrics, keepingUpTo: progress.step)
  }

  private var totalEpochs: Int {
    configuration.optimization.constantEpochs + configuration.optimization.decayEpochs
  }

  private var stepsPerEpoch: Int {
    (dataset.count + configuration.data.batchSize - 1) / configuration.data.batchSize
  }

  /// Where the run ends even inside an epoch.
  private var stepLimit: Int { configuration.optimization.maximumSteps ?? .max }

  /// Steps of the whole run, of which those still to come are known; a resumed run may have had epochs of
  /// another length.
  private var totalSteps: Int {
    let batchSize = configuration.data.batchSize
    let leftInEpoch = (max(dataset.count - progress.position, 0) + batchSize - 1) / batchSize
    let leftAfterIt = (totalEpochs - progress.epoch) * stepsPerEpoch
    return min(stepLimit, progress.step + leftInEpoch + leftAfterIt)
  }

  /// Trains to the end, or until `shouldStop` answers true after a step; a snapshot is saved either way.
  ///
  /// Throws `TrainingError` for a loss that is not a number, `FileError` where nothing can be written, and
  /// `DatasetError` for a strict run's broken picture; snapshots saved before stay as they are.
  public func train(shouldStop: () -> Bool) throws -> Outcome {
    report(
      .started(
        epoch: progress.epoch, step: progress.step, usesBFloat16: trainer.usesBFloat16))
    while progress.epoch <= totalEpochs && progress.step < stepLimit {
      trainer.learningRate =
        configuration.optimization.learningRate * progress.schedule.factor(epoch: progress.epoch)
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
    let epoch = dataset.epoch(progress.epoch)
    let batchSize = configuration.data.batchSize
    // Pictures may have gone since the run was interrupted, and the epoch with them.
    let start = min(progress.position, epoch.count)
    let samples = Prefetcher(
      start..<epoch.count, depth: max(2 * settings.workers, 2 * batchSize),
      workers: settings.workers
    ) { try epoch.sample(at: $0) }
    while progress.position < epoch.count && progress.step < stepLimit {
      clock.begin()
      var batch: [UnpairedSample] = []
      while batch.count < batchSize, let sample = try samples.next() { batch.append(sample) }
      clock.dataArrived()
      for skipped in batch.flatMap(\.skipped) {
        report(.warning("\(skipped.description); the next picture takes its place"))
      }
      try step(batch)
      if shouldStop() {
        finishEpochIfDone(epoch.count)
        return .interrupted
      }
    }
    finishEpochIfDone(epoch.count)
    return .finished
  }

  private func step(_ batch: [UnpairedSample]) throws {
    let losses = trainer.step(
      realA: Tensor(images: batch.map(\.a)).moved(to: settings.device),
      realB: Tensor(images: batch.map(\.b)).moved(to: settings.device))
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

  private func log(_ losses: CycleGANLosses, batchSize: Int) throws {
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
      ? "epoch-" + String(progress.epoch - 1).paddedWithZeros(to: 4)
      : "step-" + String(progress.step).paddedWithZeros(to: 7)
  }

  private func save() throws(FileError) {
    let snapshot = try Snapshot.save(trainer, progress, named: stateName, in: settings.folder)
    savedStep = progress.step
    report(.savedSnapshot(snapshot.url))
  }

  private func saveSamples() throws(ImageFileError) {
    let file = settings.folder.samples.appendingPathComponent(stateName + ".png")
    let drawn = ImageFile(image: sheet.draw(with: trainer), format: .png)
    try drawn.write(to: file)
    report(.savedSamples(file))
  }
}

extension String {
  fileprivate func paddedWithZeros(to length: Int) -> String {
    String(repeating: "0", count: max(0, length - count)) + self
  }
}
