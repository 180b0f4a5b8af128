import CCodec
import CPNG

/// PNG files, through libpng. The only file that talks to `CPNG`.
enum PNGCodec: ImageCodec {
  static let name = "PNG"
  static let fileExtensions = ["png"]
  static let signature = FileSignature(signatureBytes)
  private static let signatureBytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

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

  static func encode(
    _ source: codec_source, _ options: WriteOptions,
    _ bytes: inout UnsafeMutablePointer<UInt8>?, _ count: inout Int,
    _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status {
    withUnsafePointer(to: source) {
      cpng_encode($0, Int32(max(0, min(9, options.pngCompression))), &bytes, &count, message)
    }
  }

  /// The eXIf chunk may stand before or after the image data (PNG third edition, section 11.3.4.3). Only
  /// chunk headers are read on the way.
  static func findExif(
    read: (_ offset: Int, _ count: Int) throws(ImageFailure) -> [UInt8]
  ) throws(ImageFailure) -> [UInt8]? {
    var offset = signatureBytes.count
    for _ in 0..<maximumChunks {
      let start = try read(offset, 8)
      guard start.count == 8 else { break }
      let length = start[0..<4].reduce(0) { $0 << 8 | Int($1) }
      let type = String(decoding: start[4..<8], as: UTF8.self)
      if type == "IEND" { break }
      if type == "eXIf" {
        let block = try read(offset + 8, min(length, maximumExifBytes))
        return block.starts(with: jpegSignature)
          ? Array(block.dropFirst(jpegSignature.count)) : block
      }
      offset += 12 + length  // length, type, data, checksum
    }
    return nil
  }

  /// "Exif" and two zeros, which begin the block in a JPEG and do not belong into a PNG; some programs write
  /// them all the same.
  private static let jpegSignature: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]

  /// Keeps a file of nothing but empty chunks from holding up a scan. Encoders write chunks of 8 KiB
  /// and more.
  private static let maximumChunks = 1_000_000

  /// Sixteen times what a JPEG can hold.
  private static let maximumExifBytes = 1 << 20
}

extension ImageFormat {
  package static let png = ImageFormat(PNGCodec.self)
}
