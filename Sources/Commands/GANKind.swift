import Models
import Synthesis

/// What distinguishes `dcgan` from `gan` on the command line.
protocol GANKind: Sendable {
  static var model: GANConfiguration.Model { get }
  /// For the list of the tool's commands.
  static var groupSummary: String { get }
  /// For the list of commands and the head of the help.
  static var trainSummary: String { get }
  static var trainDiscussion: String { get }
  /// Rows of the table that only this kind has.
  static var networkRows: [Option<GANTrainOptions<Self>>] { get }
}

/// Convolutional networks.
enum DCGANKind: GANKind {
  static let model = GANConfiguration.Model.dcgan
  static let groupSummary = "trains a DCGAN and generates images from noise"
  static let trainSummary = "trains a generator of images on a folder, MNIST or CIFAR-10"
  static let trainDiscussion = """
    Trains a DCGAN: a generator of images from noise and a discriminator that tells them from real \
    ones. The run's weights, samples and metrics go to <checkpoints-dir>/<name>.
    """

  static var networkRows: [Option<GANTrainOptions<DCGANKind>>] {
    [
      .value(
        "filters", "count",
        "channels of the layers next to the image; they double each time the side halves",
        \.filters, in: NetworkLimits.filters),
      .choice(
        "discriminator-norm", "kind",
        "normalization in the discriminator", \.request.discriminatorNormalization,
        default: GANTrainOptions<Self>.words(
          GANTrainOptions<Self>.byLoss(\.discriminatorNormalization, \.rawValue)
        ) { $0.discriminatorNormalization?.rawValue }),
    ]
  }
}

/// Fully connected networks.
enum MLPKind: GANKind {
  static let model = GANConfiguration.Model.gan
  static let groupSummary = "does the same with the original, fully connected GAN"
  static let trainSummary = "trains the original, fully connected GAN on the same data"
  static let trainDiscussion = """
    Trains the original GAN, whose two networks are fully connected. The run's weights, samples and \
    metrics go to <checkpoints-dir>/<name>.
    """

  static var networkRows: [Option<GANTrainOptions<MLPKind>>] {
    [
      .value(
        "hidden", "widths",
        "widths of the generator's hidden layers, such as 256,512; the discriminator has them in reverse",
        \.hidden, default: "256; the paper's layers for cgan")
    ]
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
        .command(GANClassifyOptions<Kind>.self, GANClassifyCommand.run),
      ])
  }
}
