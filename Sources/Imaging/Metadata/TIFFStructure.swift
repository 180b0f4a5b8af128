/// The bytes of an EXIF block, which is a TIFF structure (CIPA DC-008, section 4.6), with numbers in its
/// own byte order. Offsets come from strangers: those outside give nil and change nothing.
struct TIFFStructure {
  private(set) var bytes: [UInt8]
  private let isBigEndian: Bool

  /// nil where the block does not begin as a TIFF structure does.
  init?(_ bytes: [UInt8]) {
    if bytes.starts(with: [0x4D, 0x4D, 0, 42]) {
      isBigEndian = true
    } else if bytes.starts(with: [0x49, 0x49, 42, 0]) {
      isBigEndian = false
    } else {
      return nil
    }
    self.bytes = bytes
  }

  /// Where the first directory starts.
  var firstDirectory: Int? { long(at: 4) }

  func short(at offset: Int) -> Int? { number(at: offset, count: 2) }

  func long(at offset: Int) -> Int? { number(at: offset, count: 4) }

  /// The number in the first entry of a directory with this tag.
  func value(of tag: Int, in directory: Int?) -> Int? {
    guard let entry = entry(tag, in: directory) else { return nil }
    return isLong(entry) ? long(at: entry + 8) : short(at: entry + 8)
  }

  /// Replaces the number in the first entry of a directory with this tag, where there is one and it
  /// has room.
  mutating func setValue(_ value: Int, of tag: Int, in directory: Int?) {
    guard let entry = entry(tag, in: directory) else { return }
    write(value, at: entry + 8, count: isLong(entry) ? 4 : 2)
  }

  /// The directory that follows this one; nil where it is the last.
  func directory(after directory: Int) -> Int? {
    guard let link = link(of: directory), let next = long(at: link), next != 0 else { return nil }
    return next
  }

  /// Makes this directory the last one.
  mutating func endDirectories(after directory: Int) {
    if let link = link(of: directory) { write(0, at: link, count: 4) }
  }

  /// Overwrites a part by zeros; what is at the end of the block is cut off.
  mutating func erase(from offset: Int, count: Int) {
    guard offset >= 8, count > 0, offset <= bytes.count - count else { return }
    if offset + count == bytes.count {
      bytes.removeLast(count)
    } else {
      bytes.replaceSubrange(
        offset..<offset + count, with: repeatElement(UInt8(0), count: count))
    }
  }

  private func entry(_ tag: Int, in directory: Int?) -> Int? {
    guard let directory, let entries = short(at: directory) else { return nil }
    return (0..<entries).lazy.map { directory + 2 + $0 * 12 }.first { short(at: $0) == tag }
  }

  /// Whether an entry's number has 4 bytes. Orientations and sizes are SHORT by the standard; some
  /// programs write a LONG.
  private func isLong(_ entry: Int) -> Bool { short(at: entry + 2) == 4 }

  private func link(of directory: Int) -> Int? {
    short(at: directory).map { directory + 2 + $0 * 12 }
  }

  private func number(at offset: Int, count: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - count else { return nil }
    let slice = bytes[offset..<offset + count]
    return (isBigEndian ? Array(slice) : slice.reversed()).reduce(0) { $0 << 8 | Int($1) }
  }

  private mutating func write(_ value: Int, at offset: Int, count: Int) {
    guard offset >= 0, offset <= bytes.count - count, value >= 0, value >> (count * 8) == 0 else {
      return
    }
    let littleEndian = (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    bytes.replaceSubrange(
      offset..<offset + count, with: isBigEndian ? littleEndian.reversed() : littleEndian)
  }
}
