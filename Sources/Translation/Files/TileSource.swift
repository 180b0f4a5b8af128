import Files
import Imaging

/// An image that goes through the network in tiles. Where its file is stored in tiles or strips, it is never in memory
/// as a whole.
final class TileSource {
  /// All of the file but its pixels: the image in it is one pixel of the same kind.
  let file: ImageFile
  /// Of the image, in pixels.
  let height: Int
  let width: Int
  private var pixels: Pixels

  private enum Pixels {
    case whole(Image)
    case parts(ImageInParts)
    case gone
  }

  /// Throws where it cannot be read, and where the network does not take it.
  init(
    _ job: TranslationJob, _ settings: TranslationSettings, _ needs: NetworkInput
  ) throws(FileError) {
    // A size that is asked for is resized to from the whole.
    if settings.size == nil, let parts = try ImageInParts(job.input, options: settings.reading) {
      try needs.check(parts.file, job)
      (file, height, width) = (parts.file, parts.height, parts.width)
      pixels = .parts(parts)
      return
    }
    (file, height, width, pixels) = Self.whole(try Source.read(job, settings, needs))
  }

  /// An image that is in memory.
  init(_ file: ImageFile) {
    (self.file, height, width, pixels) = Self.whole(file)
  }

  private static func whole(
    _ file: ImageFile
  ) -> (file: ImageFile, height: Int, width: Int, pixels: Pixels) {
    var rest = file
    rest.image = file.image.cropped(top: 0, left: 0, height: 1, width: 1)
    return (rest, file.image.height, file.image.width, .whole(file.image))
  }

  /// A part of the image. Throws where the file has changed.
  func image(rows: Range<Int>, columns: Range<Int>) throws(FileError) -> Image {
    switch pixels {
    case .parts(let parts): return try parts.image(rows: rows, columns: columns)
    case .whole(let image):
      return image.cropped(
        top: rows.lowerBound, left: columns.lowerBound, height: rows.count, width: columns.count)
    case .gone: preconditionFailure("a part of an image that was let go")
    }
  }

  /// A part that may reach outside at the right and at the bottom, where the image is padded by reflection.
  func paddedImage(rows: Range<Int>, columns: Range<Int>) throws(FileError) -> Image {
    if rows.upperBound <= height, columns.upperBound <= width {
      return try image(rows: rows, columns: columns)
    }
    let places = [(rows, height), (columns, width)].map { Image.reflected($0, count: $1) }
    let ranges = places.map { ($0.min() ?? 0)..<($0.max() ?? 0) + 1 }
    return try image(rows: ranges[0], columns: ranges[1]).picking(
      rows: places[0].map { $0 - ranges[0].lowerBound },
      columns: places[1].map { $0 - ranges[1].lowerBound })
  }

  /// Lets go of what is needed no more once the network has taken the image in: all but alpha, which goes into the
  /// result.
  func networkHasRead() {
    switch pixels {
    case .whole(let image) where image.hasAlpha: pixels = image.alpha.map(Pixels.whole) ?? .gone
    case .whole: pixels = .gone
    case .parts, .gone: break
    }
  }

  /// A part of the image's alpha; nil where it has none. Called when the network has read all.
  func alpha(rows: Range<Int>, columns: Range<Int>) throws(FileError) -> Image? {
    guard file.image.hasAlpha else { return nil }
    let part = try image(rows: rows, columns: columns)
    return part.hasAlpha ? part.alpha : part
  }
}
