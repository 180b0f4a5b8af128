import Files
import Foundation

/// What an image file is by its content.
package enum ImageContent: Sendable, Equatable {
  case readable(ImageFormat)
  case foreign(ForeignImageKind)

  /// nil for files that are no images, and where the file is not a regular one or cannot be read.
  package init?(of url: URL) {
    guard let file = try? RegularFile(url),
      let start = try? file.read(at: 0, count: FileSignature.reach)
    else { return nil }
    if let metadata = try? TIFFMetadata(of: ByteSource(file)), metadata.isCameraRaw {
      self = .foreign(.cameraRaw)
    } else if let format = ImageFormat(firstBytes: start) {
      self = .readable(format)
    } else if let kind = ForeignImageKind(firstBytes: start) {
      self = .foreign(kind)
    } else {
      return nil
    }
  }
}
