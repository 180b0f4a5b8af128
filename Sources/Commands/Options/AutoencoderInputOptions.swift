import Datasets
import Files
import Imaging
import Synthesis

/// The model and the images that are sent through an autoencoder.
struct AutoencoderInputOptions: OptionGroup {
  var background = Color.white
  var reading = ReadOptions()
  var maximumImages: Int?

  static let rows: [Option<AutoencoderInputOptions>] =
    [
      .value(
        "max-images", "count", "take only the first images", \.maximumImages, in: 1...1_000_000_000,
        default: "all"),
      .value("background", "color", "color behind transparent pixels", \.background),
    ] + .embedded(\.reading)

  static let inputsHelp =
    "images, folders of them, MNIST's files or CIFAR-10's; a file of MNIST's alone as well, such as "
    + "t10k-images-idx3-ubyte.gz"

  /// The images at the paths, as the model's network takes them. Throws `FileError` where there are none.
  func images(
    at paths: [String], for model: AutoencoderModel, _ console: Console
  ) throws -> GivenImages {
    let images = try GivenImages(
      at: paths, size: model.configuration.size, channels: model.configuration.channels,
      background: background, reading: reading, most: maximumImages ?? .max)
    for warning in images.warnings { console.warning(warning) }
    return images
  }

  /// Reads a model, and says which.
  static func model(at path: String, _ console: Console) throws -> AutoencoderModel {
    let model = try AutoencoderModel(at: ModelPath.url(path))
    for notice in model.notices { console.notice("\(model.file.relativePath): \(notice)") }
    console.notice("\(model.file.relativePath): \(model.configuration.summary)")
    return model
  }
}

/// Sends images through something one after another, and counts those that cannot be used.
struct ImagePasses {
  let images: GivenImages
  let context: CommandContext
  private(set) var failures = 0

  init(_ images: GivenImages, _ context: CommandContext) {
    (self.images, self.context) = (images, context)
  }

  /// Calls `body` with each image that can be used; returns whether it came to the end.
  mutating func run(_ body: (_ index: Int, Image) throws -> Void) throws -> Bool {
    var display = ProgressDisplay(console: context.console, linesEvery: 1000)
    defer { display.finish() }
    for index in 0..<images.count {
      if context.isInterrupted() { return false }
      let image: Image
      do throws(FileError) { image = try images.image(at: index) } catch {
        failures += 1
        context.console.warning("\(error)")
        continue
      }
      try body(index, image)
      display.advance([.init(name: "image", done: index + 1, total: images.count)], units: 1)
    }
    return true
  }

  /// How the command ends; says how many images could not be used.
  var exitCode: ExitCode {
    guard failures > 0 else { return .success }
    context.console.error("\(failures) of \(images.count) images could not be used")
    return .failure
  }
}
