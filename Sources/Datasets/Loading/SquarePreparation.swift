import Files
import Imaging

/// The largest square in the middle of an image at another size; more than 8 bits become floats.
package struct SquarePreparation: Preparation {
  /// In pixels a side.
  let size: Int
  package let channels: Int
  /// What shows through transparent pixels.
  let background: Color
  private let reading: ReadOptions

  package init(
    size: Int, channels: Int, background: Color, reading: ReadOptions = ReadOptions()
  ) {
    self.size = size
    self.channels = channels
    self.background = background
    self.reading = reading
  }

  package var range: ValueRange? { nil }

  package var readingOptions: ReadOptions {
    var options = reading
    (options.minimumHeight, options.minimumWidth) = (size, size)
    return options
  }

  package func obstacle(height: Int, width: Int) -> String? { nil }

  package func prepared(_ image: Image) -> Image {
    let shorter = min(image.height, image.width)
    // Cut before it is resized: an image of one row would grow beyond all memory.
    let square = image.cropped(
      top: (image.height - shorter) / 2, left: (image.width - shorter) / 2, height: shorter,
      width: shorter)
    let deep = square.bitDepth == 8 ? square : square.inFloats()
    return deep.converted(toChannels: channels, background: background)
      .resized(height: size, width: size)
  }

  /// A prepared image. Throws if its file does not decode or cannot be prepared.
  package func image(_ page: ImagePage) throws(FileError) -> Image {
    try ImageLoader(preparation: self, cache: ImageCache(capacity: 0)).image(page)
  }
}
