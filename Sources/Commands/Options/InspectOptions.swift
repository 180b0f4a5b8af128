/// What `inspect` can be told.
struct InspectOptions: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  var json = false

  static let syntax = CommandSyntax<InspectOptions>(
    name: "inspect",
    summary: "shows what a run or a weights file holds",
    usage: ["inspect <model> [options]"],
    discussion:
      "Shows the networks, their sizes and parameters, and the epoch and step of the training.",
    positionals: [
      .one("<model>", "a run's folder, one snapshot in it, or a weights file", \.model)
    ],
    groups: [OptionSection("options", [.flag("json", "write JSON, for programs", \.json)])],
    examples: ["inspect checkpoints/monet --json"])
}
