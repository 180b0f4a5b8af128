import CPNG
import Foundation
import TestSupport
import Testing

@testable import Imaging

/// What files say beside their pixels: read, and written again. The files are make_metadata.py's.
struct PNGMetadataTests {
  private func read(_ name: String) throws -> ImageFile {
    try ImageFile.read(from: fixture("Metadata/\(name)"))
  }

  /// EXIF in hexadecimal digits in a text chunk turns the image as any other, and becomes a chunk of its own.
  @Test(arguments: ["tEXt", "zTXt", "iTXt", "APP1"]) func exifInText(kind: String) throws {
    let file = try read("exif-\(kind).png")
    #expect(file.exif.flatMap(Orientation.init(exif:)) == .turnedClockwise)
    #expect(try file.image == read("scene-turned.png").image)
    let written = try file.encoded()
    #expect(Data(written).range(of: Data("Raw profile".utf8)) == nil)
    #expect(Data(written).range(of: Data("eXIf".utf8)) != nil)
    let again = try ImageFile.decode(written)
    #expect(again.image == file.image)
    #expect(again.exif.flatMap(Orientation.init(exif:)) == .upright)
  }

  /// A length that lies, digits that are none, a stream that is cut: no EXIF, and the image as it is.
  @Test func brokenTextsAreNoExif() throws {
    let scene = try [UInt8](Data(contentsOf: fixture("Metadata/scene.png")))
    for text in [
      "\nexif\n  9\n4d4d\n", "\nexif\n2\n4d4g\n", "", "\n", "\nexif\n99999999999999999999\n00",
    ] {
      let chunk = PNGChunks.chunk("tEXt", Array("Raw profile type exif\0\(text)".utf8))
      let file = try ImageFile.decode(scene[..<33] + chunk + scene[33...])
      #expect(file.exif == nil)
      #expect(file.pngChunks == nil)
    }
    let cut = PNGChunks.chunk("zTXt", Array("XML:com.adobe.xmp\0\0".utf8) + [0x78, 0x9C, 1])
    #expect(try ImageFile.decode(scene[..<33] + cut + scene[33...]).xmp == nil)
  }

  /// A kilobyte of zlib can hold a megabyte.
  @Test func textsAreInflatedUpToALimit() throws {
    // "words " 40 times, as zlib made it, behind the keyword, its zero and the method.
    let file = try [UInt8](Data(contentsOf: fixture("Metadata/chunks.png")))
    let start = try #require(Data(file).range(of: Data("Comment\0\0".utf8))).upperBound
    let stream = Array(file[start...])
    #expect(
      PNGCodec.inflated(stream, limit: 240) == Array(String(repeating: "words ", count: 40).utf8))
    #expect(PNGCodec.inflated(stream, limit: 239) == nil)
    #expect(PNGCodec.inflated(Array(stream.prefix(9)), limit: 240) == nil)
  }

  /// cICP, cHRM and text as they are; the orientation in XMP is reset.
  @Test func chunksAreKept() throws {
    let file = try read("chunks.png")
    let packet = #"<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/>a<b/></x:xmpmeta>"#
    #expect(file.xmp == Array(packet.utf8))
    let again = try ImageFile.decode(file.encoded())
    #expect(again.pngChunks == file.pngChunks)
    let kept = Data(again.pngChunks ?? [])
    #expect(kept.range(of: Data([0, 0, 0, 4] + Array("cICP".utf8) + [9, 16, 0, 1])) != nil)
    for text in ["cHRM", "Author\0somebody", "zTXtComment"] {
      #expect(kept.range(of: Data(text.utf8)) != nil)
    }
    #expect(again.xmp == Array(packet.replacing("\"6\"", with: "\"1\"").utf8))
    var options = WriteOptions()
    options.keepsMetadata = false
    let stripped = try ImageFile.decode(file.encoded(options: options))
    #expect(stripped.pngChunks == nil && stripped.xmp == nil)
  }

  @Test func xmpWithoutAnOrientationStays() {
    for packet in [
      "tiff:Orientation=\"9\"", "tiff:Orientation=\"", "<tiff:Orientation>1<", "t", "",
    ] {
      #expect(uprightXMP(Array(packet.utf8)) == Array(packet.utf8))
    }
    #expect(uprightXMP(Array("<tiff:Orientation>8<".utf8)) == Array("<tiff:Orientation>1<".utf8))
    #expect(uprightXMP(Array("tiff:Orientation='3'".utf8)) == Array("tiff:Orientation='1'".utf8))
  }

  @Test(arguments: ImageFormat.allCases) func xmpGoesIntoEveryFormat(format: ImageFormat) throws {
    var file = try read("xmp.jpg")
    let packet = try #require(file.xmp)
    #expect(try packet == read("chunks.png").xmp)
    file.format = format
    #expect(try ImageFile.decode(file.encoded()).xmp == uprightXMP(packet))
  }

  /// 300 in an inch are 11811 in a meter, which are 299.9994 in an inch.
  @Test func densityIsKept() throws {
    let png = try read("density.png")
    #expect(png.density == PixelDensity(x: 11811, y: 2835, unit: .meter))
    #expect(try ImageFile.decode(png.encoded()).density == png.density)
    var jpeg = try read("xmp.jpg")
    #expect(jpeg.density == PixelDensity(x: 300, y: 150, unit: .inch))
    #expect(try ImageFile.decode(jpeg.encoded()).density == jpeg.density)
    jpeg.format = .png
    #expect(
      try ImageFile.decode(jpeg.encoded()).density == PixelDensity(x: 11811, y: 5906, unit: .meter))
    var other = png
    other.format = .jpeg
    #expect(
      try ImageFile.decode(other.encoded()).density == PixelDensity(x: 300, y: 72, unit: .inch))
    other.density = PixelDensity(x: 11800, y: 2800, unit: .meter)
    #expect(
      try ImageFile.decode(other.encoded()).density
        == PixelDensity(x: 118, y: 28, unit: .centimeter))
    #expect(try read("scene.png").density == nil)
    #expect(png.density?.oriented(by: .transposed) == PixelDensity(x: 2835, y: 11811, unit: .meter))
  }

  @Test func anAnimationSaysSo() throws {
    let file = try read("animation.png")
    #expect(file.remarks == [.firstFrame(of: 3)])
    #expect(file.remarks.map(\.description) == ["an animation of 3 frames; the first is taken"])
    #expect(try file.image == read("scene.png").image)
    #expect(try read("scene.png").remarks == [])
  }

  /// A gray image's RGB profile says nothing about it, but fits a result in color.
  @Test func aGrayImagesColorProfileIsKeptForResultsInColor() throws {
    let profile = try Fixture.bytes("srgb.icc")
    let scene = try read("scene.png").image
    let gray = try ImageFile(image: scene, format: .png, iccProfile: profile).encoded()
    var file = try ImageFile.decode(gray)
    file.image = scene.converted(toChannels: 1)
    #expect(try ImageFile.decode(file.encoded()).iccProfile == nil)
    // As a gray file with such a profile is read: its chunk, between the header and the image data.
    let bytes = try ImageFile(image: file.image, format: .png).encoded()
    let start = try #require(Data(gray).range(of: Data("iCCP".utf8))).lowerBound - 4
    let length = gray[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    let chunk = Array(gray[start..<start + 12 + length])
    file = try ImageFile.decode(bytes[..<33] + chunk + bytes[33...])
    #expect(file.image.channels == 1)
  }
}
