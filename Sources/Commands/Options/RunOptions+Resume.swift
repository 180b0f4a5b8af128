import Benchmarks
import Demo
import Synthesis
import Training
import Translation

extension RunOptions {
  /// Options that may differ between a run and its continuation.
  ///
  /// All others shape what the stored weights and optimizers are, or what they were trained on.
  static var changeableOnResume: Set<String> {
    [
      "name", "checkpoints-dir", "resume", "quiet", "epochs", "decay-epochs", "steps", "device",
      "threads", "workers", "cache", "save-every", "log-every", "sample-every",
    ]
  }

  /// Replaces the configuration by a stored run's, changed where the command line may change it.
  ///
  /// Data given on the command line replaces the stored one: a data set may have moved.
  /// - Parameters:
  ///   - stored: as read from the run's `config.json`.
  ///   - given: names of the options that were on the command line.
  /// Throws an error for an option that was given with another value than the run's, and for
  /// settings that do not fit one another.
  mutating func adopt(_ stored: Configuration, given: Set<String>) throws(UsageError) {
    var resumed = self
    resumed.configuration = stored
    for option in Self.syntax.options where given.contains(option.name) {
      if Self.changeableOnResume.contains(option.name) {
        option.copy(self, &resumed)
      } else {
        let wanted = option.text(self) ?? "none"
        let kept = option.text(resumed) ?? "none"
        guard wanted == kept else {
          throw UsageError(
            "--\(option.name): \(wanted) is not the run's \(kept), which --resume cannot change")
        }
      }
    }
    if hasData { copyData(to: &resumed) }
    try Self.check(resumed.configuration)
    self = resumed
  }

  /// Throws an error for a value that is out of its option's range, as one read from a file may be.
  static func checkRanges(_ configuration: Configuration) throws(UsageError) {
    var options = Self()
    options.configuration = configuration
    var scratch = options
    for option in syntax.options where !option.isFlag {
      if let text = option.text(options) { try option.set(text, &scratch) }
    }
  }

  /// A name is one folder's, and does not lead out of --checkpoints-dir.
  func checkName() throws(UsageError) {
    if name == "." || name == ".." || name.contains("/") || name.contains("\0") {
      throw UsageError("--name: '\(name)' cannot be the name of a folder")
    }
  }

  /// A resumed run brings its weights.
  func checkInitialWeights() throws(UsageError) {
    guard resume, initFrom != nil else { return }
    throw UsageError("--init-from: a resumed run has weights already; leave out --resume or this")
  }
}
