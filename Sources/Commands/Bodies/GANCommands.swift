import Synthesis

/// `cyclegan dcgan train` and `cyclegan gan train`.
enum GANTrainCommand {
  static func run<Kind: GANKind>(
    _ invocation: Invocation<GANTrainOptions<Kind>>, _ context: CommandContext
  ) throws -> ExitCode {
    try TrainCommand.train(
      GANTask.self, invocation, command: "\(Kind.model.rawValue) train", context)
  }
}

extension Subcommand {
  /// The two commands of a kind of GAN under its name.
  static func gan<Kind: GANKind>(_ kind: Kind.Type) -> Subcommand {
    .group(
      kind.model.rawValue, kind.groupSummary,
      [
        .command(GANTrainOptions<Kind>.self, GANTrainCommand.run),
        .command(GANGenerateOptions<Kind>.self, GANGenerateCommand.run),
      ])
  }
}
