import Files
import Foundation
import TestSupport
import Testing

@testable import Imaging

/// Pages as images of their own, read one by one and written one by one.
struct ImageStackTests {
  private var images: ReadOptions {
    var options = ReadOptions()
    options.pages = .images
    return options
  }

  private func read(_ url: URL, page: Int) throws -> ImageFile {
    var options = images
    options.place = try ImageFile.places(in: url, options: images)[page]
    return try ImageFile.read(from: url, options: options)
  }

  /// The fixture's pages hold the channels of another one.
  @Test func eachPageIsRead() throws {
    let url = TIFFFixture.url("pages")
    #expect(try ImageFile.readLayout(from: url, options: images).imageCount == 4)
    #expect(try ImageFile.readLayout(from: url).imageCount == 1)
    let channels = try TIFFFixture.pixels("pages-as-channels").removingAlpha()
    for page in 0..<4 {
      let file = try read(url, page: page)
      #expect(file.image.samples == channels.selecting(channels: [page]).samples)
      #expect(file.remarks.isEmpty)
    }
    #expect(try ImageFile.places(in: url, options: images).map(\.number) == [0, 1, 2, 3])
    #expect(try ImageFile.places(in: url) == [ImagePlace()])
    #expect(
      try ImageFile.places(in: Fixture.url("gamma-srgb.png"), options: images) == [ImagePlace()])
  }

  /// Pages of several sizes, types, compressions and tags; each is as it was.
  @Test(arguments: [false, true]) func whatIsWrittenPageByPageIsReadPageByPage(isBig: Bool) throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("stack.tif")
      let names = [
        "uint16", "georeference", "exif", "rgb-tiles", "float-5-planar", "alpha-16", "signed-12",
        "rgb-lzw",
      ]
      let files = try names.map { try ImageFile.read(from: TIFFFixture.url($0)) }
      let stack = try ImageStackFile(
        at: url, count: files.count, pixelBytes: isBig ? 5_000_000_000 : 1000)
      for file in files {
        #expect(!FileManager.default.fileExists(atPath: url.path))
        try stack.add(file)
      }
      try stack.commit()
      let bytes = try [UInt8](Data(contentsOf: url))
      #expect(TIFFNotation(firstBytes: bytes)?.isBig == isBig)
      #expect(try ImageFile.readLayout(from: url, options: images).imageCount == files.count)
      for (page, file) in files.enumerated() {
        let found = try read(url, page: page)
        #expect(found.image == file.image)
        #expect(sorted(found.tiff?.tags) == sorted(file.tiff?.tags))
        #expect(found.tiff?.form.sampleType == file.tiff?.form.sampleType)
        #expect(found.tiff?.form.compression == file.tiff?.form.compression)
        #expect(found.iccProfile == file.iccProfile && found.xmp == file.xmp)
        #expect((found.exif == nil) == (file.exif == nil))
      }
    }
  }

  private func sorted(_ tags: [TIFFEntry]?) -> [TIFFEntry]? {
    tags?.sorted { $0.tag < $1.tag }
  }

  @Test func aFileThatIsGivenUpLeavesNothing() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("stack.tif")
      func begin() throws {
        let stack = try ImageStackFile(at: url, count: 2, pixelBytes: 1000)
        try stack.add(ImageFile.read(from: TIFFFixture.url("uint8")))
      }
      try begin()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  /// A thumbnail (1) and a mask (4) are no pages, and a directory that leads to itself ends the list.
  @Test func pagesAreThoseThatStandForThemselves() throws {
    func directory(_ kind: Int, at offset: Int, next: Int) -> [UInt8] {
      let notation = TIFFNotation(firstBytes: [0x49, 0x49, 42, 0])
      return notation?.directory([TIFFEntry(tag: 254, long: kind)], at: offset, next: next) ?? []
    }
    func pages(_ kinds: [Int], last: Int) throws -> [Int] {
      var bytes: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0]
      for (index, kind) in kinds.enumerated() {
        let next = index + 1 < kinds.count ? bytes.count + 18 : last
        bytes += directory(kind, at: bytes.count, next: next)
      }
      return try TIFFPages(of: ByteSource(bytes)).directories
    }
    #expect(try pages([0, 1, 2, 4, 5, 0], last: 0) == [8, 44, 98])
    #expect(try pages([1, 4], last: 0) == [8])
    #expect(try pages([0, 2], last: 8) == [8, 26])
    #expect(try pages([0], last: 5000) == [8])
    #expect(try TIFFPages(of: ByteSource([1, 2, 3])).directories == [])
  }
}
