import CCodec
import CTIFF
import Machine

/// TIFF files, through libtiff. With `TIFFContent`, the only file that talks to `CTIFF`.
enum TIFFCodec: ImageCodec {
  static let name = "TIFF"
  static let fileExtensions = ["tif", "tiff"]
  static let signatures = ["II*\0", "MM\0*", "II+\0", "MM\0+"].map { FileSignature($0) }
  static let holdsAnyChannels = true

  static func header(
    of source: ByteSource, _ options: ReadOptions
  ) throws(ImageFailure) -> ImageHeader {
    let metadata = try TIFFMetadata(of: source) ?? TIFFMetadata()
    if metadata.isCameraRaw { throw .unrecognized(.cameraRaw) }
    var (header, layout) = try page(0, of: source)
    header.exif = metadata.exif
    header.iccProfile = metadata.iccProfile
    header.xmp = metadata.xmp
    header.density = metadata.density
    header.statedOrientation = Orientation(rawValue: Int(layout.orientation))
    let form = TIFFForm(layout.form)
    header.range = form.sampleType.range
    var content = TIFFContent(form: form, tags: metadata.tags, pageChannels: [header.channels])
    let pageCount = Int(layout.page_count)
    if pageCount > 1, options.pages == .channels {
      try join(&header, &content, pageCount, source)
    } else if pageCount > 1 {
      content.pagesLeftOut = pageCount - 1
    }
    header.tiff = content
    return header
  }

  /// Adds the channels of the other pages to those of the first.
  private static func join(
    _ header: inout ImageHeader, _ content: inout TIFFContent, _ pageCount: Int,
    _ source: ByteSource
  ) throws(ImageFailure) {
    func refusal(_ words: String) -> ImageFailure { .damaged(format, words) }
    guard pageCount <= Image.mostChannels else {
      throw refusal(
        "\(pageCount) pages are more channels than the \(Image.mostChannels) there can be")
    }
    guard header.hasAlpha == false else { throw refusal("pages with alpha cannot be channels") }
    for number in 1..<pageCount {
      let (other, layout) = try page(number, of: source)
      guard other.height == header.height, other.width == header.width,
        TIFFForm(layout.form).sampleType == content.form.sampleType, other.hasAlpha == false
      else {
        throw refusal("page \(number + 1) differs from the first, so that they cannot be channels")
      }
      content.pageChannels.append(other.channels)
    }
    header.channels = content.pageChannels.reduce(0, +)
    guard header.channels <= Image.mostChannels else {
      throw refusal(
        "\(header.channels) channels are more than the \(Image.mostChannels) there can be")
    }
    content.form.isColor = false
  }

  private static func page(
    _ number: Int, of source: ByteSource
  ) throws(ImageFailure) -> (ImageHeader, ctiff_layout) {
    var header = codec_header()
    var layout = ctiff_layout()
    defer { codec_header_release(&header) }
    try reading(source) { input, message in
      ctiff_read_header(&input, UInt32(number), &header, &layout, message)
    }
    var result = ImageHeader(header)
    result.hasAlpha = layout.has_alpha != 0
    return (result, layout)
  }

  static func decode(
    _ source: ByteSource, _ header: ImageHeader, _ options: ReadOptions,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ImageFailure) -> Bool {
    let pages = header.tiff?.pageChannels ?? []
    guard pages.count > 1 else {
      return try decode(page: 0, source, header, options, into: target)
    }
    let sampleBytes = header.bitDepth / 8
    let pixelBytes = header.channels * sampleBytes
    let pixelCount = header.height * header.width
    var isWhole = true
    var first = 0
    for (number, channels) in pages.enumerated() {
      let bytes = channels * sampleBytes
      guard memoryIsAvailable(byteCount: pixelCount * bytes) else {
        throw .outOfMemory(height: header.height, width: header.width)
      }
      let page = UnsafeMutableRawBufferPointer.allocate(byteCount: pixelCount * bytes, alignment: 8)
      defer { page.deallocate() }
      isWhole = try decode(page: number, source, header, options, into: page) && isWhole
      for pixel in 0..<pixelCount {
        (target.baseAddress! + pixel * pixelBytes + first).copyMemory(
          from: page.baseAddress! + pixel * bytes, byteCount: bytes)
      }
      first += bytes
    }
    return isWhole
  }

  private static func decode(
    page: Int, _ source: ByteSource, _ header: ImageHeader, _ options: ReadOptions,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ImageFailure) -> Bool {
    try reading(source, height: header.height, width: header.width) { input, message in
      ctiff_decode(
        &input, UInt32(page), options.acceptTruncated ? 1 : 0, target.baseAddress, target.count,
        message)
    }
  }

  /// Calls the shim with a source that it reads from.
  @discardableResult
  private static func reading(
    _ source: ByteSource, height: Int = 0, width: Int = 0,
    _ call: (inout ctiff_input, UnsafeMutablePointer<CChar>) -> codec_status
  ) throws(ImageFailure) -> Bool {
    let lent = LentSource(source)
    var input = ctiff_input(
      read: { context, offset, buffer, count in
        guard let context, let buffer else { return 0 }
        return Unmanaged<LentSource>.fromOpaque(context).takeUnretainedValue()
          .read(offset, UnsafeMutableRawBufferPointer(start: buffer, count: count))
      },
      context: Unmanaged.passUnretained(lent).toOpaque(), size: UInt64(source.size))
    defer { withExtendedLifetime(lent) {} }
    do throws(ShimFailure) {
      return try attempt { call(&input, $0) }
    } catch {
      // Why the file cannot be read says more than that it could not.
      if let failure = lent.failure { throw failure }
      throw format.reason(error, height: height, width: width)
    }
  }

  /// Premultiplied where the file is.
  static func encodable(_ file: ImageFile, _ options: WriteOptions) -> Image {
    form(of: file).isAssociated ? file.image.premultiplied() : file.image
  }

  /// The file's own form, or the usual one, with the type of samples that the image has.
  private static func form(of file: ImageFile) -> TIFFForm {
    var form = file.tiff?.form ?? TIFFForm(predictor: file.image.bitDepth == 32 ? 3 : 2)
    let type = form.sampleType
    if type.bitDepth != file.image.bitDepth || !type.holds(file.image.range) {
      form.sampleType = SampleType(ofDepth: file.image.bitDepth)
    }
    return form
  }

  static func encode(
    _ source: codec_source, _ file: ImageFile, _ options: WriteOptions,
    _ bytes: inout UnsafeMutablePointer<UInt8>?, _ count: inout Int,
    _ message: UnsafeMutablePointer<CChar>
  ) -> codec_status {
    let page = ctiff_page(
      source: source, form: form(of: file).codecValue, has_alpha: file.image.hasAlpha ? 1 : 0)
    return withUnsafePointer(to: page) { ctiff_encode($0, 1, &bytes, &count, message) }
  }

  static func completed(
    _ bytes: [UInt8], _ file: ImageFile, exif: [UInt8]?, _ options: WriteOptions
  ) throws(ImageFailure) -> [UInt8] {
    try TIFFMetadata.adding(
      options.keepsMetadata ? file.tiff?.tags ?? [] : [], exif: exif, to: bytes)
  }
}

/// A source while libtiff reads it.
private final class LentSource {
  private let source: ByteSource
  /// Why something could not be read.
  private(set) var failure: ImageFailure?

  init(_ source: ByteSource) { self.source = source }

  func read(_ offset: UInt64, _ target: UnsafeMutableRawBufferPointer) -> Int {
    guard let start = Int(exactly: offset) else { return 0 }
    do throws(ImageFailure) {
      let bytes = try source.read(start, target.count)
      target.copyBytes(from: bytes)
      return bytes.count
    } catch {
      failure = error
      return 0
    }
  }
}

extension ImageFormat {
  package static let tiff = ImageFormat(TIFFCodec.self)
}
