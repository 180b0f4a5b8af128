import Files
import Foundation
import Wording

/// Why an image file could not be read or written; `FileError` names the file as well.
package enum ImageFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// It is no regular file, or cannot be read.
  case file(RegularFile.Failure)
  /// The content is of no format that can be read, whatever the name says; the kind, where it is known.
  case unrecognized(ForeignImageKind?)
  /// The file ends before its image data begins.
  case truncatedHeader(ImageFormat)
  /// The file ends before its image does.
  case truncated(ImageFormat)
  /// The codec's words, such as "Corrupt JPEG data: bad Huffman code".
  case damaged(ImageFormat, String)
  case tooManyPixels(height: Int, width: Int, limit: Int)
  case outOfMemory(height: Int, width: Int)
  /// The image does not go into this format; the codec's words.
  case notEncodable(ImageFormat, String)
  /// The format has no images of so many colors.
  case tooManyChannels(ImageFormat, Int)
  /// So many values are infinite or no numbers.
  case notFinite(Int)

  /// Whether image data is missing or wrong, and not the file as a whole.
  var isDamage: Bool {
    switch self {
    case .truncated, .damaged: true
    default: false
    }
  }

  /// The reason alone, without the file's name.
  package var description: String {
    switch self {
    case .file(.folder): "is a folder, not an image file"
    case .file(let failure): "\(failure)"
    case .unrecognized(let kind?):
      "its content is \(kind.name), which cannot be read; \(ForeignImageKind.advice(on: [kind], "it"))"
    case .unrecognized(nil):
      "is neither \(listed(ImageFormat.allCases.map { "a \($0.name)" }, before: " nor "))"
    case .truncatedHeader(let format): "\(format.name) ends inside its header"
    case .truncated(let format): "\(format.name) ends in the middle of the image data"
    case .damaged(let format, let words): "\(format.name) does not decode (\(words))"
    case .tooManyPixels(let height, let width, let limit):
      "has \(width)x\(height) pixels, more than the limit of \(limit) in all"
    case .outOfMemory(let height, let width):
      "not enough memory for \(width)x\(height) pixels"
    case .tooManyChannels(let format, let channels):
      "cannot be written as \(format.name), which has 1 or 3 channels and not \(channels); a TIFF "
        + "(--format tiff) has any number"
    case .notFinite(let count):
      "\(counted(count, "value")) \(count == 1 ? "is" : "are") infinite or no number; --accept-nonfinite "
        + "brings them into the range of the others"
    case .notEncodable(let format, let words): "cannot be written as \(format.name) (\(words))"
    }
  }
}

extension FileError {
  init(url: URL, reason: ImageFailure) {
    self.init(path: url.relativePath, reason: "\(reason)")
  }
}
