import Files
import Foundation
import Imaging
import Wording

/// What happens to an image between its file and the part of an epoch that is left to chance; the same in
/// every epoch.
package protocol Preparation: Sendable {
  /// Which files are taken; the size that is needed is filled in.
  var readingOptions: ReadOptions { get }
  /// Of a prepared image.
  var channels: Int { get }
  /// The values that become black and white; nil takes the ends of each file's type.
  var range: ValueRange? { get }

  /// Why an image of this size cannot be prepared; `nil` if it can.
  func obstacle(height: Int, width: Int) -> String?

  /// Called only where there is no obstacle.
  func prepared(_ image: Image) -> Image
}

/// The one way of image files into memory: decoded, prepared, and kept as far as there is room.
struct ImageLoader: Sendable {
  let preparation: any Preparation
  let cache: ImageCache

  /// A prepared image, from memory or from its file. Throws if the file does not decode or cannot be
  /// prepared.
  func image(_ page: ImagePage) throws(FileError) -> Image {
    if let kept = cache.image(page, channels: preparation.channels) { return kept }
    let decoded = try decoded(page)
    guard decoded.hasRange else {
      throw page.error(Self.needsRange)
    }
    let image = preparation.prepared(decoded.image)
    cache.keep(image, of: page)
    return image
  }

  static let needsRange =
    "its values are floats, of which nobody has said what is black and what is white"

  /// An image that can be prepared, at a reduced size where preparing would throw the rest away. Only its range may be
  /// missing.
  func decoded(_ page: ImagePage) throws(FileError) -> ImageFile {
    var decoded = try page.read(preparation.readingOptions)
    if let range = preparation.range {
      decoded.image.range = range
      decoded.hasRange = true
    }
    let channels = preparation.channels
    guard decoded.image.canConvert(toChannels: channels) else {
      throw page.error(
        "has \(counted(decoded.image.colors, "channel")); the networks take \(channels)")
    }
    let obstacle = preparation.obstacle(height: decoded.image.height, width: decoded.image.width)
    if let obstacle { throw page.error(obstacle) }
    return decoded
  }
}

/// An image out of `count`: that at `start` or, unless it can be used, the next one in order that can.
///
/// - Parameters:
///   - strict: throws what keeps the first one from being used.
///   - skipped: gets what kept the others from being used.
/// Throws the last of these if none can be used.
func firstUsable<Result>(
  of count: Int, from start: Int, strict: Bool, skipped: inout [FileError],
  _ image: (Int) throws(FileError) -> Result
) throws(FileError) -> Result {
  var index = start
  while true {
    do throws(FileError) {
      return try image(index)
    } catch {
      skipped.append(error)
      index = (index + 1) % count
      if strict || index == start { throw error }
    }
  }
}
