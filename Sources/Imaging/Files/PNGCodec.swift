import CPNG

/// PNG files in memory, through libpng. The only file that talks to `CPNG`.
enum PNGCodec {
  /// Everything before the image data. `bytes` may end after it. The EXIF block is not looked for: its
  /// chunk may stand anywhere (see `pngExif`).
  static func header(of bytes: [UInt8]) throws(ImageFileError.Reason) -> ImageHeader {
    var header = cpng_header()
    defer { cpng_header_release(&header) }
    let outcome = attempt { message in
      bytes.withUnsafeBufferPointer {
        cpng_read_header($0.baseAddress, $0.count, &header, message)
      }
    }
    try check(outcome, height: Int(header.height), width: Int(header.width))
    let profile = UnsafeBufferPointer(start: header.icc_profile, count: header.icc_profile_count)
    return ImageHeader(
      height: Int(header.height), width: Int(header.width), channels: Int(header.channels),
      bitDepth: Int(header.bit_depth), exif: nil,
      iccProfile: profile.isEmpty ? nil : Array(profile),
      gamma: header.gamma > 0 ? Int(header.gamma) : nil,
      renderingIntent: header.srgb_intent >= 0 ? Int(header.srgb_intent) : nil)
  }

  /// The pixels, in the layout that `header` gives.
  static func decode(
    _ bytes: [UInt8], header: ImageHeader, acceptTruncated: Bool
  ) throws(ImageFileError.Reason) -> Image {
    let samples: Image.Samples =
      if header.bitDepth == 16 {
        .sixteenBit(try decodeSamples(bytes, header, acceptTruncated))
      } else {
        .eightBit(try decodeSamples(bytes, header, acceptTruncated))
      }
    return Image(
      height: header.height, width: header.width, channels: header.channels, samples: samples)
  }

  private static func decodeSamples<S: Sample>(
    _ bytes: [UInt8], _ header: ImageHeader, _ acceptTruncated: Bool
  ) throws(ImageFileError.Reason) -> [S] {
    let count = header.height * header.width * header.channels
    let byteCount = count * MemoryLayout<S>.stride
    guard memoryIsAvailable(byteCount: byteCount) else {
      throw .outOfMemory(height: header.height, width: header.width)
    }
    var outcome = Outcome(status: CPNG_BROKEN, message: "")
    let samples = [S](unsafeUninitializedCapacity: count) { target, initializedCount in
      outcome = attempt { message in
        bytes.withUnsafeBufferPointer {
          cpng_decode(
            $0.baseAddress, $0.count, acceptTruncated ? 1 : 0, target.baseAddress, byteCount,
            message)
        }
      }
      initializedCount = outcome.status == CPNG_OK ? count : 0
    }
    try check(outcome, height: header.height, width: header.width)
    return samples
  }

  /// Any image goes into a PNG. `compression` is zlib's level, 0...9.
  static func encode(
    _ image: Image, compression: Int, exif: [UInt8]?, iccProfile: [UInt8]?, gamma: Int?,
    renderingIntent: Int?
  ) throws(ImageFileError.Reason) -> [UInt8] {
    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    let outcome = attempt { message in
      image.samples.withUnsafeBytes { pixels in
        withMetadata(exif, iccProfile) { exif, profile in
          var source = cpng_source(
            pixels: pixels.baseAddress, height: UInt32(image.height), width: UInt32(image.width),
            channels: UInt32(image.channels), bit_depth: UInt32(image.bitDepth),
            compression_level: Int32(max(0, min(9, compression))),
            gamma: Int32(clamping: gamma ?? 0), srgb_intent: Int32(clamping: renderingIntent ?? -1),
            exif: exif.baseAddress, exif_count: exif.count,
            icc_profile: profile.baseAddress, icc_profile_count: profile.count)
          return cpng_encode(&source, &encoded, &count, message)
        }
      }
    }
    guard outcome.status == CPNG_OK else {
      if outcome.status == CPNG_OUT_OF_MEMORY {
        throw .outOfMemory(height: image.height, width: image.width)
      }
      throw .notEncodable(.png, outcome.message)
    }
    defer { cpng_free(encoded) }
    return Array(UnsafeBufferPointer(start: encoded, count: count))
  }

  private struct Outcome {
    var status: cpng_status
    var message: String
  }

  private static func attempt(
    _ call: (UnsafeMutablePointer<CChar>) -> cpng_status
  ) -> Outcome {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CPNG_MESSAGE_CAPACITY)) { message in
      message.initialize(repeating: 0)
      let status = call(message.baseAddress!)
      return Outcome(status: status, message: String(cString: message.baseAddress!))
    }
  }

  private static func check(
    _ outcome: Outcome, height: Int, width: Int
  ) throws(ImageFileError.Reason) {
    switch outcome.status {
    case CPNG_OK: return
    case CPNG_TRUNCATED: throw .truncated(.png)
    case CPNG_OUT_OF_MEMORY: throw .outOfMemory(height: height, width: width)
    default: throw .damaged(.png, outcome.message)
    }
  }
}

extension Image.Samples {
  fileprivate func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch self {
    case .eightBit(let samples): samples.withUnsafeBytes(body)
    case .sixteenBit(let samples): samples.withUnsafeBytes(body)
    }
  }
}
