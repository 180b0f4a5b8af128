import Training

extension TrainOptions {
  /// Options that may differ between a run and its continuation.
  ///
  /// All others shape what the stored weights and optimisers are, or what they were trained on.
  static let changeableOnResume: Set<String> = [
    "name", "checkpoints-dir", "resume", "quiet", "epochs", "decay-epochs", "steps", "device",
    "threads", "workers", "cache", "save-every", "log-every", "sample-every",
  ]

  /// Replaces the configuration by a stored run's, changed where the command line may change it.
  ///
  /// Folders given on the command line replace the stored ones: a data set may have moved.
  /// - Parameters:
  ///   - stored: as read from the run's `config.json`.
  ///   - given: names of the options that were on the command line.
  /// Throws an error for an option that was given with another value than the run's, and for
  /// settings that do not fit one another.
  mutating func adopt(_ stored: CycleGANConfiguration, given: Set<String>) throws(UsageError) {
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
    if !folders.isEmpty {
      resumed.configuration.data.folderA = configuration.data.folderA
      resumed.configuration.data.folderB = configuration.data.folderB
    }
    try Self.check(resumed.configuration)
    self = resumed
  }
}
