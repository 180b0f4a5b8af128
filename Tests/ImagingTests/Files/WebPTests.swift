import Foundation
import TestSupport
import Testing

@testable import Imaging

/// WebP in and out. The files are make_webp.py's.
struct WebPTests {
  private func read(_ name: String) throws -> ImageFile {
    try ImageFile.read(from: Fixture.url(name + ".webp"))
  }

  @Test(arguments: ["lossless", "lossless-alpha", "lossless-metadata", "animation"])
  func withoutLossThePixelsAreThoseThatWentIn(name: String) throws {
    let file = try read(name)
    #expect(file.format == .webp)
    #expect(try file.image == Fixture.pixels(name))
    #expect(!file.isLossy)
    let layout = try ImageFile.readLayout(from: Fixture.url(name + ".webp"))
    #expect(layout == ImageLayout(of: file.image))
  }

  /// Pillow's libwebp is another version, which may round a color otherwise.
  @Test(arguments: ["lossy", "lossy-alpha"]) func lossyFilesAreAsPillowReadsThem(name: String)
    throws
  {
    let file = try read(name)
    #expect(try largestDifference(file.image, Fixture.pixels(name)) <= 1)
    #expect(file.isLossy)
  }

  @Test func metadataIsKept() throws {
    let file = try read("lossless-metadata")
    #expect(file.exif.flatMap(Orientation.init(exif:)) == .turnedClockwise)
    #expect(try file.iccProfile == Fixture.bytes("srgb.icc"))
    let packet = #"<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>"#
    #expect(file.xmp == Array(packet.utf8))
    let again = try ImageFile.decode(file.encoded())
    #expect(again.image == file.image)
    #expect(again.exif.flatMap(Orientation.init(exif:)) == .upright)
    #expect(again.iccProfile == file.iccProfile)
    #expect(again.xmp == Array(packet.replacing("\"6\"", with: "\"1\"").utf8))
    var options = WriteOptions()
    options.keepsMetadata = false
    let stripped = try ImageFile.decode(file.encoded(options: options))
    #expect(stripped.exif == nil && stripped.iccProfile == nil && stripped.xmp == nil)
  }

  @Test func ofAnAnimationTheFirstFrameIsTaken() throws {
    #expect(try read("animation").remarks == [.firstFrame(of: 3)])
  }

  /// A container made by hand ("WebP Container Specification"): a canvas of 8x6 with alpha, and a frame of 4x2.
  private func animation(left: UInt8, top: UInt8, _ frame: Image) throws -> [UInt8] {
    func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
      let length = (0..<4).map { UInt8(truncatingIfNeeded: data.count >> (8 * $0)) }
      return Array(type.utf8) + length + data + [UInt8](repeating: 0, count: data.count % 2)
    }
    // Behind RIFF, a length and WEBP there is one chunk in a file without metadata.
    let image = Array(try ImageFile(image: frame, format: .webp).encoded()[12...])
    let content =
      Array("WEBP".utf8) + chunk("VP8X", [0x12, 0, 0, 0, 7, 0, 0, 5, 0, 0])
      + chunk("ANIM", [0, 0, 0, 0, 0, 0])
      + chunk("ANMF", [left / 2, 0, 0, top / 2, 0, 0, 3, 0, 0, 1, 0, 0, 90, 0, 0, 0] + image)
    return chunk("RIFF", content)
  }

  @Test func aFrameHasItsPlaceOnTheCanvas() throws {
    let frame = makeImage(5, height: 2, width: 4)
    let file = try ImageFile.decode(animation(left: 2, top: 4, frame))
    #expect(file.remarks == [.firstFrame(of: 1)])
    let opaque = Image(height: 2, width: 4, channels: 1, pixels: [UInt8](repeating: 255, count: 8))
    var canvas = ImageCanvas(height: 6, width: 8, channels: 4, bitDepth: 8)
    canvas.place(frame.addingAlpha(opaque), top: 4, left: 2)
    #expect(file.image == canvas.image)
    for (left, top) in [(6, 0), (0, 6), (254, 254)] as [(UInt8, UInt8)] {
      #expect(throws: ImageFailure.damaged(.webp, "a frame lies outside the canvas")) {
        try ImageFile.decode(animation(left: left, top: top, frame))
      }
    }
  }

  /// What came without loss goes without, colors under full transparency included; what came with, goes with.
  @Test func lossFollowsTheInput() throws {
    var file = try read("lossless-alpha")
    #expect(try ImageFile.decode(file.encoded()).image == file.image)
    file.isLossy = true
    let lossy = try ImageFile.decode(file.encoded())
    #expect(lossy.isLossy && lossy.image != file.image)
    #expect(lossy.image.alpha == file.image.alpha)
    #expect(try ImageFile.read(from: Fixture.url("gray.jpg")).isLossy)
    #expect(try !ImageFile.read(from: Fixture.url("rgb-8.png")).isLossy)
    // The fourth byte of the chunk's type tells them apart, behind RIFF, a length and WEBP.
    #expect(try read("lossy").encoded()[12..<16].elementsEqual("VP8 ".utf8))
    #expect(try read("lossless").encoded()[12..<16].elementsEqual("VP8L".utf8))
    var options = WriteOptions()
    options.quality = 5
    #expect(try read("lossy").encoded(options: options).count < read("lossy").encoded().count)
  }

  /// Gray becomes color, 16 bits become 8.
  @Test(arguments: 1...4) func otherLayoutsAreConverted(channels: Int) throws {
    let samples = (0..<4 * 5 * channels).map { UInt16($0) * 257 }
    let image = Image(height: 4, width: 5, channels: channels, samples: .sixteenBit(samples))
    let written = try ImageFile.decode(ImageFile(image: image, format: .webp).encoded()).image
    let colors = image.removingAlpha().converted(toChannels: 3).withBitDepth(8)
    #expect(written.removingAlpha() == colors)
    #expect(written.alpha == image.alpha?.withBitDepth(8))
  }

  @Test func itEndsAt16383Pixels() {
    let strip = Image(
      height: 1, width: 16384, channels: 1, pixels: [UInt8](repeating: 0, count: 16384))
    #expect(throws: ImageFailure.notEncodable(.webp, "a WebP has at most 16383 pixels a side")) {
      try ImageFile(image: strip, format: .webp).encoded()
    }
  }

  /// Every length short of the image data: an error, or what is there where that is accepted.
  @Test(arguments: ["lossless", "lossy", "lossy-alpha", "animation"]) func truncations(name: String)
    throws
  {
    let bytes = try Fixture.bytes(name + ".webp")
    var options = ReadOptions()
    options.acceptTruncated = true
    var partial = 0
    for count in 12..<bytes.count {
      let cut = Array(bytes.prefix(count))
      if name != "animation" {
        let error = #expect(throws: ImageFailure.self, "\(count) bytes") {
          try ImageFile.decode(cut)
        }
        #expect(error == .truncated(.webp) || error == .truncatedHeader(.webp), "\(count) bytes")
      }
      if let file = try? ImageFile.decode(cut, options: options) {
        partial += file.remarks.contains(.incomplete) ? 1 : 0
      }
    }
    #expect(partial > 0)
  }
}
