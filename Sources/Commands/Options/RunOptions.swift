import Datasets
import Foundation
import Training

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
        "init-from", "folder",
        "start from the weights in this folder: any of \(names) (.safetensors)", \.initFrom)
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
