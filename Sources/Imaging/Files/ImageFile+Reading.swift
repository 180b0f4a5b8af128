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
      try decode(ByteSource(try open(url)), options: options)
    }
  }

  /// What the headers alone say; the image itself may still be broken. Of the options the limit on pixels and the
  /// meaning of pages count.
  package static func readLayout(
    from url: URL, options: ReadOptions = ReadOptions()
  ) throws(FileError) -> ImageLayout {
    try naming(url) { () throws(ImageFailure) in
      let (format, header) = try scanHeader(of: ByteSource(try open(url)), options)
      try checkSize(header, options)
      return ImageLayout(header, format)
    }
  }

  /// The same as `read` for a file in memory.
  static func decode(
    _ bytes: [UInt8], options: ReadOptions = ReadOptions()
  ) throws(ImageFailure) -> ImageFile {
    try decode(ByteSource(bytes), options: options)
  }

  private static func decode(
    _ source: ByteSource, options: ReadOptions
  ) throws(ImageFailure) -> ImageFile {
    let (format, header) = try scanHeader(of: source, options)
    try checkSize(header, options)
    let (stored, isWhole) = try format.decode(source, header, options)
    let (finite, clampedCount) = try checkedValues(of: stored, header, options)
    let plain = header.tiff?.form.isAssociated == true ? finite.unpremultiplied() : finite
    var file = ImageFile(
      image: plain.oriented(by: header.orientation), format: format, exif: header.exif,
      iccProfile: header.iccProfile.flatMap { isKept($0) ? $0 : nil },
      gamma: header.gamma, renderingIntent: header.renderingIntent, xmp: header.xmp,
      density: header.density?.oriented(by: header.orientation))
    file.pngChunks = header.pngChunks
    file.isLossy = header.isLossy
    file.tiff = header.tiff?.oriented(by: header.orientation)
    file.hasRange = header.bitDepth < 32 || header.range != nil
    if let count = header.frameCount { file.remarks.append(.firstFrame(of: count)) }
    if let count = header.tiff?.pagesLeftOut { file.remarks.append(.firstPage(of: count + 1)) }
    if clampedCount > 0 { file.remarks.append(.clamped(clampedCount)) }
    if !isWhole { file.remarks.append(.incomplete) }
    return file
  }

  /// The image without values that nothing can be computed with, and how many there were.
  private static func checkedValues(
    of image: Image, _ header: ImageHeader, _ options: ReadOptions
  ) throws(ImageFailure) -> (Image, Int) {
    guard case .float(let values) = image.samples else { return (image, 0) }
    let count = values.reduce(0) { $1.isFinite ? $0 : $0 + 1 }
    if count == 0 { return (image, 0) }
    guard options.acceptNonfinite, count < values.count else { throw .notFinite(count) }
    var (smallest, largest) = (Float.infinity, -Float.infinity)
    for value in values where value.isFinite {
      smallest = min(smallest, value)
      largest = max(largest, value)
    }
    let clamped = values.map { $0.isFinite ? $0 : $0 > 0 ? largest : smallest }
    let result = Image(
      height: image.height, width: image.width, channels: image.channels,
      samples: .float(clamped), hasAlpha: image.hasAlpha, range: header.range)
    return (result, count)
  }

  private static func checkSize(
    _ header: ImageHeader, _ options: ReadOptions
  ) throws(ImageFailure) {
    let (pixels, overflow) = header.height.multipliedReportingOverflow(by: header.width)
    // The second limit keeps the sizes in bytes, at most 4 a sample, within an Int.
    guard !overflow, pixels <= options.maximumPixels,
      pixels <= Int.max / max(16, 4 * header.channels)
    else {
      throw .tooManyPixels(
        height: header.height, width: header.width, limit: options.maximumPixels)
    }
  }

  /// Everything beside the image data, without reading that.
  private static func scanHeader(
    of source: ByteSource, _ options: ReadOptions
  ) throws(ImageFailure) -> (format: ImageFormat, header: ImageHeader) {
    let start = try source.read(0, FileSignature.reach)
    guard let format = ImageFormat(firstBytes: start) else {
      throw .unrecognized(ForeignImageKind(firstBytes: start))
    }
    return (format, try format.codec.header(of: source, options))
  }
}

private func open(_ url: URL) throws(ImageFailure) -> RegularFile {
  do throws(RegularFile.Failure) {
    return try RegularFile(url)
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
