import Foundation

/// Why a call of the system failed, in the system's words.
struct SystemError: Error {
  let words: String

  /// - Parameter code: an error number.
  init(_ code: Int32) { words = systemMessage(code) }

  private init(words: String) { self.words = words }

  static let notARegularFile = SystemError(words: "is not a regular file")
}
