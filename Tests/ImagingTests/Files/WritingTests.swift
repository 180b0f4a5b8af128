import Files
import Foundation
import Testing

@testable import Imaging

@Suite struct WritingTests {
  @Test(arguments: 1...4, [8, 16])
  func pngKeepsEveryLayout(channels: Int, bits: Int) throws {
    let pixels = (0..<5 * 7 * channels).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    let image =
      bits == 8
      ? Image(height: 5, width: 7, channels: channels, pixels: pixels)
      : Image(
        height: 5, width: 7, channels: channels,
        samples: .sixteenBit(pixels.map { UInt16($0) &* 771 }))
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("image.png")
      try ImageFile(image: image, format: .png).write(to: url)
      #expect(try ImageFile.read(from: url).image == image)
      // The signature, the length 13, IHDR, the size and the depth, by the specification.
      let head = Array(try Data(contentsOf: url).prefix(25))
      #expect(head[16...] == [0, 0, 0, 7, 0, 0, 0, 5, UInt8(bits)])
    }
  }

  @Test func colorChunksSurvive() throws {
    for name in ["icc.png", "gamma-srgb.png", "icc-three-segments.jpg"] {
      let file = try ImageFile.read(from: Fixture.url(name))
      let again = try ImageFile.decode(file.encoded())
      #expect(again.iccProfile == file.iccProfile)
      #expect(again.gamma == file.gamma && again.renderingIntent == file.renderingIntent)
      var options = WriteOptions()
      options.keepsMetadata = false
      let stripped = try ImageFile.decode(file.encoded(options: options))
      #expect(stripped.iccProfile == nil)
      #expect(stripped.gamma == nil && stripped.renderingIntent == nil)
    }
  }

  /// A color profile says nothing about a gray image.
  @Test(arguments: ImageFormat.allCases)
  func profileOfAnotherColorSpaceIsNotWritten(format: ImageFormat) throws {
    var file = try ImageFile.read(from: Fixture.url("icc.png"))
    file.image = file.image.converted(toChannels: 1)
    file.format = format
    #expect(try ImageFile.decode(file.encoded()).iccProfile == nil)
  }

  /// A profile larger than one of JPEG's segments (65533 bytes).
  @Test func largeProfileGoesIntoSeveralSegments() throws {
    let profile = try Fixture.bytes("srgb.icc") + [UInt8](repeating: 7, count: 200_000)
    let file = ImageFile(
      image: Image(height: 1, width: 1, channels: 3, pixels: [1, 2, 3]), format: .jpeg,
      iccProfile: profile)
    #expect(try ImageFile.decode(file.encoded()).iccProfile == profile)
  }

  /// Quality 95 quantizes low frequencies in steps of 2 to 4, so that a smooth image comes back
  /// within a few levels.
  @Test(arguments: WriteOptions.ChromaSubsampling.allCases, [1, 3])
  func jpegIsClose(subsampling: WriteOptions.ChromaSubsampling, channels: Int) throws {
    let ramp = (0..<32 * 48 * channels).map { UInt8($0 / channels % 48 * 4 + 20) }
    let image = Image(height: 32, width: 48, channels: channels, pixels: ramp)
    var options = WriteOptions()
    options.chromaSubsampling = subsampling
    let bytes = try ImageFile(image: image, format: .jpeg).encoded(options: options)
    #expect(try largestDifference(ImageFile.decode(bytes).image, image) <= 4)
    if channels == 3 {
      let factors: [WriteOptions.ChromaSubsampling: UInt8] = [
        .none: 0x11, .halfWidth: 0x21, .half: 0x22,
      ]
      #expect(try lumaSampling(bytes) == factors[subsampling])
    }
  }

  @Test func qualityChangesTheSize() throws {
    let file = ImageFile(image: try Fixture.pixels("baseline-444"), format: .jpeg)
    var options = WriteOptions()
    options.quality = 20
    let coarse = try file.encoded(options: options)
    #expect(try coarse.count < file.encoded().count / 2)
  }

  /// Opaque red, and nothing at all, over white: red and white. 16 bits become 8.
  @Test func jpegCompositesAlpha() throws {
    let row: [UInt16] =
      Array(repeating: [65535, 0, 0, 65535], count: 8).flatMap { $0 }
      + Array(repeating: [0, 0, 0, 0], count: 8).flatMap { $0 }
    let image = Image(
      height: 8, width: 16, channels: 4,
      samples: .sixteenBit(Array(repeating: row, count: 8).flatMap { $0 }))
    let written = try ImageFile.decode(ImageFile(image: image, format: .jpeg).encoded()).image
    let half = [UInt8](repeating: 255, count: 24)
    let red: [UInt8] = Array(repeating: [255, 0, 0], count: 8).flatMap { $0 }
    let expected = Image(
      height: 8, width: 16, channels: 3,
      pixels: Array(repeating: red + half, count: 8).flatMap { $0 })
    // Pure red rounds to the nearest YCbCr, 1 level off.
    #expect(try largestDifference(written, expected) <= 2)
  }

  @Test func existingFileIsReplacedWhole() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("name with\nnewline é.png")
      try Data(repeating: 1, count: 100_000).write(to: url)
      let image = Image(height: 1, width: 1, channels: 1, pixels: [9])
      try ImageFile(image: image, format: .png).write(to: url)
      #expect(try ImageFile.read(from: url).image == image)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }
  }

  @Test func unwritablePlacesAreErrors() throws {
    let file = ImageFile(
      image: Image(height: 1, width: 1, channels: 1, pixels: [9]), format: .png)
    try withTemporaryFolder { (folder) throws in
      let missing = folder.appendingPathComponent("missing/image.png")
      #expect(
        throws: FileError(
          path: missing.path, reason: "cannot be written (No such file or directory)")
      ) {
        try file.write(to: missing)
      }
      #expect(throws: FileError.self) { try file.write(to: folder) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test func jpegEndsAt65500Pixels() {
    let strip = Image(
      height: 1, width: 65501, channels: 1, pixels: [UInt8](repeating: 0, count: 65501))
    #expect(
      throws: ImageFailure.notEncodable(
        .jpeg, "Maximum supported image dimension is 65500 pixels")
    ) {
      try ImageFile(image: strip, format: .jpeg).encoded()
    }
  }

  /// Sampling factors of the first component: the byte 11 after the frame marker FF C0.
  private func lumaSampling(_ bytes: [UInt8]) throws -> UInt8 {
    let frame = try #require(
      bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    return bytes[frame + 11]
  }
}
