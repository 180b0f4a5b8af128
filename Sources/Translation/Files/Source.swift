import Datasets
import Files
import Imaging
import Training
import Wording

/// An image on its way into the network, or why it cannot go there.
struct Source: Sendable {
  enum Content: Sendable {
    case image(ImageFile)
    /// Too large to go through the network as a whole or to be read ahead: several such would fill the
    /// memory.
    case large
    /// Several images, which go into one file.
    case pages
    case unusable(FileError)
  }

  let job: TranslationJob
  let content: Content

  /// Reads an image, unless it is to be translated in tiles or is too large to wait for its turn.
  ///
  /// - Parameter count: images that may be waiting.
  init(
    reading job: TranslationJob, _ settings: TranslationSettings, _ needs: NetworkInput,
    _ memory: TranslationMemory, among count: Int
  ) {
    self.job = job
    do throws(FileError) {
      let layout = try Self.layout(of: job, settings)
      let size = try Self.size(layout, of: job, settings)
      if layout.imageCount > 1 {
        content = .pages
      } else if memory.canWait(height: size.height, width: size.width, count: count),
        memory.takesWhole(height: size.height, width: size.width)
      {
        content = .image(try Self.read(job, settings, needs))
      } else {
        content = .large
      }
    } catch {
      content = .unusable(error)
    }
  }

  /// An image that has been read.
  init(_ job: TranslationJob, _ file: ImageFile) {
    self.job = job
    content = .image(file)
  }

  var file: ImageFile? {
    if case .image(let file) = content { file } else { nil }
  }

  /// The image, resized with its aspect ratio kept where the settings ask for it.
  ///
  /// Throws where it cannot be read, and where the network does not take it.
  static func read(
    _ job: TranslationJob, _ settings: TranslationSettings, _ needs: NetworkInput
  ) throws(FileError) -> ImageFile {
    var file = try ImageFile.read(from: job.input, options: settings.reading)
    try needs.check(file, job)
    let (height, width) = (file.image.height, file.image.width)
    let size = try resized(height: height, width: width, of: job, settings)
    if size.height != height || size.width != width {
      file.image = file.image.resized(height: size.height, width: size.width)
      file.tiff = file.tiff?.withoutGeoreference()
    }
    return file
  }

  /// What the file's header says.
  static func layout(
    of job: TranslationJob, _ settings: TranslationSettings
  ) throws(FileError) -> ImageLayout {
    try ImageFile.readLayout(from: job.input, options: settings.reading)
  }

  /// The size that `read` will give.
  static func size(
    _ layout: ImageLayout, of job: TranslationJob, _ settings: TranslationSettings
  ) throws(FileError) -> ImageSize {
    try resized(height: layout.height, width: layout.width, of: job, settings)
  }

  /// A long and narrow image would become larger than any that is read, and is refused.
  private static func resized(
    height: Int, width: Int, of job: TranslationJob, _ settings: TranslationSettings
  ) throws(FileError) -> ImageSize {
    let shorter = min(height, width)
    guard let size = settings.size, shorter != size else {
      return ImageSize(height: height, width: width)
    }
    let newHeight = max(1, (height * size + shorter / 2) / shorter)
    let newWidth = max(1, (width * size + shorter / 2) / shorter)
    let (pixels, overflow) = newHeight.multipliedReportingOverflow(by: newWidth)
    guard !overflow, pixels <= settings.reading.maximumPixels else {
      throw FileError(
        path: job.input.relativePath,
        reason: "a shorter side of \(size) pixels would make it \(newWidth)x\(newHeight)")
    }
    return ImageSize(height: newHeight, width: newWidth)
  }
}

/// What a network asks of images.
struct NetworkInput: Sendable {
  let channels: Int
  let range: ValueRange?

  /// Why it does not take an image; nil where it does.
  func obstacle(of file: ImageFile) -> String? {
    guard file.image.canConvert(toChannels: channels) else {
      return "has \(counted(file.image.colors, "channel")); the network takes \(channels)"
    }
    guard file.hasRange || range != nil else {
      return "its values are floats, and the weights do not say which of them are black and white"
    }
    return nil
  }

  /// Throws why it does not take an image.
  func check(_ file: ImageFile, _ job: TranslationJob) throws(FileError) {
    if let obstacle = obstacle(of: file) {
      throw FileError(path: job.input.relativePath, reason: obstacle)
    }
  }
}
