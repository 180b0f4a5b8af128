/// Bytes at fixed places by which a kind of file is known.
struct FileSignature: Sendable, Equatable {
  private struct Part: Sendable, Equatable {
    let offset: Int
    let bytes: [UInt8]
  }

  /// Of a file's beginning, in bytes: enough for every signature.
  static let reach = 512

  private var parts: [Part]

  init(_ bytes: [UInt8], at offset: Int = 0) {
    parts = [Part(offset: offset, bytes: bytes)]
  }

  init(_ text: String, at offset: Int = 0) {
    self.init(Array(text.utf8), at: offset)
  }

  /// Both signatures at once.
  func and(_ other: FileSignature) -> FileSignature {
    var both = self
    both.parts += other.parts
    return both
  }

  /// Whether a file that begins with `start` has the signature. `start` may end after `reach`.
  func matches(_ start: [UInt8]) -> Bool {
    parts.allSatisfy { part in start.dropFirst(part.offset).starts(with: part.bytes) }
  }
}
