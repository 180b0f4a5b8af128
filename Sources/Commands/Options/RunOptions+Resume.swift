import Training

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
