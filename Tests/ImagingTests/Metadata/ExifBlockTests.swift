import Foundation
import Testing

@testable import Imaging

@Suite struct ExifBlockTests {
  /// Little-endian: orientation 6 and a pointer to the details, which hold the pixel sizes; then a second
  /// directory with a thumbnail of four bytes at the end of the block.
  private func block(orientation: UInt8 = 6) -> [UInt8] {
    let header: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0]
    let first: [UInt8] =
      [2, 0] + [0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]
      + [0x69, 0x87, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0] + [68, 0, 0, 0]
    let details: [UInt8] =
      [2, 0] + [0x02, 0xA0, 3, 0, 1, 0, 0, 0, 14, 0, 0, 0]
      + [0x03, 0xA0, 4, 0, 1, 0, 0, 0, 9, 0, 0, 0] + [0, 0, 0, 0]
    let second: [UInt8] =
      [2, 0] + [0x01, 0x02, 4, 0, 1, 0, 0, 0, 98, 0, 0, 0]
      + [0x02, 0x02, 4, 0, 1, 0, 0, 0, 4, 0, 0, 0] + [0, 0, 0, 0]
    return header + first + details + second + [1, 2, 3, 4]
  }

  @Test func orientationSizesAndThumbnailAreThoseOfTheNewImage() throws {
    let changed = try #require(uprightExif(block(), height: 1400, width: 900))
    var expected = block(orientation: 1)
    expected[34...37] = [0, 0, 0, 0]  // no second directory
    expected[48...49] = [0x84, 0x03]  // 900
    expected[60...63] = [0x78, 0x05, 0, 0]  // 1400
    expected.removeLast(4)
    #expect(changed == expected)
  }

  /// Pixels lying on their side become upright, and what says so is written with them. A TIFF has an orientation of
  /// its own, and this block nothing else.
  @Test(arguments: ImageFormat.allCases.filter { $0 != .tiff })
  func blocksSurviveWithoutTheTurn(format: ImageFormat) throws {
    var file = try ImageFile.read(from: Fixture.url("orientation-6-big.jpg"))
    #expect(file.exif.flatMap(Orientation.init(exif:)) == .turnedClockwise)
    file.format = format
    let again = try ImageFile.decode(file.encoded())
    #expect(again.exif?.count == file.exif?.count)
    #expect(again.exif.flatMap(Orientation.init(exif:)) == .upright)
    #expect(again.image.height == 14 && again.image.width == 9)
    var options = WriteOptions()
    options.keepsMetadata = false
    #expect(try ImageFile.decode(file.encoded(options: options)).exif == nil)
  }

  /// Offsets that lead nowhere, loops and cut blocks: something comes out, or nothing.
  @Test func brokenBlocksNeverCrash() {
    let whole = block()
    for count in 0...whole.count {
      _ = Orientation(exif: Array(whole.prefix(count)))
      _ = uprightExif(Array(whole.prefix(count)), height: 1, width: 70_000)
    }
    for position in whole.indices {
      for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
        var damaged = whole
        damaged[position] = value
        _ = uprightExif(damaged, height: 70_000, width: 1)
      }
    }
  }

  /// 65,527 bytes go into a JPEG's segment; more is left out rather than the image.
  @Test func blocksTooLongForAJPEGAreLeftOut() throws {
    let image = Image(height: 1, width: 1, channels: 1, pixels: [9])
    for (count, isKept) in [(65_527, true), (65_528, false)] {
      let exif = block() + [UInt8](repeating: 7, count: count - block().count)
      var file = ImageFile(image: image, format: .jpeg, exif: exif)
      #expect(try (ImageFile.decode(file.encoded()).exif != nil) == isKept)
      file.format = .png
      #expect(try ImageFile.decode(file.encoded()).exif?.count == count)
    }
  }

  /// Some programs write into a PNG what belongs into a JPEG: "Exif" and two zeros come first. The image
  /// is turned all the same, and what is written does without them.
  @Test func aJPEGsSignatureInAPNGIsPassedOver() throws {
    let image = Image(height: 2, width: 3, channels: 1, pixels: [1, 2, 3, 4, 5, 6])
    let plain = try ImageFile(image: image, format: .png).encoded()
    let chunk = PNGChunks.chunk("eXIf", Array("Exif\0\0".utf8) + block())
    // Behind the signature of 8 bytes and the header chunk of 25.
    let file = try ImageFile.decode(Array(plain[..<33]) + chunk + plain[33...])
    #expect(file.exif == block())
    #expect(file.image.height == 3 && file.image.width == 2)
  }
}
