/// What `inspect` can be told.
struct InspectOptions: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  var json = false

  static let syntax = CommandSyntax<InspectOptions>(
    name: "inspect",
    summary: "says what a run or a weights file holds",
    usage: ["inspect <model> [options]"],
    discussion: "Shows the networks, their sizes and parameters, and how far the training is.",
    positionals: [
      .one("<model>", "a run's folder, one snapshot in it, or a weights file", \.model)
    ],
    groups: [OptionSection("options", [.flag("json", "as JSON, for programs", \.json)])],
    examples: ["inspect checkpoints/monet --json"])
}
