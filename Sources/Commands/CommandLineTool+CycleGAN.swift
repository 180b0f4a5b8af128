extension CommandLineTool {
  /// What carries a subcommand out: reads its options, writes to the context's console.
  typealias Body<Options: CommandOptions> =
    @Sendable (Invocation<Options>, CommandContext) throws -> ExitCode

  /// The tool with all its subcommands, in the order of the help.
  static func cyclegan(
    demo: @escaping Body<DemoOptions>, train: @escaping Body<TrainOptions>,
    translate: @escaping Body<TranslateOptions>, bench: @escaping Body<BenchOptions>,
    inspect: @escaping Body<InspectOptions>
  ) -> CommandLineTool {
    CommandLineTool(
      name: "cyclegan", version: "0.1.0",
      discussion:
        "Translates pictures of one kind into another, learned from two folders without pairs.",
      commands: [
        .command(DemoOptions.self, demo),
        .command(TrainOptions.self, train),
        .command(TranslateOptions.self, translate),
        .command(BenchOptions.self, bench),
        .command(InspectOptions.self, inspect),
      ])
  }
}
