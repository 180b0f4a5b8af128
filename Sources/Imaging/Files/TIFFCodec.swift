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
    // A file may have so many pages that they are not looked for again and again.
    let pages: [Int]
    if options.pages == .images, let known = options.place.offset {
      pages = [known]
    } else {
      pages = try TIFFPages(of: source).directories
    }
    let place = pages.first
    let metadata = try TIFFMetadata(of: source, directory: place) ?? TIFFMetadata()
    if metadata.isCameraRaw { throw .unrecognized(.cameraRaw) }
    var (header, layout) = try page(at: place, of: source)
    header.exif = metadata.exif
    header.iccProfile = metadata.iccProfile
    header.xmp = metadata.xmp
    header.density = metadata.density
    header.statedOrientation = Orientation(rawValue: Int(layout.orientation))
    let form = TIFFForm(layout.form)
    header.range = form.sampleType.range
    var content = TIFFContent(
      form: form, tags: metadata.tags,
      pages: [TIFFContent.Page(directory: place, channels: header.channels)])
    if pages.count > 1 {
      switch options.pages {
      case .first: content.pagesLeftOut = pages.count - 1
      case .channels: try join(&header, &content, pages, source)
      case .images: header.imageCount = pages.count
      }
    }
    header.tiff = content
    return header
  }

  /// Adds the channels of the other pages to those of the first.
  private static func join(
    _ header: inout ImageHeader, _ content: inout TIFFContent, _ pages: [Int],
    _ source: ByteSource
  ) throws(ImageFailure) {
    func refusal(_ words: String) -> ImageFailure { .damaged(format, words) }
    guard pages.count <= Image.mostChannels else {
      throw refusal(
        "\(pages.count) pages are more channels than the \(Image.mostChannels) there can be")
    }
    guard header.hasAlpha == false else { throw refusal("pages with alpha cannot be channels") }
    for (number, place) in pages.enumerated().dropFirst() {
      let (other, layout) = try page(at: place, of: source)
      guard other.height == header.height, other.width == header.width,
        TIFFForm(layout.form).sampleType == content.form.sampleType, other.hasAlpha == false
      else {
        throw refusal("page \(number + 1) differs from the first, so that they cannot be channels")
      }
      content.pages.append(TIFFContent.Page(directory: place, channels: other.channels))
    }
    header.channels = content.pages.reduce(0) { $0 + $1.channels }
    guard header.channels <= Image.mostChannels else {
      throw refusal(
        "\(header.channels) channels are more than the \(Image.mostChannels) there can be")
    }
    content.form.isColor = false
  }

  /// - Parameter directory: nil for the first one.
  private static func page(
    at directory: Int?, of source: ByteSource
  ) throws(ImageFailure) -> (ImageHeader, ctiff_layout) {
    var header = codec_header()
    var layout = ctiff_layout()
    defer { codec_header_release(&header) }
    try reading(source) { input, message in
      ctiff_read_header(&input, UInt64(directory ?? 0), &header, &layout, message)
    }
    var result = ImageHeader(header)
    result.hasAlpha = layout.has_alpha != 0
    return (result, layout)
  }

  static func decode(
    _ source: ByteSource, _ header: ImageHeader, _ options: ReadOptions,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ImageFailure) -> Bool {
    let pages = header.tiff?.pages ?? []
    guard pages.count > 1 else {
      return try decode(at: pages.first?.directory, source, header, options, into: target)
    }
    let sampleBytes = header.bitDepth / 8
    let pixelBytes = header.channels * sampleBytes
    let pixelCount = header.height * header.width
    var isWhole = true
    var first = 0
    for stored in pages {
      let bytes = stored.channels * sampleBytes
      guard memoryIsAvailable(byteCount: pixelCount * bytes) else {
        throw .outOfMemory(height: header.height, width: header.width)
      }
      let page = UnsafeMutableRawBufferPointer.allocate(byteCount: pixelCount * bytes, alignment: 8)
      defer { page.deallocate() }
      isWhole =
        try decode(at: stored.directory, source, header, options, into: page) && isWhole
      for pixel in 0..<pixelCount {
        (target.baseAddress! + pixel * pixelBytes + first).copyMemory(
          from: page.baseAddress! + pixel * bytes, byteCount: bytes)
      }
      first += bytes
    }
    return isWhole
  }

  private static func decode(
    at directory: Int?, _ source: ByteSource, _ header: ImageHeader, _ options: ReadOptions,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ImageFailure) -> Bool {
    try reading(source, height: header.height, width: header.width) { input, message in
      ctiff_decode(
        &input, UInt64(directory ?? 0), options.acceptTruncated ? 1 : 0, target.baseAddress,
        target.count, message)
    }
  }

  /// Calls the shim with a source that it reads from.
  @discardableResult
  private static func reading(
    _ source: ByteSource, height: Int = 0, width: Int = 0,
    _ call: (inout ctiff_input, UnsafeMutablePointer<CChar>) -> codec_status
  ) throws(ImageFailure) -> Bool {
    let lent = LentSource(source)
    var input = lent.input
    defer { withExtendedLifetime(lent) {} }
    do throws(ShimFailure) {
      return try attempt { call(&input, $0) }
    } catch {
      throw lent.takeFailure() ?? format.reason(error, height: height, width: width)
    }
  }

  static func blocks(
    of source: ByteSource, _ header: ImageHeader
  ) throws(ImageFailure) -> (any ImageBlocks)? {
    guard let pages = header.tiff?.pages, let page = pages.first, pages.count == 1 else {
      return nil
    }
    return try TIFFBlocks(source, page)
  }

  /// Premultiplied where the file is.
  static func encodable(_ file: ImageFile, _ options: WriteOptions) -> Image {
    form(of: file).isAssociated ? file.image.premultiplied() : file.image
  }

  /// The file's own form, or the usual one, with the type of samples that the image has.
  ///
  /// - Parameter exif: of a file of another format, whose byte order is as good as any.
  private static func form(of file: ImageFile, exif: [UInt8]? = nil) -> TIFFForm {
    var form = file.tiffContent.form
    if file.tiff == nil, let exif {
      form.isBigEndian = TIFFNotation(firstBytes: exif)?.isBigEndian ?? form.isBigEndian
    }
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
    let exif = Array(UnsafeBufferPointer(start: source.exif, count: source.exif_count))
    let form = form(of: file, exif: exif)
    let place = file.tiffContent.place
    let pixelBytes =
      file.image.height * file.image.width * file.image.channels * ((form.sampleType.bits + 7) / 8)
    let isBig = place.isBig || TIFFPlace.needsBigFile(pixelBytes: pixelBytes)
    let inFront = bytesInFront(exif, form, place, isBig: isBig)
    let page = ctiff_page(
      source: source, form: form.codecValue, has_alpha: file.image.hasAlpha ? 1 : 0,
      is_big: isBig ? 1 : 0, number: UInt32(place.number), count: UInt32(place.count),
      start: UInt64(max(place.start, inFront)))
    return withUnsafePointer(to: page) { ctiff_encode($0, &bytes, &count, message) }
  }

  /// How many of the file's first bytes the EXIF block takes; 0 where it is taken apart.
  private static func bytesInFront(
    _ exif: [UInt8]?, _ form: TIFFForm, _ place: TIFFPlace, isBig: Bool
  ) -> Int {
    if isBig || place.start > 0 { return 0 }
    return (try? TIFFMetadata.bytesInFront(exif: exif, isBigEndian: form.isBigEndian)) ?? 0
  }

  static func completed(
    _ bytes: [UInt8], _ file: ImageFile, exif: [UInt8]?, _ options: WriteOptions
  ) throws(ImageFailure) -> [UInt8] {
    let place = file.tiffContent.place
    let tags = options.keepsMetadata ? file.tiff?.tags ?? [] : []
    let isBig = TIFFNotation(firstBytes: bytes)?.isBig == true
    let inFront = bytesInFront(exif, form(of: file, exif: exif), place, isBig: isBig)
    guard let exif, inFront > 0 else {
      return try TIFFMetadata.adding(tags, exif: exif, to: bytes, start: place.start)
    }
    var whole = Array(bytes[..<8])
    whole += exif[8...]
    whole += [UInt8](repeating: 0, count: inFront - exif.count)
    whole += bytes[8...]
    return try TIFFMetadata.adding(tags, exif: exif, to: whole, keepsPlace: true)
  }
}

/// A page that is open for decoding it in parts.
private final class TIFFBlocks: ImageBlocks {
  let blockHeight: Int
  let blockWidth: Int
  private let lent: LentSource
  /// Stays where it is while libtiff reads.
  private let input: UnsafeMutablePointer<ctiff_input>
  private let parts: OpaquePointer

  /// nil where the page is decoded only as a whole.
  init?(_ source: ByteSource, _ page: TIFFContent.Page) throws(ImageFailure) {
    let lent = LentSource(source)
    let input = UnsafeMutablePointer<ctiff_input>.allocate(capacity: 1)
    input.initialize(to: lent.input)
    var parts: OpaquePointer?
    var (height, width): (UInt32, UInt32) = (0, 0)
    (self.lent, self.input) = (lent, input)
    do throws(ShimFailure) {
      try attempt {
        ctiff_open_parts(input, UInt64(page.directory ?? 0), &parts, &height, &width, $0)
      }
    } catch {
      input.deallocate()
      throw lent.takeFailure() ?? TIFFCodec.format.reason(error, height: 0, width: 0)
    }
    guard let parts else {
      input.deallocate()
      return nil
    }
    (blockHeight, blockWidth) = (Int(height), Int(width))
    self.parts = parts
  }

  deinit {
    ctiff_close_parts(parts)
    input.deallocate()
  }

  func decode(
    rows: Range<Int>, columns: Range<Int>, acceptingDamage: Bool,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ImageFailure) -> Bool {
    do throws(ShimFailure) {
      return try attempt {
        ctiff_decode_part(
          parts, UInt32(rows.lowerBound), UInt32(columns.lowerBound), UInt32(rows.count),
          UInt32(columns.count), acceptingDamage ? 1 : 0, target.baseAddress, target.count, $0)
      }
    } catch {
      throw lent.takeFailure()
        ?? TIFFCodec.format.reason(error, height: rows.count, width: columns.count)
    }
  }
}

/// A source while libtiff reads it.
private final class LentSource {
  private let source: ByteSource
  /// Why something could not be read.
  private var failure: ImageFailure?

  init(_ source: ByteSource) { self.source = source }

  /// For the shim, while this is there.
  var input: ctiff_input {
    ctiff_input(
      read: { context, offset, buffer, count in
        guard let context, let buffer else { return 0 }
        return Unmanaged<LentSource>.fromOpaque(context).takeUnretainedValue()
          .read(offset, UnsafeMutableRawBufferPointer(start: buffer, count: count))
      },
      context: Unmanaged.passUnretained(self).toOpaque(), size: UInt64(source.size))
  }

  /// Why something could not be read, which says more than that it could not.
  func takeFailure() -> ImageFailure? {
    defer { failure = nil }
    return failure
  }

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
