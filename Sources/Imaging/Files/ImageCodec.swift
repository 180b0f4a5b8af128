import CCodec

/// A kind of image file: how it is known, read and written. The work is done by a C shim, in the form that
/// `ccodec.h` describes; this is all that a format has of its own.
protocol ImageCodec: Sendable {
  /// As people write it: "JPEG".
  static var name: String { get }
  /// Of such files, in lower case, the usual one first.
  static var fileExtensions: [String] { get }
  /// What such files begin with: one of these.
  static var signatures: [FileSignature] { get }
  /// A longer EXIF block is not written; `nil` where any goes.
  static var longestExif: Int? { get }
  /// The same for XMP.
  static var longestXMP: Int? { get }

  /// Whether the format has images of any number of colors; the others have gray and RGB.
  static var holdsAnyChannels: Bool { get }

  /// Everything that stands beside the image data.
  static func header(
    of source: ByteSource, _ options: ReadOptions
  ) throws(ImageFailure) -> ImageHeader

  /// The size that `decode` delivers.
  static func decodedSize(
    _ header: ImageHeader, _ options: ReadOptions
  ) -> (height: Int, width: Int)

  /// Fills `target` with the samples of an image that has the decoded size and else is as `header` says. Returns
  /// whether all of them were there.
  static func decode(
    _ source: ByteSource, _ header: ImageHeader, _ options: ReadOptions,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ImageFailure) -> Bool

  /// The image for decoding it in parts; nil where it is decoded only as a whole.
  static func blocks(
    of source: ByteSource, _ header: ImageHeader
  ) throws(ImageFailure) -> (any ImageBlocks)?

  /// The image as far as the format can hold it; its channels are checked before.
  static func encodable(_ file: ImageFile, _ options: WriteOptions) -> Image

  /// A whole file in memory, which is freed by `codec_free`.
  ///
  /// - Parameter file: what `source` was made of.
  static func encode(
    _ source: codec_source, _ file: ImageFile, _ options: WriteOptions,
    _ bytes: inout UnsafeMutablePointer<UInt8>?, _ count: inout Int,
    _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status

  /// An encoded file with what the codec does not write.
  static func completed(
    _ bytes: [UInt8], _ file: ImageFile, exif: [UInt8]?, _ options: WriteOptions
  ) throws(ImageFailure) -> [UInt8]
}

extension ImageCodec {
  static var longestExif: Int? { nil }

  static var longestXMP: Int? { nil }

  static var holdsAnyChannels: Bool { false }

  static func decodedSize(
    _ header: ImageHeader, _ options: ReadOptions
  ) -> (height: Int, width: Int) { (header.height, header.width) }

  static func blocks(
    of source: ByteSource, _ header: ImageHeader
  ) throws(ImageFailure) -> (any ImageBlocks)? { nil }

  static func encodable(_ file: ImageFile, _ options: WriteOptions) -> Image { file.image }

  static func completed(
    _ bytes: [UInt8], _ file: ImageFile, exif: [UInt8]?, _ options: WriteOptions
  ) throws(ImageFailure) -> [UInt8] { bytes }

  static var format: ImageFormat { ImageFormat(Self.self) }
}

/// A codec of files that begin with their header and are decoded from memory.
protocol SequentialCodec: ImageCodec {
  /// Everything before the image data. `bytes` may end after it.
  static func readHeader(
    _ bytes: UnsafeBufferPointer<UInt8>, _ header: inout codec_header,
    _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status

  /// Fills in what `readHeader` does not find because it may stand anywhere in a file; `read` gives at most so
  /// many bytes from an offset of the file.
  static func findMetadata(
    _ header: inout ImageHeader,
    read: (_ offset: Int, _ count: Int) throws(ImageFailure) -> [UInt8]
  ) throws(ImageFailure)

  /// Fills `target` from a whole file.
  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ header: ImageHeader, _ options: ReadOptions,
    into target: UnsafeMutableRawBufferPointer, _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status
}

extension SequentialCodec {
  static func findMetadata(
    _ header: inout ImageHeader,
    read: (_ offset: Int, _ count: Int) throws(ImageFailure) -> [UInt8]
  ) throws(ImageFailure) {}

  static func header(
    of source: ByteSource, _ options: ReadOptions
  ) throws(ImageFailure) -> ImageHeader {
    let start = try source.read(0, usualHeaderBytes)
    var header: ImageHeader
    do throws(ImageFailure) {
      header = try Self.header(of: start)
    } catch {
      guard error == .truncatedHeader(format), source.size > start.count else { throw error }
      header = try Self.header(of: try source.read(0, longHeaderBytes))
    }
    try findMetadata(&header, read: source.read)
    return header
  }

  private static func header(of bytes: [UInt8]) throws(ImageFailure) -> ImageHeader {
    var header = codec_header()
    defer { codec_header_release(&header) }
    do throws(ShimFailure) {
      try attempt { message in
        bytes.withUnsafeBufferPointer { readHeader($0, &header, message) }
      }
    } catch {
      if error == .truncated { throw .truncatedHeader(format) }
      throw format.reason(error, height: Int(header.height), width: Int(header.width))
    }
    return ImageHeader(header)
  }

  static func decode(
    _ source: ByteSource, _ header: ImageHeader, _ options: ReadOptions,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ImageFailure) -> Bool {
    let bytes = try source.read(0, largestUsefulCount(of: header))
    do throws(ShimFailure) {
      return try attempt { message in
        bytes.withUnsafeBufferPointer { decode($0, header, options, into: target, message) }
      }
    } catch {
      let (height, width) = decodedSize(header, options)
      throw format.reason(error, height: height, width: width)
    }
  }
}

/// How much of a file can belong to its image: four times what uncompressed pixels take, at most 16 bytes
/// for each, and everything that may stand in front of them. What follows, such as the rest of a sparse file of a
/// terabyte, is not read. Not for headers that `checkSize` refuses.
private func largestUsefulCount(of header: ImageHeader) -> Int {
  let bytesPerPixel = min(4 * header.channels * header.bitDepth / 8, 16)
  return min(header.height * header.width * bytesPerPixel, .max - longHeaderBytes) + longHeaderBytes
}

/// Enough for nearly every header.
let usualHeaderBytes = 1 << 16

/// Enough for a header with large color profiles, thumbnails and comments.
private let longHeaderBytes = 256 << 20

/// Why a C shim did not do its work.
package enum ShimFailure: Error, Equatable {
  case truncated
  /// The library's words, such as "Corrupt JPEG data: bad Huffman code".
  case broken(String)
  case outOfMemory
}

/// Calls a shim, which writes its message on failure.
///
/// - Returns: whether the data was whole; it always was unless damage is accepted.
@discardableResult
package func attempt(
  _ call: (_ message: UnsafeMutablePointer<CChar>) -> codec_status
) throws(ShimFailure) -> Bool {
  let (status, words) = withUnsafeTemporaryAllocation(
    of: CChar.self, capacity: Int(CODEC_MESSAGE_CAPACITY)
  ) { message in
    message.initialize(repeating: 0)
    let status = call(message.baseAddress!)
    return (status, String(cString: message.baseAddress!))
  }
  switch status {
  case CODEC_OK: return true
  case CODEC_PARTIAL: return false
  case CODEC_TRUNCATED: throw .truncated
  case CODEC_OUT_OF_MEMORY: throw .outOfMemory
  default: throw .broken(words)
  }
}
