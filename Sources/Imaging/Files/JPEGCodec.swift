import CJPEG

/// JPEG files in memory, through libjpeg-turbo. The only file that talks to `CJPEG`.
enum JPEGCodec {
  /// Everything before the image data. `bytes` may end after it.
  static func header(of bytes: [UInt8]) throws(ImageFileError.Reason) -> ImageHeader {
    var header = cjpeg_header()
    defer { cjpeg_header_release(&header) }
    let outcome = attempt { message in
      bytes.withUnsafeBufferPointer {
        cjpeg_read_header($0.baseAddress, $0.count, &header, message)
      }
    }
    if outcome.status == CJPEG_TRUNCATED { throw .truncatedHeader(.jpeg) }
    try check(outcome, height: Int(header.height), width: Int(header.width))
    let exif = UnsafeBufferPointer(start: header.exif, count: header.exif_count)
    let profile = UnsafeBufferPointer(start: header.icc_profile, count: header.icc_profile_count)
    return ImageHeader(
      height: Int(header.height), width: Int(header.width), channels: Int(header.channels),
      bitDepth: 8, exif: exif.isEmpty ? nil : Array(exif),
      iccProfile: profile.isEmpty ? nil : Array(profile))
  }

  /// The pixels at `eighths` (1...8) of the size that `header` gives, rounded up.
  static func decode(
    _ bytes: [UInt8], header: ImageHeader, eighths: Int, acceptTruncated: Bool
  ) throws(ImageFileError.Reason) -> Image {
    let height = scaled(header.height, eighths: eighths)
    let width = scaled(header.width, eighths: eighths)
    let count = height * width * header.channels
    guard memoryIsAvailable(byteCount: count) else {
      throw .outOfMemory(height: height, width: width)
    }
    var outcome = Outcome(status: CJPEG_BROKEN, message: "")
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { target, initializedCount in
      outcome = attempt { message in
        bytes.withUnsafeBufferPointer {
          cjpeg_decode(
            $0.baseAddress, $0.count, UInt32(eighths), acceptTruncated ? 1 : 0,
            target.baseAddress, count, message)
        }
      }
      initializedCount = outcome.status == CJPEG_OK ? count : 0
    }
    try check(outcome, height: height, width: width)
    return Image(height: height, width: width, channels: header.channels, pixels: pixels)
  }

  /// The smallest scale, in eighths, at which the image still has at least this height and width; 8
  /// where it has not.
  static func eighths(
    for header: ImageHeader, minimumHeight: Int, minimumWidth: Int
  ) -> Int {
    let enough = (1...8).first { eighths in
      scaled(header.height, eighths: eighths) >= minimumHeight
        && scaled(header.width, eighths: eighths) >= minimumWidth
    }
    return enough ?? 8
  }

  /// `image` has 1 or 3 channels of 8 bits. An EXIF block that is too long for its segment is left
  /// out.
  static func encode(
    _ image: Image, quality: Int, subsampling: WriteOptions.ChromaSubsampling, exif: [UInt8]?,
    iccProfile: [UInt8]?
  ) throws(ImageFileError.Reason) -> [UInt8] {
    guard case .eightBit(let pixels) = image.samples else {
      throw .notEncodable(.jpeg, "it has 8 bits a channel")
    }
    let exif = exif.flatMap { $0.count <= Int(CJPEG_EXIF_LIMIT) ? $0 : nil }
    let chroma = subsampling.pixelsPerSample
    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    let outcome = attempt { message in
      pixels.withUnsafeBufferPointer { pixels in
        withMetadata(exif, iccProfile) { exif, profile in
          var source = cjpeg_source(
            pixels: pixels.baseAddress, height: UInt32(image.height), width: UInt32(image.width),
            channels: UInt32(image.channels), quality: Int32(max(1, min(100, quality))),
            columns_per_chroma: Int32(chroma.columns), rows_per_chroma: Int32(chroma.rows),
            exif: exif.baseAddress, exif_count: exif.count,
            icc_profile: profile.baseAddress, icc_profile_count: profile.count)
          return cjpeg_encode(&source, &encoded, &count, message)
        }
      }
    }
    guard outcome.status == CJPEG_OK else {
      if outcome.status == CJPEG_OUT_OF_MEMORY {
        throw .outOfMemory(height: image.height, width: image.width)
      }
      throw .notEncodable(.jpeg, outcome.message)
    }
    defer { cjpeg_free(encoded) }
    return Array(UnsafeBufferPointer(start: encoded, count: count))
  }

  private static func scaled(_ size: Int, eighths: Int) -> Int { (size * eighths + 7) / 8 }

  private struct Outcome {
    var status: cjpeg_status
    var message: String
  }

  private static func attempt(
    _ call: (UnsafeMutablePointer<CChar>) -> cjpeg_status
  ) -> Outcome {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CJPEG_MESSAGE_CAPACITY)) {
      message in
      message.initialize(repeating: 0)
      let status = call(message.baseAddress!)
      return Outcome(status: status, message: String(cString: message.baseAddress!))
    }
  }

  private static func check(
    _ outcome: Outcome, height: Int, width: Int
  ) throws(ImageFileError.Reason) {
    switch outcome.status {
    case CJPEG_OK: return
    case CJPEG_TRUNCATED: throw .truncated(.jpeg)
    case CJPEG_OUT_OF_MEMORY: throw .outOfMemory(height: height, width: width)
    default: throw .damaged(.jpeg, outcome.message)
    }
  }
}
