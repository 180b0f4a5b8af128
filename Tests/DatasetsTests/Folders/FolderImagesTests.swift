import Datasets
import Files
import Foundation
import Imaging
import TestSupport
import Testing

/// What becomes of a folder of image files.
struct FolderImagesTests {
  @Test func imagesComeAsTheyAreStored() throws {
    try withTemporaryFolder { folder in
      let deep = Image(height: 2, width: 1, channels: 2, samples: .sixteenBit([1, 2, 3, 65535]))
      let flat = makeImage(1, height: 5, width: 7)
      for (name, image) in ["b.png": deep, "a.png": flat] {
        try ImageFile(image: image, format: .png).write(to: folder.appendingPathComponent(name))
      }
      let source = try source(folder)
      #expect(source.kind == .folder)
      #expect(source.channels == nil)
      #expect(source.nativeSize == nil)
      #expect(source.classNames.isEmpty)
      #expect(source.summary == "folder of 2 images")
      #expect(try source.image(at: 0) == flat)
      #expect(try source.image(at: 1) == deep)
      #expect(try source.image(at: 1, minimumSize: 1) == deep)
      expectError("", "there is no class 'a'; there are no classes", in: folder, class: "a")
    }
  }

  /// What was left out of an image, and what was accepted, a line each; the images are used.
  @Test func remarksAreTold() throws {
    try withTemporaryFolder { folder in
      let (film, cut) = (
        folder.appendingPathComponent("a.png"), folder.appendingPathComponent("b.jpg")
      )
      try FileManager.default.copyItem(at: fixture("Metadata/animation.png"), to: film)
      try ImageFile(image: makeImage(2, height: 64, width: 64), format: .jpeg).write(to: cut)
      let bytes = try Data(contentsOf: cut)
      try bytes.prefix(bytes.count * 3 / 4).write(to: cut)
      var reading = ReadOptions()
      reading.acceptTruncated = true
      let source = try ImageSource(
        at: folder, class: nil, strict: true, workers: 2, reading: reading)
      #expect(source.count == 2 && source.warnings == [])
      #expect(
        source.remarks == [
          "\(film.path): an animation of 3 frames; the first is taken",
          "\(cut.path): broken; used as far as it can be decoded",
        ])
    }
  }

  /// To 3/8 of 64 pixels, the smallest multiple of an eighth that is not below 20.
  @Test func largeJPEGsComeSmallerOnRequest() throws {
    try withTemporaryFolder { folder in
      let image = makeImage(2, height: 64, width: 64)
      try ImageFile(image: image, format: .jpeg).write(to: folder.appendingPathComponent("a.jpg"))
      let source = try source(folder)
      #expect(try source.image(at: 0).height == 64)
      #expect(try source.image(at: 0, minimumSize: 20).height == 24)
    }
  }

  /// One has 64 pixels, the other 63; half of a file is an image if that is accepted.
  @Test func whichFilesAreTaken() throws {
    try withTemporaryFolder { folder in
      let files = ["a.png", "b.png"].map { folder.appendingPathComponent($0) }
      try ImageFile(image: makeImage(1, height: 8, width: 8), format: .png).write(to: files[0])
      try ImageFile(image: makeImage(2, height: 9, width: 7), format: .png).write(to: files[1])
      var reading = ReadOptions()
      reading.maximumPixels = 63
      func count() throws -> Int {
        try ImageSource(at: folder, class: nil, strict: false, workers: 1, reading: reading).count
      }
      #expect(try count() == 1)
      reading.maximumPixels = 64
      #expect(try count() == 2)
      let bytes = try Data(contentsOf: files[0])
      try bytes.prefix(bytes.count - 20).write(to: files[0])
      #expect(try count() == 1)
      reading.acceptTruncated = true
      #expect(try count() == 2)
    }
  }

  /// By their bytes: capitals first. The image in the folder itself has no class.
  @Test func theFoldersDirectlyInItAreTheClasses() throws {
    try withTemporaryFolder { folder in
      try scene(folder)
      let all = try source(folder)
      #expect(all.classNames == ["Zebra", "cat", "cats"])
      #expect(all.summary == "folder of 6 images, 3 classes")
      // The folder's own, then 1 of Zebra, 3 of cat with its folders, 1 of cats, by path.
      #expect(try images(all) == [0, 10, 20, 21, 30, 40].map { makeImage($0) })
      for name in ["cat", "CAT", "1"] {
        let cats = try source(folder, class: name)
        #expect(cats.summary == "folder of 3 images, class cat")
        #expect(cats.classNames == ["Zebra", "cat", "cats"])
        #expect(try images(cats) == [20, 21, 30].map { makeImage($0) })
      }
      for name in ["3", "dog"] {
        expectError(
          "", "there is no class '\(name)'; there are 'Zebra', 'cat' and 'cats'", in: folder,
          class: name)
      }
    }
  }

  /// One letter as one character, and as an e with an accent after it.
  @Test func foldersThatDifferInTheirBytesAreTwoClasses() throws {
    try withTemporaryFolder { folder in
      let (composed, decomposed) = ("x\u{E9}", "xe\u{301}")
      try writeImages(2, to: folder.appendingPathComponent(composed))
      try writeImages(1, to: folder.appendingPathComponent(decomposed), first: 10)
      let all = try source(folder)
      #expect(all.summary == "folder of 3 images, 2 classes")
      // By bytes: "e" comes before C3 A9.
      #expect((0..<3).map(all.label) == [0, 1, 1])
      #expect(try images(source(folder, class: composed)) == [0, 1].map { makeImage($0) })
      #expect(try images(source(folder, class: decomposed)) == [makeImage(10)])
      expectError(
        "", "the class 'X\u{E9}' could be 'xe\u{301}' or 'x\u{E9}'", in: folder, class: "X\u{E9}")
      let error = #expect(throws: FileError.self) {
        try all.checkClasses(ofFirst: 3, batchSize: 1, use: "--condition cgan", path: "data")
      }
      #expect(
        error?.reason
          == "the classes 0 and 1 are both called 'x\u{E9}', with accents encoded otherwise; rename the folder of "
          + "one of them, or put their images together")
    }
  }

  /// As `generate --class` takes them: a name that is a number is that number and no other.
  @Test func aFolderNamedLikeANumberHasThatNumber() throws {
    try withTemporaryFolder { folder in
      for (number, name) in ["7", "1", "2"].enumerated() {
        try writeImages(1, to: folder.appendingPathComponent(name), first: number)
      }
      // Sorted: 1, 2, 7.
      #expect(try images(source(folder, class: "1")) == [makeImage(1)])
      #expect(try images(source(folder, class: "2")) == [makeImage(2)])
      expectError(
        "", "there is no class '0'; there are '1', '2' and '7'", in: folder, class: "0")
      // The place of 'b' behind them.
      try writeImages(1, to: folder.appendingPathComponent("b"), first: 3)
      let source = try source(folder, class: "3")
      #expect(try images(source) == [makeImage(3)])
      #expect(source.label(at: 0) == 3)
    }
  }

  @Test func brokenImagesAreNamedAndLeftOutUnlessStrict() throws {
    try withTemporaryFolder { folder in
      try scene(folder)
      try write(["cat/0.jpg": [1, 2, 3]], in: folder)
      let source = try source(folder)
      let reason = "is neither a JPEG, a PNG, a TIFF nor a WebP"
      #expect(source.warnings == ["\(folder.path)/cat/0.jpg: \(reason); left out"])
      #expect(source.summary == "folder of 6 images, 3 classes")
      #expect(source.count == 6)
      expectError("/cat/0.jpg", reason, in: folder, strict: true)
      // Nobody decodes what is not wanted.
      #expect(try Self.strictCount(folder, "Zebra") == 1)
    }
  }

  @Test func aFolderOfBrokenImagesIsAnError() throws {
    try withTemporaryFolder { folder in
      try write(["a/1.jpg": [1], "a/2.png": [2], "b/1.png": [3]], in: folder)
      expectError("", "none of its 3 images can be used", in: folder)
      expectError("", "none of its 1 image can be used", in: folder, class: "b")
    }
  }

  /// Their middle squares of 30 and 8 pixels are what is learned from.
  @Test func longImagesAreTaken() throws {
    try withTemporaryFolder { folder in
      let wide = makeImage(1, height: 30, width: 1200)
      try ImageFile(image: wide, format: .png).write(to: folder.appendingPathComponent("a.png"))
      let wider = makeImage(2, height: 8, width: 9000)
      try ImageFile(image: wider, format: .jpeg).write(to: folder.appendingPathComponent("b.jpg"))
      let source = try source(folder, strict: true)
      #expect(source.warnings.isEmpty)
      #expect(source.count == 2)
      #expect(try source.image(at: 0) == wide)
      #expect(try source.image(at: 1).width == 9000)
    }
  }

  @Test func aCheckEndsWhenItIsAsked() throws {
    try withTemporaryFolder { folder in
      try writeImages(9, to: folder)
      var done = 0
      #expect(throws: CancellationError.self) {
        try ImageSource(
          at: folder, class: nil, strict: false, workers: 1,
          progress: { number, _ in done = number }
        ) { done == 2 }
      }
      #expect(done == 2)
    }
  }

  @Test func progressIsCounted() throws {
    try withTemporaryFolder { folder in
      try writeImages(3, to: folder)
      var seen: [[Int]] = []
      _ = try ImageSource(at: folder, class: nil, strict: false, workers: 2) { done, total in
        seen.append([done, total])
      }
      #expect(seen == [[1, 3], [2, 3], [3, 3]])
    }
  }

  private func scene(_ folder: URL) throws {
    for (path, number, count) in [
      ("", 0, 1), ("Zebra", 10, 1), ("cat", 20, 2), ("cat/small", 30, 1), ("cats", 40, 1),
    ] {
      try writeImages(count, to: folder.appendingPathComponent(path), first: number)
    }
  }

  private func images(_ source: ImageSource) throws -> [Image] {
    try (0..<source.count).map { try source.image(at: $0) }
  }

  private static func strictCount(_ folder: URL, _ name: String) throws -> Int {
    try source(folder, class: name, strict: true).count
  }
}
