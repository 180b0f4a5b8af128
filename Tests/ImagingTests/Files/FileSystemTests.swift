import Files
import Foundation
import Machine
import Testing

@testable import Imaging

@Suite struct FileSystemTests {
  @Test func contentDecidesTheFormat() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("really a png.jpg")
      try FileManager.default.copyItem(at: Fixture.url("rgb-8.png"), to: url)
      let file = try ImageFile.read(from: url)
      #expect(file.format == .png)
      #expect(try file.image == Fixture.pixels("rgb-8"))
    }
  }

  @Test func whatIsNoImageFileIsAnError() throws {
    try withTemporaryFolder { (folder) throws in
      let directory = folder.appendingPathComponent("x.png", isDirectory: true)
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
      let empty = folder.appendingPathComponent("empty.jpg")
      try Data().write(to: empty)
      let text = folder.appendingPathComponent("text.jpg")
      try Data("This is not an image.".utf8).write(to: text)
      let pipe = folder.appendingPathComponent("pipe.png")
      try #require(mkfifo(pipe.path, 0o600) == 0)
      let loop = folder.appendingPathComponent("loop.png")
      try FileManager.default.createSymbolicLink(at: loop, withDestinationURL: loop)
      let missing = folder.appendingPathComponent("missing.png")
      let cases: [(URL, ImageFailure)] = [
        (directory, .file(.folder)), (empty, .file(.empty)), (text, .unrecognized(nil)),
        (pipe, .file(.notARegularFile)),
        (loop, .file(.unreadable("Too many levels of symbolic links"))),
        (missing, .file(.unreadable("No such file or directory"))),
      ]
      for (url, reason) in cases {
        #expect(throws: FileError(url: url, reason: reason)) { try ImageFile.read(from: url) }
        #expect(throws: FileError(url: url, reason: reason)) {
          try ImageFile.readLayout(from: url)
        }
      }
    }
  }

  @Test func linksAreFollowed() throws {
    try withTemporaryFolder { folder in
      let link = folder.appendingPathComponent("link.png")
      try FileManager.default.createSymbolicLink(
        at: link, withDestinationURL: Fixture.url("rgb-8.png"))
      #expect(try ImageFile.read(from: link).image == Fixture.pixels("rgb-8"))
    }
  }

  /// More in front of the image than a scan reads at first: 200 kB of comments.
  @Test func sizeBehindALongHeaderIsFound() throws {
    try withTemporaryFolder { folder in
      let bytes = try Fixture.bytes("baseline-420.jpg")
      let comment = [0xFF, 0xFE, 0xC0, 0x00] + [UInt8](repeating: 0x20, count: 0xBFFE)
      let comments = Array(repeating: comment, count: 4).flatMap { $0 }
      let url = folder.appendingPathComponent("long.jpg")
      try Data(bytes[..<2] + comments + bytes[2...]).write(to: url)
      let layout = try ImageFile.readLayout(from: url)
      #expect((layout.height, layout.width, layout.channels) == (35, 51, 3))
      #expect(try ImageFile.read(from: url).image == Fixture.pixels("baseline-420"))
    }
  }

  @Test func errorsAreOneLineThatNamesTheFile() {
    func text(_ reason: ImageFailure) -> String {
      FileError(url: URL(fileURLWithPath: "photo 7.jpg"), reason: reason).description
    }
    #expect(text(.truncated(.jpeg)) == "photo 7.jpg: JPEG ends in the middle of the image data")
    #expect(text(.truncatedHeader(.jpeg)) == "photo 7.jpg: JPEG ends inside its header")
    #expect(text(.file(.folder)) == "photo 7.jpg: is a folder, not an image file")
    #expect(text(.file(.empty)) == "photo 7.jpg: the file is empty")
    #expect(text(.unrecognized(nil)) == "photo 7.jpg: is neither a JPEG, a PNG, a TIFF nor a WebP")
    #expect(
      text(.tooManyPixels(height: 3, width: 5, limit: 14))
        == "photo 7.jpg: has 5x3 pixels, more than the limit of 14 in all")
    let odd = FileError(url: URL(fileURLWithPath: "a\nb\u{1B}é.png"), reason: .file(.empty))
    #expect(odd.description == "a\\nb\\u{1B}é.png: the file is empty")
  }

  @Test(arguments: [
    ("JPG", ImageFormat.jpeg), ("Jpeg", .jpeg), ("png", .png), ("gif", nil), ("", nil),
  ])
  func extensionsInAnyLetterCase(pathExtension: String, format: ImageFormat?) {
    #expect(ImageFormat(pathExtension: pathExtension) == format)
  }

  /// Sparse files have any size; a machine that promises 8 TiB cannot refuse them.
  @Test(.enabled(if: !memoryIsAvailable(byteCount: 1 << 43)))
  func filesLargerThanTheMemoryAreRefused() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("sparse")
      try Data([1]).write(to: url)
      try #require(truncate(url.path, 1 << 43) == 0)
      let file = try RegularFile(url)
      #expect(throws: RegularFile.Failure.unreadable("Cannot allocate memory")) {
        try file.read(at: 0, count: .max)
      }
      #expect(try file.read(at: 0, count: 1) == [1])
    }
  }
}
