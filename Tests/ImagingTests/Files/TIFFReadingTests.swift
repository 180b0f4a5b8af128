import Files
import Foundation
import TestSupport
import Testing

@testable import Imaging

/// TIFF files, which make_tiff.py wrote, against the arrays that went into them.
struct TIFFReadingTests {
  /// Files that lose nothing, or are decoded by one library here and there.
  static let names = [
    "uint8", "uint16", "int8", "int16", "int16-big", "int32", "uint32", "float16", "float32",
    "float32-big", "float64", "float-24", "unsigned-1", "unsigned-2", "unsigned-4", "unsigned-6",
    "unsigned-10", "unsigned-12", "unsigned-14", "unsigned-24-big", "signed-12", "signed-24",
    "white-is-zero-1", "white-is-zero-2", "white-is-zero-4", "white-is-zero-16", "rgb",
    "rgb-planar", "rgb-tiles", "rgb16-planar-tiles-big", "rgb-bigtiff", "rgb-bigtiff-big",
    "float-5-planar", "float-5-tiles", "two-channels", "channels-64", "rgb-lzw", "rgb-zlib",
    "rgb-packbits", "rgb-lzma", "rgb-zstd", "rgb16-lzw-differences", "rgb16-zlib-differences",
    "rgb16-zstd-differences", "float-differences", "webp", "jpeg-rgb", "jpeg-gray", "ccitt-g3",
    "ccitt-g4", "palette-4", "palette-4-of-8-bits", "cmyk", "ycbcr", "alpha", "alpha-16",
    "gray-alpha", "alpha-associated", "alpha-in-the-middle", "orientation-1", "orientation-2",
    "orientation-3", "orientation-4", "orientation-5", "orientation-6", "orientation-7",
    "orientation-8", "pages", "georeference", "exif", "palette-alpha", "plane-missing",
  ]

  private func read(_ name: String, _ options: ReadOptions = ReadOptions()) throws -> ImageFile {
    try ImageFile.read(from: TIFFFixture.url(name), options: options)
  }

  @Test(arguments: names) func samplesAreThoseThatWentIn(name: String) throws {
    let file = try read(name)
    #expect(file.format == .tiff)
    let expected = try TIFFFixture.pixels(name)
    #expect(file.image.samples == expected.samples)
    #expect(file.image.hasAlpha == expected.hasAlpha)
    #expect(ImageLayout(of: file.image) == ImageLayout(of: expected))
    #expect(try ImageFile.readLayout(from: TIFFFixture.url(name)) == ImageLayout(of: expected))
  }

  /// Pillow's libjpeg may be another version, which rounds a color otherwise.
  @Test func jpegInsideIsAsPillowReadsIt() throws {
    let difference = try largestDifference(
      read("jpeg-ycbcr").image, TIFFFixture.pixels("jpeg-ycbcr"))
    #expect(difference <= 2)
  }

  /// The ends of each type; floats have none.
  @Test(
    arguments: [
      ("unsigned-4", 0, 255), ("uint8", 0, 255), ("unsigned-12", 0, 4095), ("uint16", 0, 65535),
      ("signed-12", -2048, 2047), ("int16", -32768, 32767),
      ("int32", -2_147_483_648, 2_147_483_647), ("unsigned-24-big", 0, 16_777_215),
    ] as [(String, Double, Double)])
  func blackAndWhiteAreTheEndsOfTheType(name: String, low: Double, high: Double) throws {
    let file = try read(name)
    #expect(file.image.range == ValueRange(low, high))
    #expect(file.hasRange)
    #expect(try !read("float32").hasRange)
  }

  @Test func pagesAreChannelsOnRequest() throws {
    #expect(try read("pages").remarks == [.firstPage(of: 4)])
    var options = ReadOptions()
    options.pages = .channels
    let file = try read("pages", options)
    #expect(file.image.samples == (try TIFFFixture.pixels("pages-as-channels")).samples)
    #expect(file.image.colors == 4 && !file.image.hasAlpha && file.remarks.isEmpty)
  }

  @Test func metadataIsKept() throws {
    let file = try read("exif")
    #expect(try file.iccProfile == Fixture.bytes("srgb.icc"))
    #expect(file.density == PixelDensity(x: 150, y: 300, unit: .inch))
    let exif = try #require(file.exif.flatMap(TIFFStructure.init))
    #expect(exif.value(of: 271, in: exif.firstDirectory) != nil)
    #expect(exif.value(of: 34665, in: exif.firstDirectory) != nil)
    let gps = try #require(exif.value(of: 34853, in: exif.firstDirectory))
    #expect(exif.short(at: gps).map { $0 >= 1 } == true)
    #expect(try read("georeference").xmp.map { $0.count } == 38)
  }

  /// Kinds that cannot be read are told apart.
  @Test(
    arguments: [
      ("complex", "complex samples, which are not read"),
      ("integers-64", "integer samples of 64 bits, which are not read"),
    ])
  func whatCannotBeReadIsNamed(name: String, words: String) {
    #expect(throws: FileError(url: TIFFFixture.url(name), reason: .damaged(.tiff, words))) {
      try ImageFile.read(from: TIFFFixture.url(name))
    }
  }

  @Test func oldStyleJPEGIsNamed() throws {
    var bytes = try TIFFFixture.bytes("jpeg-gray")
    let entry = try #require(
      (0..<bytes.count - 12).first { bytes[$0..<$0 + 8].elementsEqual([3, 1, 3, 0, 1, 0, 0, 0]) })
    #expect(bytes[entry + 8] == 7)
    bytes[entry + 8] = 6
    #expect(
      throws: ImageFailure.damaged(.tiff, "old-style JPEG compression, which is not read")
    ) { try ImageFile.decode(bytes) }
  }

  @Test func numbersThatAreNotFiniteAreClampedOnRequest() throws {
    #expect(throws: FileError(url: TIFFFixture.url("not-finite"), reason: .notFinite(3))) {
      try read("not-finite")
    }
    var options = ReadOptions()
    options.acceptNonfinite = true
    let file = try read("not-finite", options)
    #expect(try file.image.samples == TIFFFixture.pixels("not-finite").samples)
    #expect(file.remarks == [.clamped(3)])
  }

  /// A directory of one entry: the version of DNG, or a color filter array as the photometric interpretation.
  @Test(arguments: [
    [0x12, 0xC6, 1, 0, 4, 0, 0, 0, 1, 4, 0, 0], [6, 1, 3, 0, 1, 0, 0, 0, 0x23, 0x80, 0, 0],
  ])
  func rawFilesOfCamerasAreToldFromOthers(entry: [UInt8]) throws {
    let bytes: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0] + entry + [0, 0, 0, 0]
    #expect(throws: ImageFailure.unrecognized(.cameraRaw)) { try ImageFile.decode(bytes) }
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("photo.dng")
      try Data(bytes).write(to: file)
      #expect(ImageContent(of: file) == .foreign(.cameraRaw))
    }
  }
}

/// Files of Tests/Fixtures/TIFF.
enum TIFFFixture {
  static func url(_ name: String) -> URL { fixture("TIFF/\(name).tif") }

  static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url(name))) }

  /// The pixels in `name`.raw: a line "height width channels bits alpha", then the samples.
  static func pixels(_ name: String) throws -> Image {
    let bytes = Array(try Data(contentsOf: fixture("TIFF/\(name).raw")))
    let lineEnd = try #require(bytes.firstIndex(of: UInt8(ascii: "\n")))
    let numbers = String(decoding: bytes[..<lineEnd], as: UTF8.self).split(separator: " ")
      .compactMap { Int($0) }
    try #require(numbers.count == 5)
    let count = numbers[0] * numbers[1] * numbers[2]
    let data = bytes[(lineEnd + 1)...]
    try #require(data.count == count * numbers[3] / 8)
    let samples = Image.Samples(count: count, bitDepth: numbers[3]) { $0.copyBytes(from: data) }
    return Image(
      height: numbers[0], width: numbers[1], channels: numbers[2], samples: samples,
      hasAlpha: numbers[4] == 1)
  }
}
