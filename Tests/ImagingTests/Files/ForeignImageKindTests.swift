import Foundation
import TestSupport
import Testing

@testable import Imaging

/// Kinds of images that cannot be read, by their content.
struct ForeignImageKindTests {
  /// Files that other programs wrote; what stands before a hyphen is the kind.
  @Test func filesOfOtherProgramsAreRecognized() throws {
    let folder = fixture("Foreign")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { !$0.hasSuffix(".py") }
    #expect(names.count == 19)
    for name in names {
      let kind = try #require(name.split(separator: "-").first)
      let content = try #require(ImageContent(of: folder.appendingPathComponent(name)), "\(name)")
      guard case .foreign(let found) = content else {
        Issue.record("\(name) is taken for readable")
        continue
      }
      #expect(found.name == kind)
    }
  }

  /// Beginnings as the formats' specifications have them.
  @Test(
    arguments: [
      ("JPEG XL", [0xFF, 0x0A, 0x01]),
      ("JPEG XL", [0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20, 0x0D, 0x0A, 0x87, 0x0A]),
      ("JPEG XR", [0x49, 0x49, 0xBC, 0x01]),
      ("PSD", Array("8BPS".utf8) + [0, 1]),
      ("Radiance HDR", Array("#?RADIANCE\n".utf8)),
      ("XCF", Array("gimp xcf v011".utf8)),
      ("NRRD", Array("NRRD0004\n".utf8)),
      ("PAM", Array("P7\nWIDTH 4\n".utf8)),
      ("PGM", Array("P5\n# made by hand\n".utf8)),
      ("PPM", Array("P3 2 2 255 ".utf8)),
      ("MNG", [0x8A, 0x4D, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
      ("JNG", [0x8B, 0x4A, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
      ("FLIF", Array("FLIF31".utf8)), ("BPG", [0x42, 0x50, 0x47, 0xFB]),
      ("farbfeld", Array("farbfeld".utf8) + [0, 0, 0, 1]),
      ("Sun raster", [0x59, 0xA6, 0x6A, 0x95]),
      ("NITF", Array("NITF02.10".utf8)), ("CZI", Array("ZISRAWFILE".utf8)),
      ("ND2", [UInt8](repeating: 0, count: 16) + Array("ND2 FILE SIGNATURE CHUNK".utf8)),
      // Cameras': Canon's two, Olympus', Panasonic's, Fujifilm's, Sigma's, Minolta's.
      ("camera raw", [0x49, 0x49, 42, 0, 16, 0, 0, 0, 0x43, 0x52, 2, 0]),
      ("camera raw", [0, 0, 0, 24] + Array("ftypcrx ".utf8)),
      ("camera raw", Array("IIRO".utf8) + [8, 0]), ("camera raw", [0x49, 0x49, 0x55, 0, 24]),
      ("camera raw", Array("FUJIFILMCCD-RAW 0201".utf8)), ("camera raw", Array("FOVb".utf8)),
      ("camera raw", [0] + Array("MRM".utf8)),
      // The general brand of still images, with the codec's among the compatible ones.
      ("AVIF", [0, 0, 0, 28] + Array("ftypmif1\0\0\0\0mif1miafavif".utf8)),
      ("HEIC", [0, 0, 0, 24] + Array("ftypmif1\0\0\0\0mif1heic".utf8)),
      ("HEIC", [0, 0, 0, 24] + Array("ftypmsf1\0\0\0\0msf1hevc".utf8)),
    ] as [(String, [UInt8])])
  func beginningsAreRecognized(name: String, start: [UInt8]) {
    #expect(ForeignImageKind(firstBytes: start)?.name == name)
  }

  /// Words, archives, films, and what only begins like an image.
  @Test(
    arguments: [
      Array("BMW and other cars".utf8), Array("P1 is a name".utf8), Array("GIFs are films".utf8),
      Array("{\"a\": 1}".utf8), Array("RIFF\0\0\0\0WAVEfmt ".utf8), [0x50, 0x4B, 3, 4],
      [0x1F, 0x8B, 8, 0], [0, 0, 8, 3, 0, 0, 0xEA, 0x60], [0, 0, 1, 0xBA, 0x44, 0, 4, 0, 4, 1],
      [0, 0, 0, 24] + Array("ftypisom\0\0\0\0isom".utf8), Array("%PDF-1.7".utf8), [],
      [0x49, 0x49, 42], [UInt8](repeating: 0, count: 512), [UInt8](repeating: 0xFF, count: 512),
    ] as [[UInt8]])
  func otherFilesAreNot(start: [UInt8]) {
    #expect(ForeignImageKind(firstBytes: start) == nil)
    #expect(ImageFormat(firstBytes: start) == nil || start.starts(with: [0xFF, 0xD8]))
  }

  /// Whatever a name promises, the content is told.
  @Test func aFileOfAnotherKindIsToldWhatItIs() throws {
    try withTemporaryFolder { folder in
      for (kind, advice) in [
        ("HEIC", "heif-convert"), ("DICOM", "dcmj2pnm"), ("BMP", "ImageMagick"),
      ] {
        let file = folder.appendingPathComponent("\(kind).jpg")
        try FileManager.default.copyItem(at: fixture("Foreign/\(kind)"), to: file)
        let error = #expect(throws: (any Error).self) { try ImageFile.read(from: file) }
        let words =
          "\(file.path): its content is \(kind), which cannot be read; convert it first, for example with "
          + advice
        #expect(error.map { "\($0)" } == words)
        #expect(throws: (any Error).self) { try ImageFile.readLayout(from: file) }
      }
    }
  }

  /// No two kinds claim one file, and no kind one that can be read.
  @Test func kindsAreTold() throws {
    let names = ForeignImageKind.all.map(\.name)
    #expect(Set(names).count == names.count)
    for format in ImageFormat.allCases {
      let bytes = try ImageFile(image: makeImage(1), format: format).encoded()
      #expect(ForeignImageKind(firstBytes: bytes) == nil)
      #expect(!names.contains(format.name))
    }
  }
}
