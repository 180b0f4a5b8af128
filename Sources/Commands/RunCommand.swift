import Datasets
import Foundation
import Training
import Translation

/// Options of a command that trains.
///
/// What a run keeps is what its configuration holds, and of that a continuation may change the schedule. All
/// other options are of one call.
protocol RunOptions: CommandOptions {
  associatedtype Request: RunRequest

  var request: Request { get set }
  var call: RunCallOptions { get set }
  var compute: ComputeOptions { get }
  var workers: WorkerOptions { get }
  /// Memory for decoded images.
  var cache: CacheSize { get }

  /// Whether the command line named the data.
  var hasData: Bool { get }
  /// Puts the data that the command line named into other options: a data set may have moved.
  func copyData(to other: inout Self)
  /// Makes the paths of the data absolute: a run can be resumed from another current folder.
  mutating func makeDataAbsolute()

  /// Throws an error that names the option to change if settings do not fit one another, or if one of them is
  /// out of its option's range, as a configuration read from a file may be.
  static func check(_ request: Request) throws(UsageError)
}

extension RunOptions {
  var configuration: Request.Configuration {
    get { request.configuration }
    set { request.configuration = newValue }
  }

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

  init(name: String) {
    self.name = name
  }

  static let rows: [Option<RunCallOptions>] = [
    .value("name", "name", "name of the run, which is its folder in --checkpoints-dir", \.name),
    .value("checkpoints-dir", "folder", "folder that holds the runs", \.checkpointsDirectory),
    .flag("resume", "continue from the run's latest snapshot", \.resume).alias("continue-train"),
  ]

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

  /// A name is one folder's, and does not lead out of --checkpoints-dir. A resumed run brings its weights.
  func check() throws(UsageError) {
    if name == "." || name == ".." || name.contains("/") || name.contains("\0") {
      throw UsageError("--name: '\(name)' cannot be the name of a folder")
    }
    if resume, initFrom != nil {
      throw UsageError("--init-from: a resumed run has weights already; leave out --resume or this")
    }
  }
}

/// More steps than any run takes.
private let stepLimit = 1_000_000_000

extension RunSchedule {
  static let lengthRows: [Option<RunSchedule>] = [
    .value(
      "epochs", "count", "epochs at the full learning rate", \.constantEpochs, in: 0...1_000_000
    ).alias("n-epochs"),
    .value(
      "decay-epochs", "count", "epochs after those, while the learning rate falls", \.decayEpochs,
      in: 0...1_000_000
    ).alias("n-epochs-decay"),
  ]

  static let outputRows: [Option<RunSchedule>] = [
    .value("save-every", "epochs", "epochs between snapshots", \.saveEvery, in: 1...1_000_000)
      .alias("save-epoch-freq"),
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

extension OptimizationSettings.LearningRatePolicy: OptionGroup {
  static let rows: [Option<Self>] = [
    .choice("lr-policy", "name", "how the learning rate falls", \.self)
  ]
}

extension RunOptions {
  /// Replaces what is asked for by a stored run, changed where the command line may change it.
  ///
  /// - Parameters:
  ///   - stored: as read from the run's `config.json`.
  ///   - given: names of the options that were on the command line.
  /// Throws an error for an option that was given with another value than the run's, and for
  /// settings that do not fit one another.
  mutating func adopt(
    _ stored: Request.Configuration, given: Set<String>
  ) throws(UsageError) {
    var resumed = self
    resumed.request = Request(stored)
    for option in Self.syntax.options where given.contains(option.name) {
      let (wanted, kept) = (option.text(self), option.text(resumed))
      if wanted == kept { continue }
      var changed = resumed
      option.copy(self, &changed)
      var unchanged = changed.request
      unchanged.configuration.schedule = resumed.configuration.schedule
      guard unchanged == resumed.request else {
        throw UsageError(
          "--\(option.name): \(wanted ?? "none") is not the run's \(kept ?? "none"), which --resume "
            + "cannot change")
      }
      resumed = changed
    }
    if hasData { copyData(to: &resumed) }
    try Self.check(resumed.request)
    self = resumed
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
  /// The body of every command that trains.
  /// - Parameter command: its words after the tool's name: "train".
  static func train<Task: TrainingTask, Options: RunOptions>(
    _ task: Task.Type, _ invocation: Invocation<Options>, command: String,
    _ context: CommandContext
  ) throws -> ExitCode where Task.Request == Options.Request {
    var options = invocation.options
    let call = options.call
    let folder = options.folder
    let console = context.console
    if call.resume {
      do {
        try options.adopt(
          Options.Request.Configuration.read(from: folder.configuration), given: invocation.given)
      } catch let error as RunError {
        throw explained(error)
      }
    }
    options.makeDataAbsolute()

    var settings = RunSettings(
      folder: folder, device: try options.compute.prepareDevice(),
      workers: options.workers.count)
    settings.cache = options.cache
    settings.maximumSteps = call.maximumSteps
    settings.initialWeights = call.initFrom.map { URL(fileURLWithPath: $0) }

    let reporter = TrainingReporter(console, linesEvery: options.configuration.schedule.logEvery)
    let outcome: RunOutcome
    do {
      let start = try TrainingRun<Task>.prepare(
        options.request, settings: settings, resuming: call.resume,
        shouldStop: context.isInterrupted, report: reporter.report)
      switch start {
      case .nothingLeft(let found): outcome = found
      case .ready(let run):
        outcome = try Interrupt.saving { try run.train(shouldStop: context.isInterrupted) }
      }
    } catch is CancellationError {
      console.erase()
      console.notice("interrupted before the first step; nothing is saved")
      return .interrupted
    } catch {
      throw explained(error)
    }
    reporter.finish()
    console.result(folder.latest.relativePath)
    switch outcome {
    case .finished: return .success
    case .interrupted:
      console.notice(
        "interrupted; go on with: cyclegan \(command) --name \(call.name) --resume")
      return .interrupted
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

/// The path from the root of the file system.
func absolutePath(_ path: String) -> String {
  URL(fileURLWithPath: path).standardizedFileURL.path
}

/// What went wrong in training, with the options that help.
struct TrainingFailure: Error, CustomStringConvertible {
  let description: String
}

/// Adds to a library's error what the command line can do about it.
func explained(_ error: any Error) -> any Error {
  switch error {
  case RunError.exists(let folder):
    UsageError(
      "--name: \(folder.relativePath) holds a run already; go on with it by --resume, or choose "
        + "another name")
  case RunError.tooFewEpochs(_, let begun, let asked):
    UsageError(
      "--epochs: \(asked) with --decay-epochs is less than the run has begun, which is in epoch "
        + "\(begun); both count from its beginning")
  case RunError.otherKind(let configuration, let model):
    TrainingFailure(
      description: "\(configuration.relativePath): this is a run of another command, 'cyclegan "
        + "\(model.map { "\($0) train" } ?? "train")'")
  case RunError.lossIsNotANumber:
    TrainingFailure(description: "\(error). A lower --lr may help")
  case DomainError.severalSizes(let folder, let count, let batchSize):
    TrainingFailure(
      description: "\(folder): its images have \(count) sizes after preprocessing; --batch-size "
        + "\(batchSize) needs one, as --preprocess resize-and-crop makes")
  case DomainError.penaltyNeedsOneSize:
    TrainingFailure(description: "--gan-loss: \(error); use --preprocess resize-and-crop")
  default: error
  }
}
