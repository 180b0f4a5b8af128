/// What a command writes besides its results.
struct ConsoleOptions: OptionGroup {
  var quiet = false

  static let rows: [Option<ConsoleOptions>] = [
    .flag("quiet", "write only warnings and errors, no progress or notices", \.quiet)
  ]
}
