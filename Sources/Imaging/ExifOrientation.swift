extension Orientation {
  /// The orientation tag of an EXIF block, which is a TIFF structure (CIPA DC-008, section 4.6);
  /// nil where it is missing, out of range or unreadable.
  init?(exif: [UInt8]) {
    guard let tiff = TIFFBytes(exif), let directory = tiff.long(at: 4),
      let entries = tiff.short(at: directory)
    else { return nil }
    for entry in 0..<entries {
      let start = directory + 2 + entry * 12
      guard let tag = tiff.short(at: start), let type = tiff.short(at: start + 2) else {
        return nil
      }
      guard tag == 0x0112 else { continue }
      // A SHORT by the standard; some programs write a LONG.
      let value = type == 4 ? tiff.long(at: start + 8) : tiff.short(at: start + 8)
      guard let value else { return nil }
      self.init(rawValue: value)
      return
    }
    return nil
  }
}

/// Numbers of a TIFF structure in its own byte order; nil outside of it.
private struct TIFFBytes {
  private let bytes: [UInt8]
  private let isBigEndian: Bool

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

  func short(at offset: Int) -> Int? { number(at: offset, count: 2) }

  func long(at offset: Int) -> Int? { number(at: offset, count: 4) }

  private func number(at offset: Int, count: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - count else { return nil }
    let slice = bytes[offset..<offset + count]
    return (isBigEndian ? Array(slice) : slice.reversed()).reduce(0) { $0 << 8 | Int($1) }
  }
}
