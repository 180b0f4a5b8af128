import Datasets
import Files
import Foundation
import Imaging
import TestSupport
import Testing

/// What is said of images of kinds that cannot be read.
struct ForeignImagesTests {
  /// The folder of the first report: of 18 images two can be read. What is no image is not counted.
  private func fill(_ folder: URL) throws {
    try writeImages(2, to: folder)
    for (kind, count) in [("HEIC", 9), ("BMP", 4), ("GIF", 3)] {
      for index in 0..<count {
        let file = folder.appendingPathComponent("deep/\(index % 2)/\(kind)-\(index)")
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: fixture("Foreign/\(kind)"), to: file)
      }
    }
    try FileManager.default.copyItem(
      at: fixture("Foreign/ICO"),
      to: folder.appendingPathComponent(".hidden.ico"))
    try write(
      ["notes.txt": Array("nothing".utf8), "list.json": Array("{}".utf8), "empty.bin": []],
      in: folder)
  }

  private let advice = "convert them first, for example with heif-convert or ImageMagick"

  @Test func theyAreCountedByKind() throws {
    try withTemporaryFolder { folder in
      try fill(folder)
      let found = try ImageFolder(scanning: folder)
      #expect(found.relativePaths == ["00.png", "01.png"])
      #expect(
        found.foreign.summary(used: 2)
          == "18 files: 2 used; 16 left out: 9 HEIC, 4 BMP, 3 GIF; \(advice)")
      #expect(
        found.foreign.summary(used: 1, broken: 1)
          == "18 files: 1 used; 17 left out: 9 HEIC, 4 BMP, 3 GIF, 1 unusable; \(advice)")
      let error = #expect(throws: FileError.self) { try found.foreign.refuse(in: "x", beside: 2) }
      #expect(
        error?.description
          == "x: 18 files: 2 used; 16 cannot be read: 9 HEIC, 4 BMP, 3 GIF; \(advice)")
    }
  }

  @Test func aFolderOfReadableImagesHasNone() throws {
    try withTemporaryFolder { folder in
      try writeImages(1, to: folder)
      try write(["notes.txt": Array("nothing".utf8)], in: folder)
      let found = try ImageFolder(scanning: folder)
      #expect(found.foreign.summary(used: 1) == nil)
      try found.foreign.refuse(in: "x", beside: 1)
      #expect(try source(folder).warnings == [])
    }
  }

  @Test func aFolderOfNothingElseSaysSo() throws {
    try withTemporaryFolder { folder in
      for name in ["a.heic", "b.heic"] {
        try FileManager.default.copyItem(
          at: fixture("Foreign/HEIC"), to: folder.appendingPathComponent(name))
      }
      let words =
        "2 HEIC; convert them first, for example with heif-convert"
      let error = #expect(throws: FileError.self) { try ImageFolder(scanning: folder) }
      #expect(
        error?.reason == "the folder holds no jpg, jpeg, png, tif, tiff or webp files, but \(words)"
      )
      expectError(
        "",
        "the folder holds no jpg, jpeg, png, tif, tiff or webp files, no IDX files and no CIFAR-10 batches, but \(words)",
        in: folder)
    }
  }

  /// With the broken one, which is named on a line of its own as well; strict runs end here.
  @Test func sourcesTellOfThem() throws {
    try withTemporaryFolder { folder in
      try fill(folder)
      try write(["deep/broken.png": Array("no image".utf8)], in: folder)
      let line = "9 HEIC, 4 BMP, 3 GIF"
      #expect(
        try source(folder).warnings == [
          "\(folder.path)/deep/broken.png: is neither a JPEG, a PNG, a TIFF nor a WebP; left out",
          "\(folder.path): 19 files: 2 used; 17 left out: \(line), 1 unusable; \(advice)",
        ])
      expectError(
        "", "19 files: 3 used; 16 cannot be read: \(line); \(advice)", in: folder, strict: true)
      // Of one class, only what lies in its folder.
      try writeImages(1, to: folder.appendingPathComponent("cat"))
      #expect(try source(folder, class: "cat", strict: true).warnings == [])
    }
  }
}
