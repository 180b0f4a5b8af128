import Files

/// The bytes of a pickle, from front to back, out of memory or a file; no more of them than a state dict's
/// pickle can need.
struct PickleInput {
  /// A pickle has about a hundred bytes for each tensor.
  static let mostBytes = 1 << 24
  private static let pieceBytes = 1 << 16

  private let file: RegularFile?
  private var buffer: ArraySlice<UInt8>
  /// In the file, where the buffer ends.
  private var nextOffset: Int
  private var left = mostBytes

  init(_ bytes: [UInt8]) {
    file = nil
    buffer = bytes[...]
    nextOffset = bytes.count
  }

  /// From `offset` on.
  init(_ file: RegularFile, at offset: Int) {
    self.file = file
    buffer = []
    nextOffset = offset
  }

  /// Of the next byte, within the file or the bytes.
  var offset: Int { nextOffset - buffer.count }

  mutating func byte() throws(UnusableWeights) -> UInt8 {
    if let byte = buffer.popFirst(), left > 0 {
      left -= 1
      return byte
    }
    return try bytes(1)[0]
  }

  /// Exactly `count` bytes.
  mutating func bytes(_ count: Int) throws(UnusableWeights) -> [UInt8] {
    guard count <= left else { throw UnusableWeights("its pickle is longer than any state dict's") }
    if buffer.count < count, let file {
      let piece: [UInt8]
      do throws(RegularFile.Failure) {
        piece = try file.read(
          at: nextOffset, count: max(Self.pieceBytes, count - buffer.count))
      } catch {
        throw UnusableWeights("\(error)")
      }
      nextOffset += piece.count
      buffer = (buffer + piece)[...]
    }
    guard buffer.count >= count else { throw UnusableWeights("cut short: its pickle ends early") }
    let bytes = Array(buffer.prefix(count))
    buffer = buffer.dropFirst(count)
    left -= count
    return bytes
  }

  mutating func number(_ byteCount: Int) throws(UnusableWeights) -> UInt64 {
    littleEndian(try bytes(byteCount), 0, byteCount)
  }

  /// A length in `byteCount` bytes.
  mutating func length(_ byteCount: Int) throws(UnusableWeights) -> Int {
    guard let length = Int(exactly: try number(byteCount)) else {
      throw UnusableWeights("its pickle has an impossible length")
    }
    return length
  }

  /// The text up to the next line break, which is no part of it.
  mutating func line() throws(UnusableWeights) -> String {
    var bytes: [UInt8] = []
    while true {
      let byte = try byte()
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
  }
}
