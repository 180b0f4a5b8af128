import CCodec
import CJPEG

/// JPEG files, through libjpeg-turbo. The only file that talks to `CJPEG`.
enum JPEGCodec: SequentialCodec {
  static let name = "JPEG"
  static let fileExtensions = ["jpg", "jpeg"]
  static let signatures = [FileSignature([0xFF, 0xD8, 0xFF])]
  /// What a segment holds.
  static let longestExif: Int? = Int(CJPEG_EXIF_LIMIT)
  static let longestXMP: Int? = Int(CJPEG_XMP_LIMIT)

  static func readHeader(
    _ bytes: UnsafeBufferPointer<UInt8>, _ header: inout codec_header,
    _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status {
    cjpeg_read_header(bytes.baseAddress, bytes.count, &header, message)
  }

  static func decodedSize(
    _ header: ImageHeader, _ options: ReadOptions
  ) -> (height: Int, width: Int) {
    let eighths = eighths(header, options)
    return (scaled(header.height, eighths: eighths), scaled(header.width, eighths: eighths))
  }

  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ header: ImageHeader, _ options: ReadOptions,
    into target: UnsafeMutableRawBufferPointer, _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status {
    cjpeg_decode(
      bytes.baseAddress, bytes.count, UInt32(eighths(header, options)),
      options.acceptTruncated ? 1 : 0, target.baseAddress, target.count, message)
  }

  /// The smallest scale, in eighths, at which the image still has at least the height and width that are
  /// asked for; 8 where it has not, or nothing is asked for.
  private static func eighths(_ header: ImageHeader, _ options: ReadOptions) -> Int {
    if options.minimumHeight == nil && options.minimumWidth == nil { return 8 }
    var (height, width) = (options.minimumHeight ?? 1, options.minimumWidth ?? 1)
    if header.orientation.swapsAxes { swap(&height, &width) }
    let enough = (1...8).first { eighths in
      scaled(header.height, eighths: eighths) >= height
        && scaled(header.width, eighths: eighths) >= width
    }
    return enough ?? 8
  }

  private static func scaled(_ size: Int, eighths: Int) -> Int { (size * eighths + 7) / 8 }

  /// 8 bits without alpha, which is composited over the background.
  static func encodable(_ file: ImageFile, _ options: WriteOptions) -> Image {
    file.image.converted(toChannels: file.image.colors, background: options.background)
      .withBitDepth(8)
  }

  static func encode(
    _ source: codec_source, _ file: ImageFile, _ options: WriteOptions,
    _ bytes: inout UnsafeMutablePointer<UInt8>?, _ count: inout Int,
    _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status {
    let chroma = options.chromaSubsampling.pixelsPerSample
    return withUnsafePointer(to: source) {
      cjpeg_encode(
        $0, Int32(max(1, min(100, options.quality))), Int32(chroma.columns),
        Int32(chroma.rows), &bytes, &count, message)
    }
  }
}

extension ImageFormat {
  package static let jpeg = ImageFormat(JPEGCodec.self)
}
