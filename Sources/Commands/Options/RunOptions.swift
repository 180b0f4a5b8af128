import Benchmarks
import Datasets
import Demo
import Synthesis
import Training
import Translation

/// Options of a command that trains: a run's name and length, and when it saves what.
protocol RunOptions: CommandOptions {
  associatedtype Configuration: RunConfiguration

  /// What makes the run the one it is; stored in it.
  var configuration: Configuration { get set }
  var name: String { get set }
  var checkpointsDirectory: String { get set }
  var compute: ComputeOptions { get set }
  var workers: WorkerOptions { get set }
  /// Epochs between snapshots.
  var saveEvery: Int { get set }
  /// Steps between lines of `metrics.jsonl`.
  var logEvery: Int { get set }
  /// Steps between sample sheets; `nil` draws one with each snapshot.
  var sampleEvery: Int? { get set }
  var resume: Bool { get set }
  /// A folder with weights to start from.
  var initFrom: String? { get set }
  /// Memory for decoded images.
  var cache: CacheSize { get }

  /// Whether the command line named the data.
  var hasData: Bool { get }
  /// Puts the data that the command line named into other options.
  func copyData(to other: inout Self)
  /// Makes the paths of the data absolute: a run can be resumed from another current folder.
  mutating func makeDataAbsolute()

  /// Throws an error that names the option to change if settings do not fit one another, or if one of them is
  /// out of its option's range, as a configuration read from a file may be.
  static func check(_ configuration: Configuration) throws(UsageError)
}

extension RunOptions {
  /// Commands without an option for it decode each time.
  var cache: CacheSize { .off }
}

/// More steps than any run takes.
let stepLimit = 1_000_000_000

extension Option where Options: RunOptions {
  static var name: Option {
    .value("name", "name", "name of the run, which is its folder in --checkpoints-dir", \.name)
  }

  static var checkpointsDirectory: Option {
    .value("checkpoints-dir", "folder", "folder that holds the runs", \.checkpointsDirectory)
  }

  static var resume: Option {
    .flag("resume", "continue from the run's latest snapshot", \.resume).alias("continue-train")
  }

  /// - Parameter names: the networks that the folder may hold.
  static func initFrom(_ names: String) -> Option {
    .value(
      "init-from", "folder",
      "start from the weights in this folder: any of \(names) (.safetensors)",
      \.initFrom)
  }

  static var saveEvery: Option {
    .value("save-every", "epochs", "epochs between snapshots", \.saveEvery, in: 1...1_000_000)
      .alias("save-epoch-freq")
  }

  static var logEvery: Option {
    .value(
      "log-every", "steps", "steps between lines of metrics.jsonl", \.logEvery, in: 1...stepLimit)
  }

  static var sampleEvery: Option {
    .value(
      "sample-every", "steps", "steps between sample sheets", \.sampleEvery, in: 1...stepLimit,
      default: "at each snapshot")
  }

  static var epochs: Option {
    .value(
      "epochs", "count", "epochs at the full learning rate",
      \.configuration.optimization.constantEpochs, in: 0...1_000_000
    ).alias("n-epochs")
  }

  static var decayEpochs: Option {
    .value(
      "decay-epochs", "count", "epochs after those, while the learning rate falls",
      \.configuration.optimization.decayEpochs, in: 0...1_000_000
    ).alias("n-epochs-decay")
  }

  static var steps: Option {
    .value(
      "steps", "count", "stop after this many optimization steps",
      \.configuration.optimization.maximumSteps, in: 1...stepLimit, default: "all epochs")
  }

  static var learningRatePolicy: Option {
    .choice(
      "lr-policy", "name", "how the learning rate falls", \.configuration.optimization.policy)
  }
}
