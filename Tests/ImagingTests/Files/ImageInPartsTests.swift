import Files
import Foundation
import TestSupport
import Testing

@testable import Imaging

/// Parts of an image are what they are in the whole.
struct ImageInPartsTests {
  /// Strips and tiles, planes, packed samples, converted colors, alpha in several places, eight orientations.
  static let names = TIFFReadingTests.names.filter { $0 != "ycbcr" } + ["jpeg-ycbcr"]

  @Test(arguments: names) func partsAreThoseOfTheWhole(name: String) throws {
    let url = TIFFFixture.url(name)
    var whole = try ImageFile.read(from: url)
    let parts = try #require(try ImageInParts(url))
    let image = whole.image
    #expect(parts.height == image.height && parts.width == image.width)
    // From the end on, so that a codec that only goes forward is found out.
    for top in stride(from: (image.height - 1) / 5 * 5, through: 0, by: -5) {
      for left in stride(from: 0, to: image.width, by: 7) {
        let rows = top..<min(top + 9, image.height)
        let columns = left..<min(left + 11, image.width)
        let expected = image.cropped(
          top: top, left: left, height: rows.count, width: columns.count)
        #expect(try parts.image(rows: rows, columns: columns) == expected)
      }
    }
    // All else is the file's.
    let kind = parts.file.image
    #expect(
      kind.channels == image.channels && kind.bitDepth == image.bitDepth
        && kind.hasAlpha == image.hasAlpha && kind.range == image.range)
    whole.image = kind
    #expect(parts.file == whole)
  }

  /// Large strips that are not compressed are read in pieces, tiles and strips one by one.
  @Test func onlyWhatIsAskedForIsDecoded() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.tif")
      let image = Image(
        height: 3000, width: 400, channels: 3,
        pixels: (0..<3_600_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) })
      for (compression, strip, tile) in [(1, 3000, nil), (8, 16, nil), (5, 0, 64)] {
        var file = ImageFile(image: image, format: .tiff)
        var form = TIFFForm(compression: compression, predictor: 1, rowsPerStrip: strip)
        form.tile = tile.map { ($0, $0) }
        file.tiff = TIFFContent(form: form)
        try file.write(to: url)
        let parts = try #require(try ImageInParts(url))
        #expect(
          try parts.image(rows: 1500..<1600, columns: 100..<200)
            == image.cropped(top: 1500, left: 100, height: 100, width: 100))
        #expect(parts.cellByteCount <= 400 * 3 * 128)
      }
    }
  }

  @Test func otherFormatsAndConversionsAreReadAsAWhole() throws {
    for url in [Fixture.url("gamma-srgb.png"), TIFFFixture.url("ycbcr")] {
      #expect(try ImageInParts(url) == nil)
    }
  }

  /// Of 24 rows in strips of 8 the file ends within the second.
  @Test func damageIsFoundBeforeAnythingIsAskedFor() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("cut.tif")
      let image = Image(
        height: 24, width: 16, channels: 1, pixels: (0..<384).map { UInt8(truncatingIfNeeded: $0) })
      var file = ImageFile(image: image, format: .tiff)
      file.tiff = TIFFContent(form: TIFFForm(compression: 1, predictor: 1, rowsPerStrip: 8))
      var bytes = try file.encoded()
      // The directory stands behind the pixels: strips that begin outside are as good as cut off.
      let second = try #require(offsets(of: bytes).dropFirst().first)
      bytes.replaceSubrange(second..<second + 4, with: [0, 0, 0, 0x40])
      try Data(bytes).write(to: url)
      let failure = #expect(throws: FileError.self) { try ImageInParts(url) }
      let wholeFailure = #expect(throws: FileError.self) { try ImageFile.read(from: url) }
      #expect(failure == wholeFailure)
      var options = ReadOptions()
      options.acceptTruncated = true
      let parts = try #require(try ImageInParts(url, options: options))
      let whole = try ImageFile.read(from: url, options: options)
      #expect(parts.file.remarks == [.incomplete] && whole.remarks == [.incomplete])
      #expect(try parts.image(rows: 0..<24, columns: 0..<16) == whole.image)
    }
  }

  /// Where the offsets of strips stand.
  private func offsets(of bytes: [UInt8]) throws -> [Int] {
    let notation = try #require(TIFFNotation(firstBytes: bytes))
    let directory = notation.number(bytes[4..<8])
    let count = notation.number(bytes[directory..<directory + 2])
    let entries = (0..<count).map { directory + 2 + 12 * $0 }
    let entry = try #require(entries.first { notation.number(bytes[$0..<$0 + 2]) == 273 })
    #expect(notation.number(bytes[entry + 2..<entry + 4]) == 4)
    let values = notation.number(bytes[entry + 8..<entry + 12])
    return (0..<3).map { values + 4 * $0 }
  }

  @Test func valuesThatAreNotFiniteAreThoseOfTheWhole() throws {
    let url = TIFFFixture.url("not-finite")
    #expect(throws: FileError.self) { try ImageInParts(url) }
    var options = ReadOptions()
    options.acceptNonfinite = true
    let whole = try ImageFile.read(from: url, options: options)
    let parts = try #require(try ImageInParts(url, options: options))
    #expect(parts.file.remarks == whole.remarks)
    #expect(
      try parts.image(rows: 0..<whole.image.height, columns: 0..<whole.image.width) == whole.image)
  }
}
