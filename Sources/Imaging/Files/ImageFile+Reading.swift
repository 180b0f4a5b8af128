import Foundation

extension ImageFile {
  /// Reads a JPEG or PNG file; its content decides which, not its name.
  ///
  /// JPEG gives 1 or 3 channels of 8 bits (CMYK is converted to RGB as Pillow does); PNG gives 1 to
  /// 4 channels of 8 or 16 bits (palettes and 1, 2 and 4 bits are expanded, transparent colors
  /// become alpha). The size is checked before memory is asked for. Throws for whatever keeps the whole
  /// image from being read.
  package static func read(
    from url: URL, options: ReadOptions = ReadOptions()
  ) throws(ImageFileError) -> ImageFile {
    do throws(ImageFileError.Reason) {
      let file = try RegularFile(url)
      let (format, header) = try scanHeader(of: file)
      try checkSize(header, options)
      let bytes = try file.read(at: 0, count: largestUsefulCount(of: header))
      return try decode(bytes, format, header, options)
    } catch {
      throw ImageFileError(url: url, reason: error)
    }
  }

  /// The upright image's size and its channels, from the headers alone; the image itself may still be
  /// broken. Of the options only the limit on pixels counts.
  package static func readLayout(
    from url: URL, options: ReadOptions = ReadOptions()
  ) throws(ImageFileError) -> (height: Int, width: Int, channels: Int) {
    do throws(ImageFileError.Reason) {
      let header = try scanHeader(of: try RegularFile(url)).header
      try checkSize(header, options)
      return header.orientation.swapsAxes
        ? (header.width, header.height, header.channels)
        : (header.height, header.width, header.channels)
    } catch {
      throw ImageFileError(url: url, reason: error)
    }
  }

  /// The same as `read` for a file in memory.
  static func decode(
    _ bytes: [UInt8], options: ReadOptions = ReadOptions()
  ) throws(ImageFileError.Reason) -> ImageFile {
    guard let format = ImageFormat(firstBytes: bytes) else { throw .unrecognized }
    var header = try header(of: bytes, format)
    if format == .png {
      header.exif = try pngExif { (offset, count) throws(ImageFileError.Reason) in
        Array(bytes.dropFirst(offset).prefix(count))
      }
    }
    try checkSize(header, options)
    return try decode(bytes, format, header, options)
  }

  private static func decode(
    _ bytes: [UInt8], _ format: ImageFormat, _ header: ImageHeader, _ options: ReadOptions
  ) throws(ImageFileError.Reason) -> ImageFile {
    let stored =
      switch format {
      case .jpeg: try decodeJPEG(bytes, header, options)
      case .png:
        try PNGCodec.decode(bytes, header: header, acceptTruncated: options.acceptTruncated)
      }
    return ImageFile(
      image: stored.oriented(by: header.orientation), format: format, exif: header.exif,
      iccProfile: header.iccProfile.flatMap {
        Imaging.iccProfile($0, fitsChannels: header.channels) ? $0 : nil
      },
      gamma: header.gamma, renderingIntent: header.renderingIntent)
  }

  private static func checkSize(
    _ header: ImageHeader, _ options: ReadOptions
  ) throws(ImageFileError.Reason) {
    let (pixels, overflow) = header.height.multipliedReportingOverflow(by: header.width)
    // The second limit keeps the sizes in bytes, at most 8 a pixel, within an Int.
    guard !overflow, pixels <= options.maximumPixels, pixels <= Int.max / 16 else {
      throw .tooManyPixels(
        height: header.height, width: header.width, limit: options.maximumPixels)
    }
  }

  private static func decodeJPEG(
    _ bytes: [UInt8], _ header: ImageHeader, _ options: ReadOptions
  ) throws(ImageFileError.Reason) -> Image {
    var eighths = 8
    if options.minimumHeight != nil || options.minimumWidth != nil {
      let (height, width) = (options.minimumHeight ?? 1, options.minimumWidth ?? 1)
      let swaps = header.orientation.swapsAxes
      eighths = JPEGCodec.eighths(
        for: header, minimumHeight: swaps ? width : height, minimumWidth: swaps ? height : width)
    }
    return try JPEGCodec.decode(
      bytes, header: header, eighths: eighths, acceptTruncated: options.acceptTruncated)
  }

  private static func header(
    of bytes: [UInt8], _ format: ImageFormat
  ) throws(ImageFileError.Reason) -> ImageHeader {
    switch format {
    case .jpeg: try JPEGCodec.header(of: bytes)
    case .png: try PNGCodec.header(of: bytes)
    }
  }

  /// Everything before the image data, without reading that.
  private static func scanHeader(
    of file: RegularFile
  ) throws(ImageFileError.Reason) -> (format: ImageFormat, header: ImageHeader) {
    let start = try file.read(at: 0, count: headerBytes)
    guard let format = ImageFormat(firstBytes: start) else { throw .unrecognized }
    var header: ImageHeader
    do throws(ImageFileError.Reason) {
      header = try self.header(of: start, format)
    } catch {
      let isCut = error == .truncatedHeader(format) || error == .truncated(format)
      guard isCut, file.size > start.count else { throw error }
      header = try self.header(of: try file.read(at: 0, count: longHeaderBytes), format)
    }
    if format == .png { header.exif = try pngExif(read: file.read(at:count:)) }
    return (format, header)
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
