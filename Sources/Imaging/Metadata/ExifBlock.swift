// What is read from an EXIF block, and what is changed in it before it is written again. Tags and
// types: CIPA DC-008, section 4.6.

extension Orientation {
  /// The orientation tag of an EXIF block; nil where it is missing, out of range or unreadable.
  init?(exif: [UInt8]) {
    guard let tiff = TIFFStructure(exif),
      let value = tiff.value(of: Tag.orientation, in: tiff.firstDirectory)
    else { return nil }
    self.init(rawValue: value)
  }
}

/// The block for an upright image of this size: the orientation reset, the sizes replaced, and the
/// thumbnail, which shows the image as it was, taken out. All else stays where it is. nil where the
/// block is no TIFF structure.
func uprightExif(_ exif: [UInt8], height: Int, width: Int) -> [UInt8]? {
  guard var tiff = TIFFStructure(exif), let first = tiff.firstDirectory else { return nil }
  tiff.setValue(Orientation.upright.rawValue, of: Tag.orientation, in: first)
  let details = tiff.value(of: Tag.exifDirectory, in: first)
  tiff.setValue(width, of: Tag.pixelWidth, in: details)
  tiff.setValue(height, of: Tag.pixelHeight, in: details)
  if let second = tiff.directory(after: first) {
    let start = tiff.value(of: Tag.thumbnailStart, in: second)
    let count = tiff.value(of: Tag.thumbnailLength, in: second)
    if let start, let count { tiff.erase(from: start, count: count) }
    tiff.endDirectories(after: first)
  }
  return tiff.bytes
}

/// "Exif" and two zeros, which begin the block in a JPEG and do not belong into a PNG or a WebP; some programs write
/// them all the same.
func withoutExifSignature(_ block: [UInt8]) -> [UInt8] {
  let signature = Array("Exif\0\0".utf8)
  return block.starts(with: signature) ? Array(block.dropFirst(signature.count)) : block
}

private enum Tag {
  static let orientation = 0x0112
  static let thumbnailStart = 0x0201
  static let thumbnailLength = 0x0202
  static let exifDirectory = 0x8769
  static let pixelWidth = 0xA002
  static let pixelHeight = 0xA003
}
