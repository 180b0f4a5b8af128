import Foundation

/// A folder that cannot be trained on or translated; names it and says why.
public struct DatasetError: Error, Sendable, CustomStringConvertible {
  public let path: String
  public let reason: String

  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  public var description: String { "\(path): \(reason)" }
}

/// A picture that was left out, and why.
public struct SkippedImage: Sendable {
  public let url: URL
  public let reason: String

  public var description: String { "\(url.relativePath): \(reason)" }
}
