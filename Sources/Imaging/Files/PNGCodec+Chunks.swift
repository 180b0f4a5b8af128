// What stands in a PNG's chunks beside the pixels, which may be before the image data or after it (PNG third
// edition, section 5.6). Of the others only the headers are read on the way.

extension PNGCodec {
  static func findMetadata(
    _ header: inout ImageHeader,
    read: (_ offset: Int, _ count: Int) throws(ImageFailure) -> [UInt8]
  ) throws(ImageFailure) {
    var found = PNGMetadata()
    var offset = signatureBytes.count
    var left = PNGMetadata.maximumBytes
    for _ in 0..<maximumChunks {
      let start = try read(offset, 8)
      guard start.count == 8 else { break }
      let length = start[0..<4].reduce(0) { $0 << 8 | Int($1) }
      let type = String(decoding: start[4..<8], as: UTF8.self)
      if type == "IEND" { break }
      if let limit = PNGMetadata.limit(of: type), length <= min(limit, left) {
        let data = try read(offset + 8, length)
        left -= length
        if data.count == length { found.add(type, data, header: start) }
      }
      offset += 12 + length  // length, type, data, checksum
    }
    header.exif = found.exif ?? found.textExif
    header.xmp = found.xmp
    header.pngChunks = found.kept.isEmpty ? nil : found.kept
    header.frameCount = found.frameCount
  }

  /// Keeps a file of nothing but empty chunks from holding up a scan. Encoders write chunks of 8 KiB
  /// and more.
  private static let maximumChunks = 1_000_000
}

/// What is gathered from chunks.
private struct PNGMetadata {
  var exif: [UInt8]?
  /// From a text chunk, as ImageMagick and exiv2 write it.
  var textExif: [UInt8]?
  var xmp: [UInt8]?
  /// As `codec_source` has them.
  var kept: [UInt8] = []
  /// Of an animation.
  var frameCount: Int?

  /// Of all chunks that are read, in bytes, and of a text that is inflated.
  static let maximumBytes = 16 << 20
  /// Texts with EXIF or XMP that are looked into: a small one can hold much.
  private static let maximumProfiles = 8

  /// The largest chunk of a type that is read, in bytes; nil for types that nobody asks for.
  static func limit(of type: String) -> Int? {
    switch type {
    // Sixteen times what a JPEG can hold.
    case "eXIf": 1 << 20
    case "tEXt", "zTXt", "iTXt": maximumBytes
    case "cICP": 4
    case "cHRM": 32
    case "acTL": 8
    default: nil
    }
  }

  /// - Parameter header: the chunk's length and type, as in the file.
  mutating func add(_ type: String, _ data: [UInt8], header: [UInt8]) {
    switch type {
    case "eXIf":
      exif = exif ?? withoutExifSignature(data)
    case "acTL":
      frameCount = data.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    case "tEXt", "zTXt", "iTXt":
      if !takeProfile(type, data) { kept += header + data }
    default:
      // Of two, only the first counts.
      if colorTypes.insert(type).inserted { kept += header + data }
    }
  }

  private var colorTypes: Set<String> = []
  private var profileCount = 0

  private static let profileKeywords: Set = [
    "Raw profile type exif", "Raw profile type APP1", "Raw profile type xmp", "XML:com.adobe.xmp",
  ]

  /// Takes EXIF and XMP out of a text chunk. Returns whether it has such a keyword; what is broken is dropped.
  private mutating func takeProfile(_ type: String, _ data: [UInt8]) -> Bool {
    let keyword = String(decoding: data.prefix { $0 != 0 }, as: UTF8.self)
    guard Self.profileKeywords.contains(keyword) else { return false }
    profileCount += 1
    if profileCount > Self.maximumProfiles { return true }
    switch keyword {
    case "XML:com.adobe.xmp": xmp = xmp ?? text(type, data)
    case "Raw profile type xmp": xmp = xmp ?? text(type, data).flatMap(rawProfile)
    default:
      guard let profile = text(type, data).flatMap(rawProfile) else { return true }
      if profile.starts(with: xmpSignature) {
        xmp = xmp ?? Array(profile.dropFirst(xmpSignature.count))
      } else {
        textExif = textExif ?? withoutExifSignature(profile)
      }
    }
    return true
  }

  /// The text of a chunk, inflated; nil where it is damaged or too long (section 11.3.3).
  private func text(_ type: String, _ data: [UInt8]) -> [UInt8]? {
    var rest = data.drop { $0 != 0 }.dropFirst()
    var isCompressed = type == "zTXt"
    if isCompressed { rest = rest.dropFirst() }  // the method, of which there is one
    if type == "iTXt" {
      isCompressed = rest.first == 1
      rest = rest.dropFirst(2)
      for _ in 0..<2 { rest = rest.drop { $0 != 0 }.dropFirst() }  // language, translated keyword
    }
    let text = Array(rest)
    return isCompressed ? PNGCodec.inflated(text, limit: Self.maximumBytes) : text
  }
}

/// A line feed, the profile's name, its length in decimal digits, and its bytes in hexadecimal ones, in lines
/// (ImageMagick's `Magick_png_write_raw_profile`). nil where the digits are not as many as the length says.
private func rawProfile(_ text: [UInt8]) -> [UInt8]? {
  let words = text.split(maxSplits: 2) { $0 == 0x0A || $0 == 0x20 }
  guard words.count == 3, let count = Int(String(decoding: words[1], as: UTF8.self)) else {
    return nil
  }
  let digits = words[2].compactMap(hexadecimalDigit)
  guard count > 0, digits.count == 2 * count else { return nil }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

private func hexadecimalDigit(_ letter: UInt8) -> UInt8? {
  switch letter {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): letter - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): letter - UInt8(ascii: "A") + 10
  default: nil
  }
}

/// What stands in front of XMP in a JPEG's segment.
private let xmpSignature = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
