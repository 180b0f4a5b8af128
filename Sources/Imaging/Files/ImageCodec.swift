import CCodec

/// A kind of image file: how it is known, read and written. The work is done by a C shim, in the form that
/// `ccodec.h` describes; this is all that a format has of its own.
protocol ImageCodec: Sendable {
  /// As people write it: "JPEG".
  static var name: String { get }
  /// Of such files, in lower case, the usual one first.
  static var fileExtensions: [String] { get }
  /// What such files begin with.
  static var signature: FileSignature { get }
  /// A longer EXIF block is not written; `nil` where any goes.
  static var longestExif: Int? { get }
  /// The same for XMP.
  static var longestXMP: Int? { get }

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

  /// The size that `decode` delivers.
  static func decodedSize(
    _ header: ImageHeader, _ options: ReadOptions
  ) -> (height: Int, width: Int)

  /// Fills `target` with the samples of an image that has the decoded size and else is as `header` says.
  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ header: ImageHeader, _ options: ReadOptions,
    into target: UnsafeMutableRawBufferPointer, _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status

  /// The image as far as the format can hold it.
  static func encodable(_ image: Image, _ options: WriteOptions) -> Image

  /// A whole file in memory, which is freed by `codec_free`.
  static func encode(
    _ source: codec_source, _ options: WriteOptions,
    _ bytes: inout UnsafeMutablePointer<UInt8>?, _ count: inout Int,
    _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status
}

extension ImageCodec {
  static var longestExif: Int? { nil }

  static var longestXMP: Int? { nil }

  static func findMetadata(
    _ header: inout ImageHeader,
    read: (_ offset: Int, _ count: Int) throws(ImageFailure) -> [UInt8]
  ) throws(ImageFailure) {}

  static func decodedSize(
    _ header: ImageHeader, _ options: ReadOptions
  ) -> (height: Int, width: Int) { (header.height, header.width) }

  static func encodable(_ image: Image, _ options: WriteOptions) -> Image { image }
}

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
