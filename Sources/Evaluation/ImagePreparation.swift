import Datasets
import Files
import Foundation
import Imaging
import Wording

/// How images are read and brought into the form that sets are compared in.
struct ImagePreparation: Sendable {
  let reading: ReadOptions
  /// Shorter side in pixels that images are resized to first; nil keeps their size.
  let size: Int?
  /// Of the frames.
  let channels: Int
  /// Of the frames, in pixels; a multiple of 16.
  let side: Int
  /// Whether a network looks at the images.
  let hasNetwork: Bool
  /// Black and white; nil takes the ends of each file's type.
  var range: ValueRange?

  /// Frames are no larger: patterns that repeat over more pixels are few in number.
  private static let largestSide = 256

  /// The side of the frames for images with these shortest sides: the largest that they all have, in steps that
  /// thumbnails divide.
  static func side(shortest: [Int]) -> Int {
    let step = SetDescription.thumbnailSide
    let most = min(shortest.min() ?? step, largestSide)
    return max(step, most / step * step)
  }

  /// An image with the values and the size that it is compared in. Throws where it cannot be read or compared.
  func file(_ url: URL) throws(FileError) -> ImageFile {
    var file = try ImageFile.read(from: url, options: reading)
    if let range {
      file.image.range = range
      file.hasRange = true
    }
    guard file.hasRange else {
      throw FileError(
        path: url.relativePath,
        reason: "its values are floats, of which nobody has said what is black and what is white")
    }
    guard file.image.canConvert(toChannels: channels) else {
      throw FileError(
        path: url.relativePath,
        reason: "has \(counted(file.image.colors, "channel")), and most of the others \(channels)")
    }
    if hasNetwork, !file.image.canConvert(toChannels: 3) {
      throw FileError(
        path: url.relativePath,
        reason:
          "has \(counted(file.image.colors, "channel")); the feature network takes gray and RGB")
    }
    if let size {
      let (height, width) = (file.image.height, file.image.width)
      let shorter = Double(min(height, width))
      let sides = [height, width].map {
        max(1, Int((Double($0) * Double(size) / shorter).rounded()))
      }
      let (pixels, overflow) = sides[0].multipliedReportingOverflow(by: sides[1])
      guard !overflow, pixels <= reading.maximumPixels else {
        throw FileError(
          path: url.relativePath,
          reason: "a shorter side of \(size) pixels would make it \(sides[1])x\(sides[0])")
      }
      file.image = file.image.resized(height: sides[0], width: sides[1])
    }
    return file
  }

  /// An image, as `file` has it, in the forms that are looked at.
  func prepared(_ image: Image, path: String) -> PreparedImage {
    let shorter = min(image.height, image.width)
    let deep = image.bitDepth == 8 ? image : image.inFloats()
    let square = deep.cropped(
      top: (image.height - shorter) / 2, left: (image.width - shorter) / 2, height: shorter,
      width: shorter)
    return PreparedImage(
      path: path,
      network: hasNetwork ? image.withBitDepth(8).converted(toChannels: 3) : nil,
      frame: square.converted(toChannels: channels).resized(height: side, width: side))
  }
}

extension Image {
  /// Sides and channels, for batches.
  var shape: [Int] { [height, width, channels] }
}
