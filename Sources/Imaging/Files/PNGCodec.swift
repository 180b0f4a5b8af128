import CCodec
import CPNG

/// PNG files, through libpng. The only file that talks to `CPNG`.
enum PNGCodec: SequentialCodec {
  static let name = "PNG"
  static let fileExtensions = ["png"]
  static let signatures = [FileSignature(signatureBytes)]
  static let signatureBytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  static func readHeader(
    _ bytes: UnsafeBufferPointer<UInt8>, _ header: inout codec_header,
    _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status {
    cpng_read_header(bytes.baseAddress, bytes.count, &header, message)
  }

  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ header: ImageHeader, _ options: ReadOptions,
    into target: UnsafeMutableRawBufferPointer, _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status {
    cpng_decode(
      bytes.baseAddress, bytes.count, options.acceptTruncated ? 1 : 0, target.baseAddress,
      target.count, message)
  }

  /// Floats become 16 bits. Black and white lie at the ends of what 8 or 16 bits hold.
  static func encodable(_ file: ImageFile, _ options: WriteOptions) -> Image {
    file.image.withBitDepth(min(file.image.bitDepth, 16))
  }

  static func encode(
    _ source: codec_source, _ file: ImageFile, _ options: WriteOptions,
    _ bytes: inout UnsafeMutablePointer<UInt8>?, _ count: inout Int,
    _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status {
    withUnsafePointer(to: source) {
      cpng_encode($0, Int32(max(0, min(9, options.pngCompression))), &bytes, &count, message)
    }
  }

  /// A zlib stream's bytes; nil where it is damaged, or would have more than `limit`.
  static func inflated(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    var text: UnsafeMutablePointer<UInt8>?
    var count = 0
    defer { codec_free(text) }
    do throws(ShimFailure) {
      try attempt { message in
        bytes.withUnsafeBufferPointer {
          cpng_inflate($0.baseAddress, $0.count, limit, &text, &count, message)
        }
      }
    } catch {
      return nil
    }
    return Array(UnsafeBufferPointer(start: text, count: count))
  }
}

extension ImageFormat {
  package static let png = ImageFormat(PNGCodec.self)
}
