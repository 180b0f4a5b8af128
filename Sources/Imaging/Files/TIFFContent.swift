import CTIFF

/// How a TIFF file stores an image, as far as another file can do the same.
struct TIFFForm: Sendable, Equatable {
  var sampleType = SampleType(.unsigned, bits: 8)
  /// TIFF's number; 8 is Deflate.
  var compression = 8
  /// 2 stores differences of neighbors, which makes images smaller, 3 does the same for floats.
  var predictor = 2
  /// nil in strips.
  var tile: (height: Int, width: Int)?
  /// 0 leaves it to libtiff.
  var rowsPerStrip = 0
  /// One plane for each channel.
  var isPlanar = false
  /// Whether more than three channels begin with red, green and blue.
  var isColor = false
  /// Whether colors are stored multiplied by alpha.
  var isAssociated = false
  var isBigEndian = false

  static func == (left: TIFFForm, right: TIFFForm) -> Bool {
    left.sampleType == right.sampleType && left.compression == right.compression
      && left.predictor == right.predictor && left.tile?.height == right.tile?.height
      && left.tile?.width == right.tile?.width && left.rowsPerStrip == right.rowsPerStrip
      && left.isPlanar == right.isPlanar && left.isColor == right.isColor
      && left.isAssociated == right.isAssociated && left.isBigEndian == right.isBigEndian
  }
}

extension TIFFForm {
  init(_ form: ctiff_form) {
    sampleType = SampleType(
      SampleType.Kind(rawValue: UInt32(form.kind.rawValue)) ?? .unsigned, bits: Int(form.bits))
    compression = Int(form.compression)
    predictor = Int(form.predictor)
    if form.tile_width > 0, form.tile_height > 0 {
      tile = (Int(form.tile_height), Int(form.tile_width))
    }
    rowsPerStrip = Int(form.rows_per_strip)
    isPlanar = form.is_planar != 0
    isColor = form.is_color != 0
    isAssociated = form.is_associated != 0
    isBigEndian = form.is_big_endian != 0
  }

  var codecValue: ctiff_form {
    ctiff_form(
      kind: ctiff_sample_kind(rawValue: .init(sampleType.kind.rawValue)),
      bits: UInt32(sampleType.bits), compression: UInt32(compression),
      predictor: UInt32(predictor), tile_height: UInt32(tile?.height ?? 0),
      tile_width: UInt32(tile?.width ?? 0), rows_per_strip: UInt32(rowsPerStrip),
      is_planar: isPlanar ? 1 : 0, is_color: isColor ? 1 : 0,
      is_associated: isAssociated ? 1 : 0, is_big_endian: isBigEndian ? 1 : 0)
  }
}

/// Where a page stands in the file that is written.
struct TIFFPlace: Sendable, Equatable {
  var number = 0
  /// Of all pages.
  var count = 1
  /// In bytes; 0 for the first page.
  var start = 0
  /// In a BigTIFF file.
  var isBig = false

  /// Offsets of other files end at 4 GiB; compression may make a file larger than its pixels.
  static func needsBigFile(pixelBytes: Int) -> Bool { pixelBytes > 3_500_000_000 }
}

/// What a TIFF file says that other formats cannot.
package struct TIFFContent: Sendable, Equatable {
  var form = TIFFForm()
  /// Those of the page that stay what they are.
  var tags: [TIFFEntry] = []
  /// A page of a file that is read.
  struct Page: Sendable, Equatable {
    /// Its offset; nil for the first one.
    let directory: Int?
    let channels: Int
  }

  /// Those that are decoded.
  var pages: [Page] = []
  /// Pages that are not; nil for none.
  var pagesLeftOut: Int?
  /// Where it is written to.
  var place = TIFFPlace()

  package var sampleType: SampleType {
    get { form.sampleType }
    set { form.sampleType = newValue }
  }

  /// Of the upright image. A turned one has its georeference no more, which counts stored rows and columns.
  func oriented(by orientation: Orientation) -> TIFFContent {
    if orientation == .upright { return self }
    var result = withoutGeoreference()
    guard orientation.swapsAxes else { return result }
    result.tags = result.tags.map { entry in
      let swapped = [282: 283, 283: 282]
      return TIFFEntry(
        tag: swapped[entry.tag] ?? entry.tag, type: entry.type, values: entry.values)
    }
    return result
  }

  /// Of an image of another size.
  package func withoutGeoreference() -> TIFFContent {
    var result = self
    result.tags.removeAll { TIFFMetadata.georeference.contains($0.tag) }
    return result
  }
}

extension ImageFile {
  /// What the file's samples are.
  package var sampleType: SampleType { tiff?.sampleType ?? SampleType(ofDepth: image.bitDepth) }

  /// Where the image is written as a TIFF, its samples have this type.
  package mutating func storeInTIFF(as type: SampleType) {
    var content = tiff ?? TIFFContent(form: TIFFForm(predictor: type.kind == .float ? 3 : 2))
    content.sampleType = type
    tiff = content
  }

  /// How it is written as a TIFF: as it was stored in one, or in the usual way.
  var tiffContent: TIFFContent {
    tiff ?? TIFFContent(form: TIFFForm(predictor: image.bitDepth == 32 ? 3 : 2))
  }
}
