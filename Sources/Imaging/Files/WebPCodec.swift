import CCodec
import CWebP

/// WebP files, through libwebp. The only file that talks to `CWebP`.
enum WebPCodec: SequentialCodec {
  static let name = "WebP"
  static let fileExtensions = ["webp"]
  static let signatures = [FileSignature("RIFF").and(FileSignature("WEBP", at: 8))]

  static func readHeader(
    _ bytes: UnsafeBufferPointer<UInt8>, _ header: inout codec_header,
    _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status {
    cwebp_read_header(bytes.baseAddress, bytes.count, &header, message)
  }

  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ header: ImageHeader, _ options: ReadOptions,
    into target: UnsafeMutableRawBufferPointer, _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status {
    cwebp_decode(
      bytes.baseAddress, bytes.count, options.acceptTruncated ? 1 : 0, target.baseAddress,
      target.count, message)
  }

  /// 8 bits in color, with the alpha there is.
  static func encodable(_ file: ImageFile, _ options: WriteOptions) -> Image {
    let image = file.image
    let colors = image.removingAlpha().converted(toChannels: 3)
    return (image.alpha.map(colors.addingAlpha) ?? colors).withBitDepth(8)
  }

  static func encode(
    _ source: codec_source, _ file: ImageFile, _ options: WriteOptions,
    _ bytes: inout UnsafeMutablePointer<UInt8>?, _ count: inout Int,
    _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status {
    withUnsafePointer(to: source) {
      cwebp_encode($0, Int32(max(1, min(100, options.quality))), &bytes, &count, message)
    }
  }

  /// The chunks of the container, each with its type, its length (little-endian) and data of even length ("WebP
  /// Container Specification", Google). Of images only the headers are read.
  static func findMetadata(
    _ header: inout ImageHeader,
    read: (_ offset: Int, _ count: Int) throws(ImageFailure) -> [UInt8]
  ) throws(ImageFailure) {
    var offset = 12  // behind RIFF, a length and WEBP
    var left = maximumBytes
    var frameCount = 0
    for _ in 0..<maximumChunks {
      let start = try read(offset, 8)
      guard start.count == 8 else { break }
      let length = start[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let type = String(decoding: start[0..<4], as: UTF8.self)
      if type == "ANMF" { frameCount += 1 }
      if ["ICCP", "EXIF", "XMP "].contains(type), length > 0, length <= left {
        let data = try read(offset + 8, length)
        left -= length
        if data.count == length { take(type, data, &header) }
      }
      offset += 8 + length + length % 2
    }
    header.frameCount = frameCount > 0 ? frameCount : nil
  }

  private static func take(_ type: String, _ data: [UInt8], _ header: inout ImageHeader) {
    switch type {
    case "ICCP": header.iccProfile = header.iccProfile ?? data
    case "EXIF": header.exif = header.exif ?? withoutExifSignature(data)
    default: header.xmp = header.xmp ?? data
    }
  }

  /// Of all metadata that is read.
  private static let maximumBytes = 16 << 20

  /// Keeps a file of nothing but empty chunks from holding up a scan.
  private static let maximumChunks = 100_000
}

extension ImageFormat {
  package static let webp = ImageFormat(WebPCodec.self)
}
