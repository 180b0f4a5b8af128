import Datasets
import Files
import Foundation
import Imaging
import Torch
import Wording

/// A training run from its data to its snapshots: started, stopped at any step, and gone on with.
package final class TrainingRun<Task: TrainingTask> {
  private let task: Task
  private let settings: RunSettings
  /// The first process's.
  private let lock: RunLock?
  private let processes: RunProcesses
  private let report: (TrainingEvent) -> Void
  private let trainer: any Trainer
  private let schedule: RunSchedule
  /// As `config.json` has it.
  private var configuration: Task.Request.Configuration
  /// The first process's.
  private var journal: RunJournal?
  private var progress: TrainingProgress
  private var clock = StepClock()
  private var lossWatch = LossWatch()
  /// Steps whose losses have not been read yet.
  private var unread: [UnreadStep] = []
  private let alarms: AlarmCollector
  /// How the run ends because of an alarm.
  private var alarmOutcome: RunOutcome?
  /// The last step that a snapshot holds.
  private var savedStep: Int?
  /// When that was, or when this call began.
  private var savedTime = ContinuousClock.now
  /// A snapshot that could not be written, and is tried again.
  private var isSaveOverdue = false
  /// Whether it was told why a GPU does not repeat the steps.
  private var hasToldObstacle = false
  /// The last step at which the first process has validated the networks.
  private var validatedStep = 0

  /// Everything before the first step; throws as `prepare` does.
  init(
    _ request: Task.Request, settings: RunSettings, lock: RunLock?,
    resuming saved: TrainingProgress?, shouldStop: () -> Bool,
    report: @escaping (TrainingEvent) -> Void
  ) throws {
    self.settings = settings
    self.lock = lock
    processes = RunProcesses(group: settings.processes)
    self.report = report
    let alarms = AlarmCollector()
    self.alarms = alarms
    task = try Task(
      request, settings: settings,
      restore: { trainer in
        if saved != nil {
          try settings.folder.snapshotToResume().restore(into: trainer)
        } else if let weights = settings.initialWeights {
          try trainer.loadInitialWeights(from: weights)
        }
      }, shouldStop: shouldStop,
      report: { event in
        if case .alarm(let alarm) = event { alarms.new.append(alarm) } else { report(event) }
      })
    if shouldStop() { throw CancellationError() }
    trainer = task.trainer
    var configuration = task.configuration
    self.configuration = configuration
    schedule = configuration.schedule
    let fresh = LearningRateSchedule(
      policy: configuration.optimization.policy, constantEpochs: schedule.constantEpochs,
      decayEpochs: schedule.decayEpochs)
    progress = saved ?? TrainingProgress(seed: configuration.seed, schedule: fresh)
    progress.schedule = progress.schedule.changed(
      to: configuration.optimization.policy, lasting: schedule)
    progress.fingerprint = try fingerprint(of: configuration)
    savedStep = saved?.step
    if processes.group != nil, task.batchSize > task.epochSize {
      throw RunError.batchIsNotFilled(
        batchSize: task.batchSize, images: task.domains.map(\.images).max() ?? 0)
    }
    try processes.checkWeights(of: trainer, after: progress.step)
    guard processes.isFirst else { return }
    let data = dataFingerprint(of: configuration.dataFolders)
    if let before = configuration.record.data, before != data {
      report(
        .warning(
          "the images are not those that the run was trained on so far: names or sizes of files differ"
        ))
    }
    configuration.record.data = data
    configuration.record.domains = task.domains
    self.configuration = configuration
    try settings.folder.create()
    try writeJSON(configuration, to: settings.folder.configuration)
    let journal = try RunJournal(
      settings.folder, after: progress.step, writesEvents: settings.writesEvents, report: report)
    validatedStep = journal.validatedStep
    self.journal = journal
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

  private var passes: Int { task.configuration.optimization.accumulatedBatches }

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
  /// A snapshot that cannot be written is tried again whenever a step is logged; only at the end is it an error.
  /// Throws `RunError` for a model that has diverged and for a folder that is gone, and `FileError` where the last
  /// snapshot cannot be written or a strict run's image is broken; snapshots saved before stay as they are. Throws
  /// `CancellationError` for an end before the first step, of which there is nothing to save.
  package func train(shouldStop: () -> Bool) throws -> RunOutcome {
    report(
      .started(
        epoch: progress.epoch, step: progress.step, usesBFloat16: trainer.usesBFloat16))
    // A call that ended with an epoch has not waited for this.
    do {
      if savedStep == progress.step, try validateIfDue(unless: shouldStop) { settleSnapshots() }
    } catch is CancellationError {
      return .interrupted
    }
    while progress.epoch <= schedule.totalEpochs && progress.step < stepLimit {
      trainer.begin(epoch: progress.epoch, of: schedule.totalEpochs)
      trainer.scaleLearningRates(by: progress.schedule.factor(epoch: progress.epoch))
      let outcome = try trainEpoch(shouldStop: shouldStop)
      if case .wantsRestart = outcome { return outcome }
      if outcome != .finished {
        if progress.step == 0 { throw CancellationError() }
        try processes.checkWeights(of: trainer, after: progress.step)
        if savedStep != progress.step { try save() }
        return outcome
      }
      let isBest: Bool
      do {
        isBest = try validateIfDue(unless: shouldStop)
      } catch is CancellationError {
        // The call that goes on validates first.
        if savedStep != progress.step { try save() }
        return .interrupted
      }
      // The end saves by itself.
      if isComplete { break }
      try saveIfDue()
      if isBest, savedStep != progress.step { try saveOrRetryLater() }
    }
    try processes.checkWeights(of: trainer, after: progress.step)
    if savedStep != progress.step {
      try save()
      saveSamples()
    }
    return alarmOutcome ?? .finished
  }

  /// Measures the networks after an epoch, if it is one after which they are, and at the end; returns whether they
  /// are the best so far, of which there is to be a snapshot.
  ///
  /// Throws `CancellationError` once `shouldStop` is true. A process among others does not stop here, nor a run at its
  /// end, with which no call goes on.
  private func validateIfDue(unless shouldStop: () -> Bool) throws -> Bool {
    let validation = task.configuration.validation
    guard validation.everyEpochs > 0, progress.step > validatedStep, processes.isFirst else {
      return false
    }
    let isEpochDue =
      progress.position == 0 && (progress.epoch - 1) % validation.everyEpochs == 0
      && progress.step - validatedStep >= validation.leastSteps
    let mayStop = processes.group == nil && !isComplete
    guard isEpochDue || (isComplete && progress.step >= validation.leastSteps),
      let values = try task.validate(unless: { mayStop && shouldStop() })
    else { return false }
    validatedStep = progress.step
    journal?.add(validation: values, step: progress.step, epoch: progress.begunEpochs)
    let isBest =
      settings.folder.bestStep(validation, orAfter: progress.step) == progress.step
    report(.validated(values, isBest: isBest))
    return isBest
  }

  private var isComplete: Bool {
    progress.epoch > schedule.totalEpochs || progress.step >= stepLimit
  }

  /// Trains from `progress.position` to the end of the epoch, or to the run's last step.
  private func trainEpoch(shouldStop: () -> Bool) throws -> RunOutcome {
    let epochSize = task.epochSize
    let batchSize = task.batchSize
    // Images may have gone since the run was interrupted, and the epoch with them.
    let start = min(progress.position, epochSize)
    let own = processes.share(of: start..<epochSize, batchSize: batchSize, passes: passes)
    let make = task.samples(ofEpoch: progress.epoch)
    let ahead = 2 * batchSize / (processes.group?.count ?? 1)
    let samples = Prefetcher(
      0..<own.count, depth: max(2 * settings.workers, ahead), workers: settings.workers
    ) { try make(own[$0]) }
    while progress.position < epochSize && progress.step < stepLimit {
      clock.begin()
      let parts = processes.parts(
        of: min(batchSize, epochSize - progress.position), passes: passes)
      var batch: [(part: BatchPart, samples: [Task.Sample])] = []
      do {
        for part in parts {
          batch.append((part, try take(part.samples.count, from: samples, unless: shouldStop)))
        }
      } catch is CancellationError {
        return .interrupted
      } catch {
        // The images may come back, and the steps since the last snapshot would not.
        if processes.group == nil, progress.step > 0, savedStep != progress.step { try? save() }
        throw error
      }
      clock.dataArrived()
      for warning in batch.flatMap(\.samples).flatMap(task.warnings) {
        report(.warning("\(warning); the next image takes its place"))
      }
      try step(batch)
      let stops: Bool?
      if processes.group == nil {
        stops = nil
      } else {
        (alarmOutcome, stops) = processes.agree(on: alarmOutcome, stops: shouldStop)
      }
      if let alarmOutcome {
        try finishEpochIfDone(epochSize)
        return alarmOutcome
      }
      // At the end of an epoch the snapshot waits until the next one has begun.
      if progress.position < epochSize, !isComplete { try saveIfDue() }
      if stops ?? shouldStop() {
        try finishEpochIfDone(epochSize)
        return .interrupted
      }
    }
    try finishEpochIfDone(epochSize)
    // Of steps whose losses were read last.
    return alarmOutcome ?? .finished
  }

  /// The next samples. A process among others does not stop while it waits for them: all stop after the same step.
  private func take(
    _ count: Int, from samples: Prefetcher<Task.Sample>, unless shouldStop: () -> Bool
  ) throws -> [Task.Sample] {
    let isAlone = processes.group == nil
    return try (0..<count).compactMap { _ in
      try samples.next(unless: isAlone ? shouldStop : { false })
    }
  }

  /// A step that has been taken, and where the run stood then.
  private struct UnreadStep {
    let losses: PendingLosses<any StepLosses>
    let step, totalSteps, epoch, images, batchSize: Int
    let learningRate: Double
  }

  private func step(_ batch: [(part: BatchPart, samples: [Task.Sample])]) throws {
    let losses = task.step(batch)
    reportObstacle()
    let count = batch[0].part.total
    try lock?.checkFolder()
    progress.position += count
    progress.step += 1
    progress.images += count
    progress.stepsInEpoch += 1
    unread.append(
      UnreadStep(
        losses: losses, step: progress.step, totalSteps: totalSteps, epoch: progress.epoch,
        images: progress.images, batchSize: count, learningRate: trainer.learningRate))
    let isReadAtOnce = processes.group != nil || task.needsLossesAtOnce
    if isLogged || unread.count >= (isReadAtOnce ? 1 : settings.mostUnreadSteps) {
      try readLosses { clock.stepEnded() }
    } else {
      clock.stepEnded()
    }
    if let sampleEvery = schedule.sampleEvery, progress.step % sampleEvery == 0 { saveSamples() }
  }

  /// Tells once why a GPU is given the operators of a step one by one, which may turn out after some steps.
  private func reportObstacle() {
    guard !hasToldObstacle, processes.isFirst,
      let obstacle = RepeatedPass.obstacleOnGPU(to: trainer.repeatedPasses)
    else { return }
    hasToldObstacle = true
    report(.notice("the GPU gets steps operator by operator, which takes longer: \(obstacle)"))
  }

  /// Waits for the losses of all steps so far, and looks at them step by step.
  ///
  /// - Parameter arrived: called when the device has computed them.
  /// Throws `RunError` for the first step that has diverged.
  private func readLosses(_ arrived: () -> Void = {}) throws {
    var rest = unread[...]
    unread = []
    var isFirst = true
    try PendingLosses.read(rest.map(\.losses)) { losses in
      if isFirst { arrived() }
      isFirst = false
      let step = rest.removeFirst()
      if let broken = losses.named.first(where: { !$0.value.isFinite }) {
        throw diverged("the loss \(broken.name) is not a number", step: step.step)
      }
      progress.generatorLossSum += losses.generatorTotal
      let raised = alarms.take() + lossWatch.note(losses.named, kind: task.kind(ofStep: step.step))
      if processes.isFirst { for alarm in raised { handle(alarm, of: step) } }
      log(losses, of: step)
    }
  }

  /// - Parameter step: in which it arose.
  private func handle(_ alarm: Alarm, of step: UnreadStep) {
    guard journal?.note(alarm) == true else { return }
    report(.alarm(alarm))
    switch settings.onAlarm {
    case .warn: break
    case .stop: alarmOutcome = .stopped(by: alarm)
    case .restart:
      if alarm.isOfChance, step.step <= step.totalSteps / 10 {
        alarmOutcome = .wantsRestart(after: alarm)
      }
    }
  }

  private var isLogged: Bool { progress.step % schedule.logEvery == 0 }

  private func log(_ losses: any StepLosses, of step: UnreadStep) {
    let isLogged = step.step % schedule.logEvery == 0
    let values = losses.named + losses.others
    var unlogged = progress.unloggedLosses ?? LossMeans()
    unlogged.add(values)
    let stepReport = StepReport(
      step: step.step, totalSteps: step.totalSteps, epoch: step.epoch,
      totalEpochs: schedule.totalEpochs, images: step.images, batchSize: step.batchSize,
      learningRate: step.learningRate, losses: losses, means: unlogged.means(of: values),
      secondsPerStep: clock.secondsPerStep, secondsWaitingForData: clock.secondsWaiting)
    if isLogged {
      journal?.log(stepReport)
      clock.reset()
    }
    progress.unloggedLosses = isLogged ? nil : unlogged
    report(.step(stepReport, isLogged: isLogged))
  }

  private func finishEpochIfDone(_ count: Int) throws {
    guard progress.position >= count else { return }
    try readLosses()
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
      : Snapshot.name(atStep: progress.step)
  }

  /// Saves a snapshot if one is due by epochs, steps or time, or could not be written before.
  private func saveIfDue() throws {
    let passed = ContinuousClock.now - savedTime
    let (isDue, isDueByTime) =
      switch schedule.saveEvery {
      case .epochs(let interval):
        (progress.position == 0 && (progress.epoch - 1) % interval == 0, false)
      case .steps(let interval): (progress.step % interval == 0, false)
      case .time(let minutes): (false, passed >= minutes.duration)
      }
    if isDue {
      try saveOrRetryLater()
      if schedule.sampleEvery == nil { saveSamples() }
    } else if isSaveOverdue {
      if isLogged { try saveOrRetryLater() }
    } else if isDueByTime || passed >= schedule.saveAtLeast.duration {
      try saveOrRetryLater(isTimed: true)
    }
  }

  /// Saves, and goes on without a snapshot where there is no room for one.
  private func saveOrRetryLater(isTimed: Bool = false) throws {
    do {
      try save(isTimed: isTimed)
    } catch let error as FileError {
      isSaveOverdue = true
      // Each try by time would come at every step.
      savedTime = .now
      report(
        .warning(
          "the snapshot of step \(progress.step) cannot be saved: \(error); it is tried again while training goes "
            + "on"))
    }
  }

  /// - Parameter isTimed: whether the snapshot takes the place of the one before that was saved for the time.
  private func save(isTimed: Bool = false) throws {
    try readLosses()
    guard processes.isFirst else {
      savedStep = progress.step
      return
    }
    progress.isTimed = isTimed ? true : nil
    // Somebody may have removed it, and no snapshot is worth anything without.
    if FileKind(of: settings.folder.configuration) == nil {
      try lock?.checkFolder()
      try writeJSON(configuration, to: settings.folder.configuration)
    }
    let snapshot: Snapshot
    journal?.synchronize()
    do {
      snapshot = try Snapshot.save(trainer, progress, named: stateName, in: settings.folder)
    } catch let error as Snapshot.NotFinite {
      throw diverged(error.what, step: progress.step)
    } catch {
      try lock?.checkFolder()
      throw error
    }
    savedStep = progress.step
    savedTime = .now
    isSaveOverdue = false
    report(.savedSnapshot(snapshot.url))
    settleSnapshots()
  }

  private func settleSnapshots() {
    do throws(FileError) {
      try settings.folder.settleSnapshots(schedule, task.configuration.validation)
    } catch {
      report(.warning("\(error); training goes on"))
    }
  }

  private func diverged(_ what: String, step: Int) -> RunError {
    let folder = settings.folder
    let last = try? FileManager.default.destinationOfSymbolicLink(atPath: folder.latest.path)
    return .notFinite(
      what: what, step: step, epoch: progress.epoch,
      lastGood: last.map { folder.url.appendingPathComponent($0) })
  }

  private func saveSamples() {
    guard processes.isFirst else { return }
    let epoch = progress.position == 0 ? progress.epoch - 1 : progress.epoch
    let sheet = task.drawSamples(caption: "epoch \(epoch), step \(progress.step)")
    journal?.add(samples: sheet, named: stateName, step: progress.step)
  }
}

/// Alarms that a step has raised, until the run takes note of them.
private final class AlarmCollector {
  var new: [Alarm] = []

  func take() -> [Alarm] {
    defer { new = [] }
    return new
  }
}
