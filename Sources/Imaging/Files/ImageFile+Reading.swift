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
      try decode(openedSource(url), options: options)
    }
  }

  /// What the headers alone say; the image itself may still be broken. Of the options the limit on pixels and the
  /// meaning of pages count.
  package static func readLayout(
    from url: URL, options: ReadOptions = ReadOptions()
  ) throws(FileError) -> ImageLayout {
    try naming(url) { () throws(ImageFailure) in
      let (format, header) = try scanHeader(of: openedSource(url), options)
      try checkSize(header, options)
      return ImageLayout(header, format)
    }
  }

  /// The images of a file that are read one by one: its pages where the options say that each is an image.
  package static func places(
    in url: URL, options: ReadOptions = ReadOptions()
  ) throws(FileError) -> [ImagePlace] {
    guard options.pages == .images else { return [ImagePlace()] }
    let directories = try naming(url) { () throws(ImageFailure) in
      try TIFFPages(of: openedSource(url)).directories
    }
    let places = directories.enumerated().map { ImagePlace(number: $0.offset, offset: $0.element) }
    return places.isEmpty ? [ImagePlace()] : places
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
    var survey = FiniteSurvey()
    survey.add(stored)
    let finite = try survey.finiteRange(options).map(stored.clampingNonfinite) ?? stored
    let plain = header.tiff?.form.isAssociated == true ? finite.unpremultiplied() : finite
    var file = ImageFile(of: plain.oriented(by: header.orientation), header, format)
    file.addRemarks(clampedCount: survey.nonfiniteCount, isWhole: isWhole)
    return file
  }

  /// - Parameter image: upright.
  init(of image: Image, _ header: ImageHeader, _ format: ImageFormat) {
    self.init(
      image: image, format: format, exif: header.exif,
      iccProfile: header.iccProfile.flatMap { isKept($0) ? $0 : nil },
      gamma: header.gamma, renderingIntent: header.renderingIntent, xmp: header.xmp,
      density: header.density?.oriented(by: header.orientation))
    pngChunks = header.pngChunks
    isLossy = header.isLossy
    tiff = header.tiff?.oriented(by: header.orientation)
    hasRange = header.bitDepth < 32 || header.range != nil
    if let count = header.frameCount { remarks.append(.firstFrame(of: count)) }
    if let count = header.tiff?.pagesLeftOut { remarks.append(.firstPage(of: count + 1)) }
  }

  /// What became of the pixels.
  mutating func addRemarks(clampedCount: Int, isWhole: Bool) {
    if clampedCount > 0 { remarks.append(.clamped(clampedCount)) }
    if !isWhole { remarks.append(.incomplete) }
  }

  static func checkSize(
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
  static func scanHeader(
    of source: ByteSource, _ options: ReadOptions
  ) throws(ImageFailure) -> (format: ImageFormat, header: ImageHeader) {
    let start = try source.read(0, FileSignature.reach)
    guard let format = ImageFormat(firstBytes: start) else {
      throw .unrecognized(ForeignImageKind(firstBytes: start))
    }
    return (format, try format.codec.header(of: source, options))
  }
}

/// A file that is open for reading it.
func openedSource(_ url: URL) throws(ImageFailure) -> ByteSource {
  let file: RegularFile
  do throws(RegularFile.Failure) { file = try RegularFile(url) } catch { throw .file(error) }
  return try ByteSource(file).withBeginning(usualHeaderBytes)
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
