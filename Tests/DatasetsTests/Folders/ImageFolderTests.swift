import Files
import Foundation
import Imaging
import TestSupport
import Testing

@testable import Datasets

/// Which files of a folder are images, and in what order they come.
struct ImageFolderTests {
  @Test func extensionsInAnyLetterCase() throws {
    try withTemporaryFolder { folder in
      let images = ["a.jpg", "b.JPG", "c.Jpeg", "d.PNG", "e.f.png", "f.WebP"]
      try touch(images + ["a.txt", "jpg", "b.jpg.zip", "c.gif", "d.bmp"], in: folder)
      #expect(try ImageFolder(scanning: folder).relativePaths == images)
    }
  }

  /// Their sheets are no data; a folder that merely has one of their files is.
  @Test func foldersOfRunsArePassedOver() throws {
    try withTemporaryFolder { folder in
      try touch(
        [
          "a.png", "checkpoints/run/config.json", "checkpoints/run/snapshots/epoch-0001/x",
          "checkpoints/run/samples/epoch-0001.png", "b/config.json", "b/b.png",
          "c/snapshots/c.png",
        ], in: folder)
      #expect(
        try ImageFolder(scanning: folder).relativePaths == [
          "a.png", "b/b.png", "c/snapshots/c.png",
        ])
      // Whoever names one means it.
      let run = folder.appendingPathComponent("checkpoints/run")
      #expect(try ImageFolder(scanning: run).relativePaths == ["samples/epoch-0001.png"])
    }
  }

  /// The name does not matter where the content is an image's.
  @Test func contentDecidesWhereTheNameDoesNot() throws {
    try withTemporaryFolder { folder in
      try touch(["notes.txt", "b.gif"], in: folder)
      try Data("no image, but long enough".utf8).write(
        to: folder.appendingPathComponent("c.txt"))
      let file = ImageFile(image: makeImage(1), format: .png)
      for name in ["image", "d.tif", "e.jpg"] {
        try file.write(to: folder.appendingPathComponent(name))
      }
      #expect(try ImageFolder(scanning: folder).relativePaths == ["d.tif", "e.jpg", "image"])
    }
  }

  /// By bytes: digits, capitals, small letters, then what is not ASCII; "." before "/".
  @Test func pathsAreSortedByTheirBytes() throws {
    try withTemporaryFolder { folder in
      let sorted = [
        "10.png", "9.png", "B.png", "Z/1.png", "a-.png", "a.png", "a/b.png", "a/c/d.png", "ab.png",
        "é.png",
      ]
      try touch(sorted.reversed(), in: folder)
      let scanned = try ImageFolder(scanning: folder)
      #expect(scanned.relativePaths == sorted)
      #expect(scanned.files.map(\.path) == sorted.map { "\(folder.path)/\($0)" })
    }
  }

  @Test func hiddenFilesAndFoldersArePassedOver() throws {
    try withTemporaryFolder { folder in
      try touch(["a.png", ".b.png", "._a.png", ".cache/c.png", "d/.e/f.png"], in: folder)
      #expect(try ImageFolder(scanning: folder).relativePaths == ["a.png"])
    }
  }

  @Test func aFolderNamedLikeAImageIsAFolder() throws {
    try withTemporaryFolder { folder in
      try touch(["x.png/y.jpg"], in: folder)
      #expect(try ImageFolder(scanning: folder).relativePaths == ["x.png/y.jpg"])
    }
  }

  @Test func linksAreFollowedAndLoopsEnd() throws {
    try withTemporaryFolder { root in
      let folder = root.appendingPathComponent("images")
      try touch(["a/1.png", "a/b/2.png"], in: folder)
      try touch(["3.png"], in: root.appendingPathComponent("elsewhere"))
      try link(folder.appendingPathComponent("a/b/up"), to: "../..")
      try link(folder.appendingPathComponent("self"), to: ".")
      try link(folder.appendingPathComponent("outside"), to: "../elsewhere")
      try link(folder.appendingPathComponent("nowhere.png"), to: "missing")
      try link(folder.appendingPathComponent("file.png"), to: "a/1.png")
      let paths = try ImageFolder(scanning: folder).relativePaths
      // The link that leads nowhere is left to whoever reads it, and says so.
      #expect(paths == ["a/1.png", "a/b/2.png", "file.png", "nowhere.png", "outside/3.png"])
    }
  }

  /// Which of two names a folder goes by must not depend on the order the file system lists them in.
  @Test func aFolderWithTwoNamesIsReadOnce() throws {
    try withTemporaryFolder { folder in
      try touch(["real/1.png"], in: folder)
      for name in ["alias", "zealous", "other"] {
        try link(folder.appendingPathComponent(name), to: "real")
      }
      #expect(try ImageFolder(scanning: folder).relativePaths == ["alias/1.png"])
    }
  }

  /// The same letter as one character, and as an e with an accent after it: two folders for the file system.
  @Test func foldersThatDifferInTheirBytesAreTwo() throws {
    try withTemporaryFolder { folder in
      try touch(["x\u{E9}/a.png", "xe\u{301}/a.png", "xe\u{301}/b.png"], in: folder)
      let found = try ImageFolder(scanning: folder).relativePaths.map { Array($0.utf8) }
      // "e" comes before the bytes C3 A9.
      #expect(
        found == ["xe\u{301}/a.png", "xe\u{301}/b.png", "x\u{E9}/a.png"].map { Array($0.utf8) })
    }
  }

  /// FF is in no UTF-8. What lies in such a folder cannot be counted, and what the file is that has such a name cannot
  /// be seen.
  @Test func namesThatAreNotUTF8AreTold() throws {
    try withTemporaryFolder { folder in
      try touch(["a.png", "\u{FFFD}.png"], in: folder)
      try link(folder.appendingPathComponent("\u{FFFD}.jpg"), to: "nowhere")
      let good = ["a.png", "\u{FFFD}.jpg", "\u{FFFD}.png"]
      #expect(try ImageFolder(scanning: folder).foreign.summary(used: 3) == nil)
      try makeFolder([0x78, 0xFF], in: folder)
      let found = try ImageFolder(scanning: folder)
      #expect(found.relativePaths == good)
      #expect(
        found.foreign.summary(used: 3)
          == "1 file or folder left out for a name that is not UTF-8; rename it")
      try makeFolder([0x78, 0xFF, 0xFF] + Array(".png".utf8), in: folder)
      let more = try ImageFolder(scanning: folder).foreign
      #expect(
        more.summary(used: 3)
          == "2 files or folders left out for names that are not UTF-8; rename them")
      let error = #expect(throws: FileError.self) { try more.refuse(in: "x", beside: 3) }
      #expect(
        error?.description
          == "x: 2 files or folders cannot be read for names that are not UTF-8; rename them")
    }
  }

  @Test func aFolderOfNothingButSuchNamesSaysSo() throws {
    try withTemporaryFolder { folder in
      try makeFolder([0xFF], in: folder)
      let error = #expect(throws: FileError.self) { try ImageFolder(scanning: folder) }
      #expect(
        error?.reason.hasSuffix(
          ", but 1 file or folder with a name that is not UTF-8; rename it") == true)
    }
  }

  @Test func aLinkToAFolderCanBeScanned() throws {
    try withTemporaryFolder { folder in
      try touch(["real/1.png"], in: folder)
      let alias = folder.appendingPathComponent("alias")
      try link(alias, to: "real")
      #expect(try ImageFolder(scanning: alias).relativePaths == ["1.png"])
    }
  }

  @Test func missingFoldersFilesAndEmptyFoldersAreNamed() throws {
    try withTemporaryFolder { folder in
      try touch(["a.png"], in: folder)
      let empty = folder.appendingPathComponent("empty")
      try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
      let reasons = [
        "missing": "there is no such folder", "a.png": "this is a file, not a folder",
        "empty": "the folder holds no jpg, jpeg, png, tif, tiff or webp files",
      ]
      for (name, reason) in reasons {
        let url = folder.appendingPathComponent(name)
        let error = #expect(throws: FileError.self) { try ImageFolder(scanning: url) }
        #expect(error?.description == "\(url.path): \(reason)")
      }
    }
  }

  /// One folder below is found by its name, so that whoever reads it reports it, and the rest goes on.
  @Test func aFolderBelowThatCannotBeReadIsFoundByItsName() throws {
    try withTemporaryFolder { folder in
      try touch(["a.png", "locked/b.png", "open/c.png"], in: folder)
      let found = try ImageFolder(scanningForAny: folder) { path in
        // Permissions do not bind the superuser, so the refusal is made here.
        if path.hasSuffix("/locked") { throw CocoaError(.fileReadNoPermission) }
        return try FileManager.default.contentsOfDirectory(atPath: path)
      }
      #expect(found.relativePaths == ["a.png", "locked", "open/c.png"])
      let error = #expect(throws: FileError.self) {
        try ImageFolder(scanningForAny: folder) { _ in throw CocoaError(.fileReadNoPermission) }
      }
      #expect(error?.reason == "the folder cannot be read")
    }
  }

  /// - Parameter name: bytes, which need not be UTF-8.
  private func makeFolder(_ name: [UInt8], in folder: URL) throws {
    let path = Array((folder.path + "/").utf8) + name + [0]
    let code = path.withUnsafeBytes { mkdir($0.bindMemory(to: CChar.self).baseAddress!, 0o755) }
    try #require(code == 0)
  }

  private func touch(_ paths: [String], in folder: URL) throws {
    for path in paths {
      let file = folder.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: file)
    }
  }

  private func link(_ link: URL, to destination: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: link.path, withDestinationPath: destination)
  }
}
