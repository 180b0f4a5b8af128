import Datasets
import Imaging
import Synthesis

/// How the images are read that a command is given, by files and folders, for a network.
struct GivenImageOptions: OptionGroup {
  var background = Color.white
  var reading = ReadOptions()
  var maximumImages: Int?

  static let rows: [Option<GivenImageOptions>] =
    [
      .value(
        "max-images", "count", "take only the first images", \.maximumImages, in: 1...1_000_000_000,
        default: "all"),
      .value("background", "color", "color behind transparent pixels", \.background),
    ] + .embedded(\.reading)

  static let inputsHelp =
    "images, folders of them, MNIST's files or CIFAR-10's; a file of theirs alone as well, such as "
    + "t10k-images-idx3-ubyte.gz or test_batch.bin"

  /// The images at the paths, as a network takes them. Throws `FileError` where there are none.
  func images(
    at paths: [String], size: Int, channels: Int, _ console: Console
  ) throws -> GivenImages {
    let images = try GivenImages(
      at: paths, size: size, channels: channels, background: background, reading: reading,
      most: maximumImages ?? .max)
    for warning in images.warnings { console.warning(warning) }
    return images
  }
}

extension GivenImageOptions {
  /// The same for an autoencoder.
  func images(
    at paths: [String], for model: AutoencoderModel, _ console: Console
  ) throws -> GivenImages {
    try images(
      at: paths, size: model.configuration.size, channels: model.configuration.channels, console)
  }
}
