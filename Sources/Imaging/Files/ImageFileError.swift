import Foundation

/// Why an image file could not be read or written.
package struct ImageFileError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Reason: Error, Sendable, Equatable, CustomStringConvertible {
    /// The system's words, such as "Permission denied".
    case unreadable(String)
    case folder
    /// A pipe, a device or a socket.
    case notARegularFile
    case empty
    /// The content is of no known format, whatever the name says.
    case unrecognized
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
    /// The system's words, such as "No space left on device".
    case unwritable(String)
  }

  /// The file, as the caller named it.
  package let url: URL
  package let reason: Reason

  package init(url: URL, reason: Reason) {
    self.url = url
    self.reason = reason
  }

  /// One line: the path, a colon and the reason. Line breaks and other control characters of the
  /// path are escaped.
  package var description: String { "\(escapingControls(url.relativePath)): \(reason)" }
}

extension ImageFileError.Reason {
  /// The reason alone, without the file's name.
  package var description: String {
    switch self {
    case .unreadable(let words): "cannot be read (\(words))"
    case .folder: "is a folder, not an image file"
    case .notARegularFile: "is not a regular file"
    case .empty: "the file is empty"
    case .unrecognized: "is neither a JPEG nor a PNG"
    case .truncatedHeader(let format): "\(format.name) ends inside its header"
    case .truncated(let format): "\(format.name) ends in the middle of the image data"
    case .damaged(let format, let words): "\(format.name) does not decode (\(words))"
    case .tooManyPixels(let height, let width, let limit):
      "has \(width)x\(height) pixels, more than the limit of \(limit) in all"
    case .outOfMemory(let height, let width):
      "not enough memory for \(width)x\(height) pixels"
    case .notEncodable(let format, let words): "cannot be written as \(format.name) (\(words))"
    case .unwritable(let words): "cannot be written (\(words))"
    }
  }
}

private func escapingControls(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    if scalar.properties.generalCategory == .control {
      escaped += scalar.escaped(asASCII: true)
    } else {
      escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}
