import Datasets
import Foundation
import Machine
import Torch
import Training
import Wording

/// Options of a command that trains.
///
/// What a run keeps is what its configuration holds, and of that a continuation may change all but the
/// configuration's identity. All other options are of one call.
protocol RunOptions: CommandOptions {
  associatedtype Request: RunRequest

  var request: Request { get set }
  var call: RunCallOptions { get set }
  var compute: ComputeOptions { get set }
  var workers: WorkerOptions { get }
  /// Memory for decoded images.
  var cache: CacheSize { get }

  /// Whether the command line named the data.
  var hasData: Bool { get }
  /// Puts the data that the command line named into other options: a data set may have moved.
  func copyData(to other: inout Self)
  /// Makes the paths of the data absolute: a run can be resumed from another current folder.
  mutating func makeDataAbsolute()

  /// For the run's page: names and values.
  static func facts(about configuration: Request.Configuration) -> [[String]]
  /// What a trained run is for; the run's path comes first behind the command.
  static var uses: [(title: String, command: String, arguments: [String])] { get }

  /// Throws an error that names the option to change if settings do not fit one another, or if one of them is
  /// out of its option's range, as a configuration read from a file may be.
  static func check(_ request: Request) throws(UsageError)
  /// Throws an error for an option that was given and has no effect beside the others.
  func checkUse(of given: Set<String>) throws(UsageError)
}

extension RunOptions {
  var configuration: Request.Configuration {
    get { request.configuration }
    set { request.configuration = newValue }
  }

  func checkUse(of given: Set<String>) throws(UsageError) {}

  var folder: RunFolder {
    RunFolder(URL(fileURLWithPath: call.checkpointsDirectory).appendingPathComponent(call.name))
  }
}

/// Which run is meant, and what one call does with it.
struct RunCallOptions: OptionGroup {
  var name: String
  var checkpointsDirectory = "checkpoints"
  var resume = false
  /// A folder with weights to start from.
  var initFrom: String?
  /// Ends the run after this many steps since its beginning.
  var maximumSteps: Int?
  var writesEvents = true
  var onAlarm = AlarmReaction.warn
  var processes = ProcessOptions()

  init(name: String) {
    self.name = name
  }

  static let rows: [Option<RunCallOptions>] =
    [
      .value("name", "name", "name of the run, which is its folder in --checkpoints-dir", \.name),
      .value("checkpoints-dir", "folder", "folder that holds the runs", \.checkpointsDirectory),
      .flag("resume", "continue from the run's latest snapshot", \.resume).alias("continue-train"),
      .choice(
        "on-alarm", "what",
        "what an alarm does, such as a collapse; restart begins anew with the next seed, if it is early and the "
          + "alarm is one of chance", \.onAlarm),
      .flag("no-tensorboard", "write no events for TensorBoard", \.writesEvents, sets: false),
    ] + .embedded(\.processes)

  /// - Parameter names: the networks that the folder may hold.
  static func initFrom(_ names: String) -> [Option<RunCallOptions>] {
    [
      .value(
        "init-from", "model",
        "start from the weights of this run, snapshot, folder or file: any of \(names) "
          + "(.safetensors, .pth)", \.initFrom)
    ]
  }

  static let steps: [Option<RunCallOptions>] = [
    .value(
      "steps", "count", "stop after this many optimization steps", \.maximumSteps,
      in: 1...stepLimit, default: "all epochs")
  ]

  /// A name is one folder's, and does not lead out of --checkpoints-dir. A resumed run brings its weights and seed.
  func check() throws(UsageError) {
    if name == "." || name == ".." || name.contains("/") || name.contains("\0") {
      throw UsageError("--name: '\(name)' cannot be the name of a folder")
    }
    if resume, initFrom != nil {
      throw UsageError("--init-from: a resumed run has weights already; leave out --resume or this")
    }
    if resume, onAlarm == .restart {
      throw UsageError("--on-alarm: a resumed run cannot begin anew; use warn or stop")
    }
  }
}

/// More steps than any run takes.
private let stepLimit = 1_000_000_000

extension RunSchedule {
  static let lengthRows: [Option<RunSchedule>] = [
    .value(
      "epochs", "count", "epochs at the full learning rate", \.constantEpochs, in: 0...1_000_000
    ).alias("n-epochs", "niter"),
    .value(
      "decay-epochs", "count", "epochs after those, while the learning rate falls", \.decayEpochs,
      in: 0...1_000_000
    ).alias("n-epochs-decay", "niter-decay"),
  ]

  static let outputRows: [Option<RunSchedule>] = [
    .value(
      "save-every", "interval", "epochs between snapshots, or steps or minutes: 2000steps, 30min",
      \.saveEvery
    ).alias("save-epoch-freq"),
    .value(
      "save-at-least", "minutes",
      "save a snapshot in any case when so much time has passed since the last; it replaces the one "
        + "before that was saved for this reason", \.saveAtLeast),
    .value(
      "keep-last", "count",
      "how many of the newest snapshots are kept, beside the latest and the best; 0 keeps all",
      \.keepLast, in: 0...1_000_000),
    .value(
      "keep-every", "epochs",
      "keep the snapshots of epochs that are multiples of this as well; 0 for none", \.keepEvery,
      in: 0...1_000_000),
    .value(
      "log-every", "steps", "steps between lines of metrics.jsonl", \.logEvery, in: 1...stepLimit),
    .value(
      "sample-every", "steps", "steps between sample sheets", \.sampleEvery, in: 1...stepLimit,
      default: "at each snapshot"),
  ]

  /// Throws an error for a run without an epoch.
  func check() throws(UsageError) {
    guard totalEpochs == 0 else { return }
    throw UsageError("--epochs: 0 and --decay-epochs 0 leave nothing to train")
  }
}

extension OptimizationSettings {
  /// How a step's batch is cut, for networks without batch norm.
  static let passRows: [Option<OptimizationSettings>] = [
    .value(
      "accumulate", "count", "batches that are averaged for one step, in the memory of one",
      \.accumulatedBatches, in: 1...4096)
  ]

  /// How a step's batch is cut.
  static let batchRows: [Option<OptimizationSettings>] =
    passRows + [
      .flag(
        "sync-batchnorm", "take the statistics of batch norm from the images of all processes",
        \.synchronizesBatchNorm)
    ]

  func checkBatchNorm(isUsed: Bool) throws(UsageError) {
    guard synchronizesBatchNorm, !isUsed else { return }
    throw UsageError("--sync-batchnorm: there is no batch norm in these networks")
  }
}

extension OptimizationSettings.LearningRatePolicy: OptionGroup {
  static let rows: [Option<Self>] = [
    .choice(
      "lr-policy", "name", "how the learning rate falls", \.self, synonyms: ["lambda": .linear])
  ]
}

extension SaveInterval: OptionValue {
  static var kind: String { "epochs (5), steps (2000steps) or minutes (30min)" }
  init?(optionText text: String) { self.init(text: text) }
  var optionText: String { text }
}

extension Minutes: OptionValue {
  static var kind: String { "a number of minutes, such as 30min" }
  init?(optionText text: String) { self.init(text: text) }
  var optionText: String { text }
}

extension RunOptions {
  /// Replaces what is asked for by a stored run, changed where the command line may change it.
  ///
  /// - Parameters:
  ///   - stored: as read from the run's `config.json`.
  ///   - step: steps that the run has taken.
  ///   - given: names of the options that were on the command line.
  /// Returns what is changed, which is added to the run's record. Throws an error for an option that would give
  /// the run another identity, and for settings that do not fit one another.
  mutating func adopt(
    _ stored: Request.Configuration, step: Int, given: Set<String>
  ) throws(UsageError) -> [OptionChange] {
    var resumed = self
    resumed.request = Request(stored)
    if compute.threads == nil, let threads = stored.record.threads {
      // A file may hold any number.
      try Self.syntax.options.first { $0.name == "threads" }?.set("\(threads)", &resumed)
    }
    var changes: [OptionChange] = []
    for option in Self.syntax.options where given.contains(option.name) {
      let (wanted, kept) = (option.text(self), option.text(resumed))
      if wanted == kept { continue }
      var changed = resumed
      option.copy(self, &changed)
      guard changed.request.decided.identity == stored.identity else {
        try changed.checkUse(of: [option.name])
        let usual = option.defaultWords ?? "none"
        throw UsageError(
          "--\(option.name): \(wanted ?? usual) is not the run's \(kept ?? usual), which --resume "
            + "cannot change; start another run, under another --name")
      }
      if changed.request.decided != resumed.request.decided {
        changes.append(
          OptionChange(step: step, option: option.name, from: kept, to: wanted))
      }
      resumed = changed
    }
    if given.contains("threads"), let before = stored.record.threads, let now = compute.threads,
      now != before
    {
      changes.append(
        OptionChange(step: step, option: "threads", from: "\(before)", to: "\(now)"))
    }
    if hasData { copyData(to: &resumed) }
    resumed.configuration.record.changes += changes
    try resumed.checkUse(of: given)
    try Self.check(resumed.request)
    self = resumed
    return changes
  }

  /// Throws an error for a value that is out of its option's range, as one read from a file may be.
  static func checkRanges(_ request: Request) throws(UsageError) {
    var options = Self()
    options.request = request
    var scratch = options
    for option in syntax.options where !option.isFlag {
      if let text = option.text(options) { try option.set(text, &scratch) }
    }
  }
}

/// What every command that trains does.
enum RunCommand {
  /// An alarm that comes with every seed is not one of chance.
  private static let mostRestarts = 3

  /// The body of every command that trains.
  /// - Parameter command: its words after the tool's name: "train".
  static func train<Task: TrainingTask, Options: RunOptions>(
    _ task: Task.Type, _ invocation: Invocation<Options>, command: String,
    _ context: CommandContext
  ) throws -> ExitCode where Task.Request == Options.Request {
    var options = invocation.options
    var group = try RunGroup(context.launch, options.call.processes, context.console)
    group.chooseThreads(&options.compute, given: invocation.given)
    let device = try group.device(options.compute)
    try group.join(on: device)
    do {
      return try train(
        task, options, given: invocation.given, command: command, context, group, device)
    } catch {
      group.announce(error)
      throw error
    }
  }

  private static func train<Task: TrainingTask, Options: RunOptions>(
    _ task: Task.Type, _ asked: Options, given: Set<String>, command: String,
    _ context: CommandContext, _ group: RunGroup, _ device: Device
  ) throws -> ExitCode where Task.Request == Options.Request {
    var options = asked
    let call = options.call
    let folder = options.folder
    let console = context.console
    let resumes = call.resume || group.goesOn(with: folder)
    var lock: RunLock?
    var changes: [OptionChange] = []
    do {
      if group.isFirst {
        lock = try RunLock(folder, makingFolder: !resumes)
      } else {
        Interrupt.beSilent()
      }
      if resumes {
        let stored = try Options.Request.Configuration.read(from: folder.configuration)
        changes = try options.adopt(stored, step: folder.progress().step, given: given)
        // The run of one process keeps its number of threads, and with it the order of its sums.
        try options.compute.useThreads()
      }
      try group.chooseBatchSize(&options, resumes: resumes, given: given)
    } catch {
      throw explained(error, of: folder)
    }
    options.makeDataAbsolute()
    options.configuration.record.threads = options.compute.threads ?? availableCores()
    try group.compare(options)

    var settings = RunSettings(
      folder: folder, device: device, workers: group.workers(options.workers))
    settings.processes = group.processes
    settings.cache = group.cache(options.cache)
    settings.maximumSteps = call.maximumSteps
    settings.writesEvents = call.writesEvents
    settings.onAlarm = call.onAlarm
    settings.initialWeights = resumes ? nil : call.initFrom.map { URL(fileURLWithPath: $0) }

    let reporter = TrainingReporter(console, linesEvery: options.configuration.schedule.logEvery)
    let page = RunReportWriter(folder, console) {
      try Options.description(of: folder, command: command)
    }
    defer { page.finish() }
    let filter = group.makeEventFilter()
    var outcome: RunOutcome
    do {
      var restarts = 0
      repeat {
        let start = try TrainingRun<Task>.prepare(
          options.request, settings: settings, lock: lock, resuming: resumes,
          shouldStop: context.isInterrupted,
          report: { event in
            guard filter.passes(event) else { return }
            reporter.report(event)
            page.report(event)
          })
        switch start {
        case .nothingLeft(let found): outcome = found
        case .ready(let run):
          if group.isFirst { say(changes, threads: options.compute.threads, console) }
          outcome = try Interrupt.saving { try run.train(shouldStop: context.isInterrupted) }
        }
        guard case .wantsRestart = outcome else { break }
        restarts += 1
        options.configuration.seed += 1
        console.notice("beginning anew with --seed \(options.configuration.seed)")
        try lock?.emptyFolder()
        if restarts == mostRestarts { settings.onAlarm = .warn }
      } while true
    } catch is CancellationError {
      console.erase()
      console.notice("interrupted before the first step; nothing is saved")
      return .interrupted
    } catch {
      throw explained(error, of: folder)
    }
    reporter.finish()
    console.result(folder.latest.relativePath)
    switch outcome {
    case .finished: return .success
    case .interrupted:
      // A run's folder does not hold it.
      let limit = call.maximumSteps.map { ["--steps", "\($0)"] } ?? []
      console.notice(
        "interrupted; go on with: " + Options.commandToGoOn(with: folder, command, limit))
      return .interrupted
    case .stopped(let alarm):
      throw TrainingFailure(
        description: "stopped by --on-alarm: \(alarm); the run can go on by --resume")
    case .wantsRestart: break
    case .complete(let epochs):
      console.notice(
        "the run is complete after \(epochs) epochs; --epochs or --decay-epochs goes further")
    case .reachedMaximum(let steps):
      console.notice(
        "the run has taken \(steps) steps already; leave out --steps, or raise it, to go further")
    }
    return .success
  }
}

extension RunCommand {
  /// What a continuation does otherwise, and why it may be slow.
  private static func say(_ changes: [OptionChange], threads: Int?, _ console: Console) {
    for change in changes {
      console.notice(
        "--\(change.option): \(change.to ?? "none") from step \(change.step + 1) on, \(change.from ?? "none") "
          + "before")
    }
    let cores = availableCores()
    if let threads, threads > cores {
      console.warning(
        "computing with \(threads) threads on \(counted(cores, "core")); a run keeps its number of threads, "
          + "so that it goes on with the same rounding; --threads \(cores) is faster")
    }
  }
}

/// The path from the root of the file system.
func absolutePath(_ path: String) -> String {
  URL(fileURLWithPath: path).standardizedFileURL.path
}
