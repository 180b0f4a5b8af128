import Foundation

/// A folder that cannot be trained on or translated; names it and says why.
package struct DatasetError: Error, Sendable, CustomStringConvertible {
  package let path: String
  package let reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  package var description: String { "\(path): \(reason)" }
}

/// An image that was left out, and why.
package struct SkippedImage: Sendable {
  package let url: URL
  package let reason: String

  package var description: String { "\(url.relativePath): \(reason)" }
}
