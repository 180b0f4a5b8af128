import Foundation
import TestSupport
import Testing

@testable import Imaging

/// A TIFF file written again: the same samples, in the same form.
struct TIFFWritingTests {
  private func read(_ name: String) throws -> ImageFile {
    try ImageFile.read(from: TIFFFixture.url(name))
  }

  private func form(_ file: ImageFile) throws -> TIFFForm { try #require(file.tiff).form }

  /// Those whose form another file can have: what loses something, is converted or turned is not among them.
  private static let kept = TIFFReadingTests.names.filter { name in
    !["jpeg", "ccitt", "orientation", "exif", "white-is-zero", "float-24", "alpha-associated"]
      .contains { name.hasPrefix($0) }
  }

  @Test(arguments: kept) func samplesAndFormAreThoseOfTheInput(name: String) throws {
    let file = try read(name)
    let again = try ImageFile.decode(file.encoded())
    #expect(again.image == file.image)
    #expect(try form(again) == form(file))
  }

  /// 150 under an alpha of 100 is stored as 59 and read as 150; 59 * 255 / 100 = 150.45.
  @Test func associatedAlphaStaysAssociated() throws {
    var file = try read("alpha-associated")
    file.image = Image(height: 1, width: 1, channels: 4, pixels: [150, 0, 255, 100])
    let again = try ImageFile.decode(file.encoded())
    #expect(again.image == file.image)
    #expect(try form(again).isAssociated)
  }

  /// JPEG within TIFF and CCITT become Deflate.
  @Test(arguments: ["jpeg-rgb", "jpeg-gray", "ccitt-g4"]) func lossBecomesDeflate(name: String)
    throws
  {
    let file = try read(name)
    let again = try ImageFile.decode(file.encoded())
    #expect(again.image == file.image)
    #expect(try form(again).compression == 8)
  }

  /// What comes from a PNG gets Deflate with differences.
  @Test(arguments: [1, 2, 3, 4], [8, 16, 32]) func imagesOfOtherFilesAreWritten(
    channels: Int, depth: Int
  ) throws {
    var image = makeImage(4, height: 9, width: 7, channels: channels)
    image = depth == 32 ? image.inFloats() : image.withBitDepth(depth)
    let again = try ImageFile.decode(ImageFile(image: image, format: .tiff).encoded())
    #expect(again.image.samples == image.samples && again.image.hasAlpha == image.hasAlpha)
    #expect(try form(again).compression == 8 && form(again).predictor == (depth == 32 ? 3 : 2))
  }

  /// Values beyond 12 bits need 16.
  @Test func aTypeThatIsTooSmallGivesWay() throws {
    var file = try read("unsigned-12")
    #expect(try form(ImageFile.decode(file.encoded())).sampleType.bits == 12)
    file.image = Image(height: 1, width: 2, channels: 1, samples: .sixteenBit([5000, 65535]))
    let again = try ImageFile.decode(file.encoded())
    #expect(try form(again).sampleType == SampleType(.unsigned, bits: 16))
    #expect(again.image == file.image)
  }

  /// The seven tags of GeoTIFF and GDAL's, byte for byte, and the resolution as a fraction.
  @Test func georeferenceIsCarriedOver() throws {
    let file = try read("georeference")
    let tags = try #require(file.tiff).tags
    #expect(tags.map(\.tag) == [282, 283, 296, 33550, 33922, 34735, 34737, 42113])
    #expect(tags.last?.values == Array("-9999\0".utf8))
    let again = try ImageFile.decode(file.encoded())
    #expect(again.tiff?.tags == tags)
    #expect(again.xmp == file.xmp && again.exif == file.exif)
    #expect(try form(again).isBigEndian)
    var options = WriteOptions()
    options.keepsMetadata = false
    let stripped = try ImageFile.decode(file.encoded(options: options))
    #expect(stripped.tiff?.tags == [] && stripped.exif == nil && stripped.xmp == nil)
  }

  /// EXIF goes from a JPEG into a TIFF and back.
  @Test func exifGoesBothWays() throws {
    var file = try read("exif")
    let exif = try #require(file.exif)
    #expect(try ImageFile.decode(file.encoded()).exif == exif)
    file.format = .jpeg
    var jpeg = try ImageFile.decode(file.encoded())
    #expect(jpeg.exif == exif)
    jpeg.format = .tiff
    #expect(try ImageFile.decode(jpeg.encoded()).exif == exif)
  }

  /// A camera's own data stands at 100 of the block and has an offset in it: its text is at 108, whatever file it is
  /// in.
  @Test(arguments: [false, true]) func camerasDataStayWhereTheirOffsetsLead(isBigEndian: Bool)
    throws
  {
    let start: [UInt8] =
      isBigEndian ? [0x4D, 0x4D, 0, 42, 0, 0, 0, 8] : [0x49, 0x49, 42, 0, 8, 0, 0, 0]
    let notation = try #require(TIFFNotation(firstBytes: start))
    let note = notation.bytes(108, count: 4) + [0, 0, 0, 0] + Array("the text".utf8)
    var entry = TIFFEntry(tag: 37500, type: 7, values: note)
    entry.place = 100
    let maker = TIFFEntry(tag: 271, type: 2, values: Array("A maker\0".utf8))
    let main = notation.directory([maker, TIFFEntry(tag: 34665, long: 60)], at: 8, next: 0)
    var block = start + main
    block += [UInt8](repeating: 0, count: 60 - block.count)
    block += notation.directory([entry], at: 60, next: 0)
    block += [UInt8](repeating: 0, count: 100 - block.count) + note
    var file = ImageFile(
      image: Image(height: 2, width: 3, channels: 1, pixels: [1, 2, 3, 4, 5, 6]), format: .tiff,
      exif: block)
    for _ in 0..<2 {
      let bytes = try file.encoded()
      #expect(Array(bytes.dropFirst(100).prefix(16)) == note)
      var directories = try #require(try TIFFDirectories(ByteSource(bytes)))
      #expect(directories.notation == notation)
      let first = try #require(try directories.first())
      let entries = try directories.read(at: first) { _ in true }.entries
      #expect(entries.contains { $0.tag == 271 })
      let below = try #require(entries.first { $0.tag == 34665 }?.number())
      #expect(try directories.read(at: below) { $0 == 37500 }.entries.map(\.place) == [100])
      let again = try ImageFile.decode(bytes)
      #expect(again.image == file.image)
      // A TIFF's block goes into other files, and back.
      let exif = try #require(again.exif)
      #expect(Array(exif.dropFirst(100).prefix(16)) == note)
      file = again
    }
  }

  @Test(arguments: [ImageFormat.png, .jpeg, .webp]) func manyChannelsGoIntoATIFFOnly(
    format: ImageFormat
  ) throws {
    var file = try read("channels-64")
    file.format = format
    #expect(throws: ImageFailure.tooManyChannels(format, 64)) { try file.encoded() }
  }

  /// Black and white of 12 bits and of floats are those of the PNG.
  @Test func aPNGHasTheWholeRange() throws {
    var file = try read("unsigned-12")
    file.image = Image(
      height: 1, width: 3, channels: 1, samples: .sixteenBit([0, 1365, 4095]),
      range: ValueRange(0, 4095))
    file.format = .png
    let expected = Image(
      height: 1, width: 3, channels: 1, samples: .sixteenBit([0, 21845, 65535]))
    #expect(try ImageFile.decode(file.encoded()).image == expected)
    file.image = Image(
      height: 1, width: 3, channels: 1, samples: .float([-1, 0, 2]), range: ValueRange(-1, 2))
    #expect(try ImageFile.decode(file.encoded()).image == expected)
  }

  /// tifffile puts the directory first: the strips that are there are taken.
  @Test func cutFilesAreTakenOnRequest() throws {
    let whole = try read("rgb-bigtiff-big").image
    let bytes = Array(try TIFFFixture.bytes("rgb-bigtiff-big").dropLast(whole.width * 6 * 4 + 1))
    #expect(throws: ImageFailure.truncated(.tiff)) { try ImageFile.decode(bytes) }
    var options = ReadOptions()
    options.acceptTruncated = true
    let cut = try ImageFile.decode(bytes, options: options)
    #expect(cut.remarks == [.incomplete])
    // Strips of 5 rows: of 19 rows the last strip has 4.
    let rows = 15
    func top(_ image: Image) -> Image {
      image.cropped(top: 0, left: 0, height: rows - 5, width: whole.width)
    }
    #expect(top(cut.image) == top(whole))
    #expect(cut.image != whole)
  }
}
