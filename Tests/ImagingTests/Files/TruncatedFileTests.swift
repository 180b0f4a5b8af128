import Foundation
import TestSupport
import Testing

@testable import Imaging

/// What is there of a file that ends early, on request.
struct TruncatedFileTests {
  /// Noise, so that every row takes its bytes.
  private func noise(height: Int, width: Int) -> Image {
    let samples = (0..<height * width * 3).map {
      UInt8(truncatingIfNeeded: ($0 &* $0 &* 7919) >> 7)
    }
    return Image(height: height, width: width, channels: 3, pixels: samples)
  }

  private let accepting: ReadOptions = {
    var options = ReadOptions()
    options.acceptTruncated = true
    return options
  }()

  /// Stored without compression, a row of 10 pixels takes 31 bytes behind 2 bytes of zlib's and 5 of the block's:
  /// what is behind those in the cut file, divided by 31, are the rows.
  @Test(arguments: [300, 1000, 2000, 3000]) func everyRowOfAPNGIsThere(count: Int) throws {
    let image = noise(height: 100, width: 10)
    var options = WriteOptions()
    options.pngCompression = 0
    let bytes = try ImageFile(image: image, format: .png).encoded(options: options)
    let data = try #require(Data(bytes).range(of: Data("IDAT".utf8))).upperBound
    let rows = (count - data - 7) / 31
    let file = try ImageFile.decode(Array(bytes.prefix(count)), options: accepting)
    #expect(file.remarks == [.incomplete])
    #expect(
      file.image.cropped(top: 0, left: 0, height: rows, width: 10)
        == image.cropped(top: 0, left: 0, height: rows, width: 10))
    let rest = file.image.cropped(top: rows, left: 0, height: 100 - rows, width: 10)
    #expect(rest.samples == .eightBit([UInt8](repeating: 0, count: 30 * (100 - rows))))
  }

  /// At every length: an error, or the image with a remark; from the last row on, the whole.
  @Test func everyLengthOfAPNG() throws {
    let image = noise(height: 9, width: 9)
    let bytes = try ImageFile(image: image, format: .png).encoded()
    for count in 8..<bytes.count {
      guard let file = try? ImageFile.decode(Array(bytes.prefix(count)), options: accepting) else {
        #expect(count < bytes.count / 2, "\(count) bytes")
        continue
      }
      #expect(file.image == image || file.remarks == [.incomplete], "\(count) bytes")
    }
    #expect(try ImageFile.decode(bytes, options: accepting).remarks == [])
    #expect(try ImageFile.decode(Array(bytes.dropLast(12)), options: accepting).image == image)
  }

  /// A file whose header is all there is counts as broken.
  @Test(arguments: [ImageFormat.jpeg, .png]) func withoutARowAFileIsBroken(format: ImageFormat)
    throws
  {
    let bytes = try ImageFile(image: noise(height: 64, width: 64), format: format).encoded()
    let marker = format == .png ? Data("IDAT".utf8) : Data([0xFF, 0xDA])
    let start = try #require(Data(bytes).range(of: marker)).upperBound + 20
    #expect(throws: ImageFailure.truncated(format)) {
      try ImageFile.decode(Array(bytes.prefix(start)))
    }
    let error = #expect(throws: ImageFailure.self) {
      try ImageFile.decode(Array(bytes.prefix(start)), options: accepting)
    }
    #expect(error != nil)
    let half = try ImageFile.decode(Array(bytes.prefix(bytes.count / 2)), options: accepting)
    #expect(half.remarks == [.incomplete])
    #expect(half.remarks.map(\.description) == ["broken; used as far as it can be decoded"])
  }

  /// Only the end marker is missing: all pixels are there.
  @Test(arguments: ["gray.jpg", "progressive.jpg"]) func aJPEGWithoutItsEnd(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let file = try ImageFile.decode(Array(bytes.dropLast(2)), options: accepting)
    #expect(try file.image == ImageFile.decode(bytes).image)
  }

  /// A wrong checksum of the image data is taken, and said.
  @Test func aWrongChecksumIsTaken() throws {
    var bytes = try Fixture.bytes("rgb-8.png")
    bytes[bytes.count - 14] ^= 1
    let file = try ImageFile.decode(bytes, options: accepting)
    #expect(try file.image == Fixture.pixels("rgb-8"))
    #expect(file.remarks == [.incomplete])
  }
}
