import Foundation

/// A kind of image file that is read and written.
package enum ImageFormat: String, Sendable, CaseIterable {
  case jpeg
  case png

  /// The extensions of such files, in lower case, the usual one first.
  package var fileExtensions: [String] {
    switch self {
    case .jpeg: ["jpg", "jpeg"]
    case .png: ["png"]
    }
  }

  /// As people write it: "JPEG".
  package var name: String { rawValue.uppercased() }

  /// The format that a file's extension promises, in any letter case; nil for other extensions.
  /// What a file really holds is known only from its content.
  package init?(pathExtension: String) {
    let wanted = pathExtension.lowercased()
    guard let match = Self.allCases.first(where: { $0.fileExtensions.contains(wanted) }) else {
      return nil
    }
    self = match
  }

  /// The format of a regular file by its first bytes; nil for another, and where it cannot be read.
  package init?(contentOf url: URL) {
    guard let file = try? RegularFile(url), let start = try? file.read(at: 0, count: 8) else {
      return nil
    }
    self.init(firstBytes: start)
  }

  /// The format of a file that begins with `bytes`; nil if it is another.
  init?(firstBytes bytes: some Collection<UInt8>) {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else {
      return nil
    }
  }
}
