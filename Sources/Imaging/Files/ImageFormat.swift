import CCodec
import Files
import Machine
import Wording

/// A kind of image file that is read and written.
package struct ImageFormat: Sendable, Hashable, CaseIterable, RawRepresentable {
  /// The formats there are, in the order in which they are named to users.
  package static let allCases: [ImageFormat] = [.jpeg, .png, .tiff, .webp]

  let codec: any ImageCodec.Type

  init(_ codec: any ImageCodec.Type) { self.codec = codec }

  /// The name in lower case, as options have it; nil for a format that is none of these.
  package init?(rawValue: String) {
    guard let match = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = match
  }

  package var rawValue: String { name.lowercased() }

  /// The extensions of such files, in lower case, the usual one first.
  package var fileExtensions: [String] { codec.fileExtensions }

  /// "jpg, jpeg or png": the extensions of all formats.
  package static var extensionWords: String {
    listed(allCases.flatMap(\.fileExtensions), before: " or ")
  }

  /// As people write it: "JPEG".
  package var name: String { codec.name }

  /// The format that a file's extension promises, in any letter case; nil for other extensions.
  /// What a file really holds is known only from its content.
  package init?(pathExtension: String) {
    let wanted = pathExtension.lowercased()
    guard let match = Self.allCases.first(where: { $0.fileExtensions.contains(wanted) }) else {
      return nil
    }
    self = match
  }

  /// The format that a file's name promises by its extension; nil for other names.
  package init?(nameOf file: String) {
    guard let ending = file.pathEnding else { return nil }
    self.init(pathExtension: String(ending))
  }

  /// The format of a file that begins with `bytes`, of which `FileSignature.reach` are enough; nil if it is
  /// another.
  init?(firstBytes bytes: [UInt8]) {
    let match = Self.allCases.first { $0.codec.signatures.contains { $0.matches(bytes) } }
    guard let match else { return nil }
    self = match
  }
}

extension ImageFormat {
  /// The pixels as they are stored, and whether all of them were there. Throws where there is no memory for
  /// them.
  func decode(
    _ source: ByteSource, _ header: ImageHeader, _ options: ReadOptions
  ) throws(ImageFailure) -> (image: Image, isWhole: Bool) {
    let (height, width) = codec.decodedSize(header, options)
    let count = height * width * header.channels
    guard memoryIsAvailable(byteCount: count * header.bitDepth / 8) else {
      throw .outOfMemory(height: height, width: width)
    }
    var isWhole = true
    let samples = try Image.Samples(count: count, bitDepth: header.bitDepth) {
      (target) throws(ImageFailure) in
      isWhole = try codec.decode(source, header, options, into: target)
    }
    let image = Image(
      height: height, width: width, channels: header.channels, samples: samples,
      hasAlpha: header.hasAlpha, range: header.range)
    return (image, isWhole)
  }

  /// A whole file. What the format cannot hold is converted or left out.
  func encode(
    _ file: ImageFile, exif: [UInt8]?, iccProfile: [UInt8]?, xmp: [UInt8]?, _ options: WriteOptions
  ) throws(ImageFailure) -> [UInt8] {
    let colors = file.image.colors
    guard codec.holdsAnyChannels || colors == 1 || colors == 3 else {
      throw .tooManyChannels(self, colors)
    }
    let image = codec.encodable(file, options)
    let exif = exif.flatMap { $0.count <= codec.longestExif ?? .max ? $0 : nil }
    let xmp = xmp.flatMap { $0.count <= codec.longestXMP ?? .max ? $0 : nil }
    let keeps = options.keepsMetadata
    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    defer { codec_free(encoded) }
    do throws(ShimFailure) {
      try attempt { message in
        image.samples.withUnsafeBytes { pixels in
          lending([exif, iccProfile, xmp, keeps ? file.pngChunks : nil]) { blocks in
            let source = codec_source(
              pixels: pixels.baseAddress, height: UInt32(image.height),
              width: UInt32(image.width), channels: UInt32(image.channels),
              bit_depth: UInt32(image.bitDepth),
              gamma: Int32(clamping: keeps ? file.gamma ?? 0 : 0),
              srgb_intent: Int32(clamping: keeps ? file.renderingIntent ?? -1 : -1),
              exif: blocks[0].baseAddress, exif_count: blocks[0].count,
              icc_profile: blocks[1].baseAddress, icc_profile_count: blocks[1].count,
              xmp: blocks[2].baseAddress, xmp_count: blocks[2].count,
              density: (keeps ? file.density?.codecValue : nil) ?? codec_density(),
              is_lossy: file.isLossy ? 1 : 0, chunks: blocks[3].baseAddress,
              chunks_count: blocks[3].count)
            return codec.encode(source, file, options, &encoded, &count, message)
          }
        }
      }
    } catch {
      if case .broken(let words) = error { throw .notEncodable(self, words) }
      throw reason(error, height: image.height, width: image.width)
    }
    let bytes = Array(UnsafeBufferPointer(start: encoded, count: count))
    return try codec.completed(bytes, file, exif: exif, options)
  }

  func reason(
    _ failure: ShimFailure, height: Int, width: Int
  ) -> ImageFailure {
    switch failure {
    case .truncated: .truncated(self)
    case .broken(let words): .damaged(self, words)
    case .outOfMemory: .outOfMemory(height: height, width: width)
    }
  }
}

/// Lends blocks of bytes to a shim, in order; what is nil or empty has no address.
private func lending<Result>(
  _ blocks: [[UInt8]?], _ lent: [UnsafeBufferPointer<UInt8>] = [],
  _ body: ([UnsafeBufferPointer<UInt8>]) -> Result
) -> Result {
  guard lent.count < blocks.count else { return body(lent) }
  let block = blocks[lent.count] ?? []
  return block.withUnsafeBufferPointer { buffer in
    let present = buffer.isEmpty ? UnsafeBufferPointer(start: nil, count: 0) : buffer
    return lending(blocks, lent + [present], body)
  }
}
