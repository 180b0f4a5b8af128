import Files
import Foundation

extension ImageFile {
  /// Reads a file of any of the formats; its content decides which, not its name.
  ///
  /// JPEG gives 1 or 3 channels of 8 bits (CMYK is converted to RGB as Pillow does); WebP gives 3 or 4 of 8 bits, of
  /// an animation the first frame; PNG gives 1 to
  /// 4 channels of 8 or 16 bits (palettes and 1, 2 and 4 bits are expanded, transparent colors
  /// become alpha). The size is checked before memory is asked for. Throws for whatever keeps the whole
  /// image from being read.
  package static func read(
    from url: URL, options: ReadOptions = ReadOptions()
  ) throws(FileError) -> ImageFile {
    try naming(url) { () throws(ImageFailure) in
      let file = try open(url)
      let (format, header) = try scanHeader(of: file)
      try checkSize(header, options)
      let bytes = try bytes(of: file, at: 0, count: largestUsefulCount(of: header))
      return try decode(bytes, format, header, options)
    }
  }

  /// The upright image's size and its channels, from the headers alone; the image itself may still be
  /// broken. Of the options only the limit on pixels counts.
  package static func readLayout(
    from url: URL, options: ReadOptions = ReadOptions()
  ) throws(FileError) -> (height: Int, width: Int, channels: Int) {
    try naming(url) { () throws(ImageFailure) in
      let header = try scanHeader(of: try open(url)).header
      try checkSize(header, options)
      return header.orientation.swapsAxes
        ? (header.width, header.height, header.channels)
        : (header.height, header.width, header.channels)
    }
  }

  /// The same as `read` for a file in memory.
  static func decode(
    _ bytes: [UInt8], options: ReadOptions = ReadOptions()
  ) throws(ImageFailure) -> ImageFile {
    guard let format = ImageFormat(firstBytes: bytes) else {
      throw .unrecognized(ForeignImageKind(firstBytes: bytes))
    }
    var header = try format.header(of: bytes)
    try format.codec.findMetadata(&header) { (offset, count) throws(ImageFailure) in
      Array(bytes.dropFirst(offset).prefix(count))
    }
    try checkSize(header, options)
    return try decode(bytes, format, header, options)
  }

  private static func decode(
    _ bytes: [UInt8], _ format: ImageFormat, _ header: ImageHeader, _ options: ReadOptions
  ) throws(ImageFailure) -> ImageFile {
    let (stored, isWhole) = try format.decode(bytes, header, options)
    var file = ImageFile(
      image: stored.oriented(by: header.orientation), format: format, exif: header.exif,
      iccProfile: header.iccProfile.flatMap { isKept($0) ? $0 : nil },
      gamma: header.gamma, renderingIntent: header.renderingIntent, xmp: header.xmp,
      density: header.density?.oriented(by: header.orientation))
    file.pngChunks = header.pngChunks
    file.isLossy = header.isLossy
    if let count = header.frameCount { file.remarks.append(.firstFrame(of: count)) }
    if !isWhole { file.remarks.append(.incomplete) }
    return file
  }

  private static func checkSize(
    _ header: ImageHeader, _ options: ReadOptions
  ) throws(ImageFailure) {
    let (pixels, overflow) = header.height.multipliedReportingOverflow(by: header.width)
    // The second limit keeps the sizes in bytes, at most 8 a pixel, within an Int.
    guard !overflow, pixels <= options.maximumPixels, pixels <= Int.max / 16 else {
      throw .tooManyPixels(
        height: header.height, width: header.width, limit: options.maximumPixels)
    }
  }

  /// Everything before the image data, without reading that.
  private static func scanHeader(
    of file: RegularFile
  ) throws(ImageFailure) -> (format: ImageFormat, header: ImageHeader) {
    let start = try bytes(of: file, at: 0, count: headerBytes)
    guard let format = ImageFormat(firstBytes: start) else {
      throw .unrecognized(ForeignImageKind(firstBytes: start))
    }
    var header: ImageHeader
    do throws(ImageFailure) {
      header = try format.header(of: start)
    } catch {
      guard error == .truncatedHeader(format), file.size > start.count else { throw error }
      header = try format.header(of: try bytes(of: file, at: 0, count: longHeaderBytes))
    }
    try format.codec.findMetadata(&header) {
      (offset, count) throws(ImageFailure) in try bytes(of: file, at: offset, count: count)
    }
    return (format, header)
  }
}

private func open(_ url: URL) throws(ImageFailure) -> RegularFile {
  do throws(RegularFile.Failure) {
    return try RegularFile(url)
  } catch {
    throw .file(error)
  }
}

private func bytes(
  of file: RegularFile, at offset: Int, count: Int
) throws(ImageFailure) -> [UInt8] {
  do throws(RegularFile.Failure) {
    return try file.read(at: offset, count: count)
  } catch {
    throw .file(error)
  }
}

/// Adds the file's name to what keeps it from being read or written.
func naming<Result>(
  _ url: URL, _ body: () throws(ImageFailure) -> Result
) throws(FileError) -> Result {
  do throws(ImageFailure) {
    return try body()
  } catch {
    throw FileError(url: url, reason: error)
  }
}

/// How much of a file can belong to its image: four times what uncompressed pixels take, at most 16 bytes
/// for each, and everything that may stand in front of them. What follows, such as the rest of a sparse file of a terabyte, is not read.
/// Not for headers that `checkSize` refuses.
private func largestUsefulCount(of header: ImageHeader) -> Int {
  let bytesPerPixel = min(4 * header.channels * header.bitDepth / 8, 16)
  return min(header.height * header.width * bytesPerPixel, .max - longHeaderBytes) + longHeaderBytes
}

/// Enough for nearly every header.
private let headerBytes = 1 << 16

/// Enough for a header with large color profiles, thumbnails and comments.
private let longHeaderBytes = 256 << 20
