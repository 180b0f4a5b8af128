import Foundation
import Testing

@testable import Imaging

@Suite struct BrokenFileTests {
  private static let jpegs = ["baseline-420.jpg", "progressive.jpg", "cmyk-adobe.jpg", "gray.jpg"]
  private static let pngs = [
    "rgb-8.png", "rgba-16-interlaced.png", "palette-4-trns.png", "icc.png",
  ]

  /// Every length short of the whole file, the one without the last byte included.
  @Test(arguments: jpegs)
  func everyTruncationOfAJPEGIsAnError(name: String) throws {
    let bytes = try Fixture.bytes(name)
    // The header ends with the first scan's segment: a marker, a length, and as many bytes as that. What is
    // missing of its last four bytes, libjpeg makes up before it misses the image data.
    let scan = try #require(
      (0..<bytes.count - 3).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA })
    let headerEnd = scan + 2 + Int(bytes[scan + 2]) << 8 + Int(bytes[scan + 3])
    for count in 3..<bytes.count {
      let reason: ImageFailure =
        count < headerEnd - 4 ? .truncatedHeader(.jpeg) : .truncated(.jpeg)
      #expect(throws: reason, "\(count) bytes") {
        try ImageFile.decode(Array(bytes.prefix(count)))
      }
    }
  }

  /// The pixels are complete before the last chunk, which is 12 bytes long and empty.
  @Test(arguments: pngs)
  func everyTruncationOfAPNGIsAnError(name: String) throws {
    let bytes = try Fixture.bytes(name)
    // The header ends with the length and the type of the first chunk of image data.
    let headerEnd =
      try #require(
        (8..<bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual("IDAT".utf8) }) + 4
    for count in 8..<bytes.count - 12 {
      let reason: ImageFailure =
        count < headerEnd ? .truncatedHeader(.png) : .truncated(.png)
      #expect(throws: reason, "\(count) bytes") {
        try ImageFile.decode(Array(bytes.prefix(count)))
      }
    }
  }

  /// Rows stand from top to bottom: the first is there, the last is not. A TIFF ends with its directory, and what
  /// is cut has none.
  @Test(arguments: ImageFormat.allCases.filter { $0 != .tiff })
  func truncatedFilesAreTakenOnRequest(format: ImageFormat) throws {
    // Noise, so that the PNG takes 100 kB: libpng inflates its data in blocks of 8 kB.
    let noise = (0..<200 * 200 * 3).map { UInt8(truncatingIfNeeded: ($0 &* $0 &* 7919) >> 7) }
    let source = Image(height: 200, width: 200, channels: 3, pixels: noise)
    let bytes = try ImageFile(image: source, format: format).encoded()
    let whole = try ImageFile.decode(bytes).image
    var options = ReadOptions()
    options.acceptTruncated = true
    let image = try ImageFile.decode(Array(bytes.dropLast(bytes.count / 4)), options: options).image
    #expect((image.height, image.width) == (200, 200))
    func row(_ index: Int, _ image: Image) -> Image {
      image.cropped(top: index, left: 0, height: 1, width: 200)
    }
    #expect(row(0, image) == row(0, whole))
    let lastLevel: UInt8 = format == .jpeg ? 128 : 0
    let last = [UInt8](repeating: lastLevel, count: 600)
    #expect(row(199, image) == Image(height: 1, width: 200, channels: 3, pixels: last))
  }

  /// Nothing but an error or an image, whichever bit is turned.
  @Test(arguments: jpegs + pngs)
  func turnedBitsNeverCrash(name: String) throws {
    let bytes = try Fixture.bytes(name)
    var options = ReadOptions()
    options.maximumPixels = 1_000_000
    var failures = 0
    for position in stride(from: 8, to: bytes.count, by: 3) {
      var damaged = bytes
      damaged[position] ^= 1 << UInt8(position % 8)
      options.acceptTruncated = position % 2 == 0
      do {
        let image = try ImageFile.decode(damaged, options: options).image
        #expect(image.height * image.width <= options.maximumPixels)
      } catch {
        failures += 1
      }
    }
    #expect(failures > 0)
  }

  @Test func checksumOfThePixelsIsChecked() throws {
    var bytes = try Fixture.bytes("rgb-8.png")
    // The last 16 bytes are the checksum of the pixels and the end chunk.
    bytes[bytes.count - 14] ^= 1
    #expect(throws: ImageFailure.damaged(.png, "IDAT: CRC error")) {
      try ImageFile.decode(bytes)
    }
  }

  @Test func pixelLimitIsCheckedFromTheHeader() throws {
    var bytes = try Fixture.bytes("gray-8.png")
    // Width and height become 2^29, with the checksum of the header for them.
    bytes.replaceSubrange(16..<24, with: [0x20, 0, 0, 0, 0x20, 0, 0, 0])
    bytes = PNGChunks.repairingChecksums(of: bytes)
    let limit = ReadOptions().maximumPixels
    let reason = ImageFailure.tooManyPixels(
      height: 1 << 29, width: 1 << 29, limit: limit)
    #expect(throws: reason) { try ImageFile.decode(bytes) }
    // Without a limit the memory is the limit: 2^58 bytes are not to be had.
    var options = ReadOptions()
    options.maximumPixels = .max
    #expect(throws: ImageFailure.outOfMemory(height: 1 << 29, width: 1 << 29)) {
      try ImageFile.decode(bytes, options: options)
    }
    options.maximumPixels = 7 * 13
    #expect(try ImageFile.decode(Fixture.bytes("gray-8.png"), options: options).image.width == 13)
    options.maximumPixels -= 1
    #expect(throws: ImageFailure.tooManyPixels(height: 7, width: 13, limit: 90)) {
      try ImageFile.decode(Fixture.bytes("gray-8.png"), options: options)
    }
  }

  /// A scan header takes 10 bytes and costs the decoder a whole pass.
  @Test func thousandsOfProgressiveScansAreRefused() throws {
    let bytes = try Fixture.bytes("gray-progressive.jpg")
    let scan = try #require(
      bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA })
    let header = Array(bytes[scan..<scan + 10])
    let scans = Array(repeating: header, count: 2000).flatMap { $0 }
    var options = ReadOptions()
    options.acceptTruncated = true
    #expect(throws: ImageFailure.damaged(.jpeg, "it has more than 500 scans")) {
      try ImageFile.decode(bytes[..<scan] + scans + bytes[scan...], options: options)
    }
  }
}
