extension CommandLineTool {
  /// The tool with all its subcommands, in the order of the help.
  package static let cyclegan = CommandLineTool(
    name: "cyclegan", version: "0.1.0",
    discussion:
      "Translates images of one kind into another, trained on two folders of images without pairs, "
      + "and generates images from noise.",
    commands: [
      .command(DemoOptions.self, DemoCommand.run),
      .command(TrainOptions.self, TrainCommand.run),
      .command(TranslateOptions.self, TranslateCommand.run),
      .gan(DCGANKind.self),
      .gan(MLPKind.self),
      .command(BenchOptions.self, BenchCommand.run),
      .command(InspectOptions.self, InspectCommand.run),
    ])
}
