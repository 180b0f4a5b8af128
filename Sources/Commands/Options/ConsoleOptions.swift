/// What a command writes besides its results.
struct ConsoleOptions: OptionGroup {
  var quiet = false

  static let rows: [Option<ConsoleOptions>] = [
    .flag("quiet", "no progress and no notices; warnings and errors only", \.quiet)
  ]
}
