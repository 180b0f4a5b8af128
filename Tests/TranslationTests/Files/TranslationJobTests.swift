import Datasets
import Files
import Foundation
import Imaging
import TestSupport
import Testing
import Training

@testable import Translation

/// Which images are translated, and what their results are called.
struct TranslationJobTests {
  @Test func foldersKeepTheirPathsAndFilesTheirNames() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      for name in ["z.png", "a/z.png", "a/b/z.JPG"] { try scene.write(makeImage(0), name) }
      let single = root.appendingPathComponent("other/single.jpeg")
      #expect(
        try plan(scene, [scene.inputs]) == [
          "a/b/z.JPG -> a/b/z.JPG", "a/z.png -> a/z.png", "z.png -> z.png",
        ])
      let deep = scene.inputs.appendingPathComponent("a/b/z.JPG")
      #expect(try plan(scene, [deep]) == ["a/b/z.JPG -> z.JPG"])
      #expect(throws: FileError.self) { try plan(scene, [single]) }
    }
  }

  @Test(arguments: [
    (TranslationFormat.only(.png), ["a.png", "b.png", "c.png", "d.e.PNG"]),
    (.only(.jpeg), ["a.jpg", "b.JPEG", "c.jpg", "d.e.jpg"]),
    (.same, ["a.jpg", "b.JPEG", "c.png", "d.e.PNG"]),
  ])
  func formatsDecideTheEnding(_ format: TranslationFormat, expected: [String]) throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      for name in ["a.jpg", "b.JPEG", "c.png", "d.e.PNG"] {
        try scene.write(makeImage(0, height: 8, width: 8), name)
      }
      #expect(try scene.translate(format: format) == [])
      #expect(filesBelow(scene.outputs) == expected)
      for name in expected {
        let file = try ImageFile.read(from: scene.outputs.appendingPathComponent(name))
        #expect(file.format == ImageFormat(pathExtension: (name as NSString).pathExtension))
      }
    }
  }

  /// A file given by name needs no ending; its content decides what is written.
  @Test func filesWithoutAnEnding() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let named = try scene.write(makeImage(0), "named.png")
      let bare = scene.inputs.appendingPathComponent("v1.2")
      try FileManager.default.moveItem(at: named, to: bare)
      #expect(try scene.translate([bare]) == [])
      let result = try ImageFile.read(from: scene.outputs.appendingPathComponent("v1.2"))
      #expect(result.format == .png)
      #expect(try scene.translate([bare], format: .only(.jpeg)) == [])
      #expect(filesBelow(scene.outputs) == ["v1.2", "v1.2.jpg"])
    }
  }

  /// Names that a shell, a URL or a terminal would take for something else.
  @Test func oddNames() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let names = [
        " leading and trailing .png", "100%25 #1?.png", "line\nfeed.png", "Ölgemälde 北京 🖼.png",
        "über all/--help.png", "a\\b\"c'.png", "ü.d/e%2Ff.png",
      ].sorted()
      for name in names { try scene.write(makeImage(0, height: 8, width: 8), name) }
      #expect(filesBelow(scene.inputs) == names)
      #expect(try scene.translate() == [])
      #expect(filesBelow(scene.outputs) == names)
    }
  }

  /// One letter, or a letter and an accent: two names to Linux, though equal strings to Swift.
  @Test func namesThatOnlyLookAlikeAreTwo() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      try scene.write(makeImage(0, height: 8, width: 8), "\u{E9}.png")
      try scene.write(makeImage(1, height: 8, width: 8), "e\u{301}.png")
      // A file system that takes them for one has only one file.
      let count = try FileManager.default.contentsOfDirectory(atPath: scene.inputs.path).count
      #expect(try scene.translate() == [])
      #expect(filesBelow(scene.outputs).count == count)
    }
  }

  /// Neither is translated, since nobody knows which was meant; the others are.
  @Test func twoResultsOfOneNameAreTakenOut() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let one = try scene.write(makeImage(0), "one/a.png")
      let two = try scene.write(makeImage(1), "two/a.png")
      let other = try scene.write(makeImage(3), "one/b.png")
      let plan = try TranslationPlan([one, two, other], output: scene.outputs, format: .same)
      #expect(plan.jobs.map(\.input) == [other])
      let result = scene.outputs.path + "/a.png"
      #expect(
        plan.clashes == [
          .init(input: one, reason: "\(result) would be the result of \(two.path) as well"),
          .init(input: two, reason: "\(result) would be the result of \(one.path) as well"),
        ])
      try scene.write(makeImage(2), "one/a.jpg")
      let converted = try TranslationPlan(
        [scene.inputs], output: scene.outputs, format: .only(.png))
      #expect(converted.jobs.map(\.input.lastPathComponent) == ["b.png", "a.png"])
      #expect(converted.clashes.map(\.input.lastPathComponent) == ["a.jpg", "a.png"])
    }
  }

  /// The results of the first time lie inside the folder that is searched the second time.
  @Test func resultsAreNotTranslatedAgain() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      try scene.write(makeImage(0), "a.png")
      let inside = scene.inputs.appendingPathComponent("results")
      func jobs(_ output: URL) throws -> [String] {
        try TranslationPlan([scene.inputs], output: output, format: .same).jobs.map(\.output.path)
      }
      #expect(try jobs(inside) == [inside.path + "/a.png"])
      try scene.write(makeImage(1), "results/a.png")
      try scene.write(makeImage(1), "results/deep/b.png")
      try scene.write(makeImage(1), "results-2/c.png")
      let expected = [inside.path + "/a.png", inside.path + "/results-2/c.png"]
      #expect(try jobs(inside) == expected)
      // The same folder by another name.
      let link = root.appendingPathComponent("link")
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: inside)
      #expect(try jobs(link).map { $0.replacing(link.path, with: inside.path) } == expected)
      #expect(try jobs(inside.appendingPathComponent("deep/..")).count == 2)
      let photos = root.appendingPathComponent("more photos")
      try FileManager.default.createSymbolicLink(at: photos, withDestinationURL: scene.inputs)
      let linked = try TranslationPlan([photos], output: inside, format: .same).jobs
      #expect(linked.map(\.output.path) == expected)
    }
  }

  @Test func inputsAreNotReplaced() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let file = try scene.write(makeImage(0), "a.png")
      func refusal(_ inputs: [URL], _ output: URL, _ message: String) {
        expectRefusal(message) {
          try TranslationPlan(inputs, output: output, format: .same).jobs
        }
      }
      refusal(
        [file], scene.inputs, "\(file.path): this is an input; choose another output folder")
      refusal(
        [scene.inputs], scene.inputs,
        "\(scene.inputs.path): all images to translate are in it already; choose another "
          + "output folder")
      // The results' folder is a link to the inputs'.
      let link = root.appendingPathComponent("link")
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: scene.inputs)
      refusal(
        [file], link,
        "\(link.path)/a.png: this is an input; choose another output folder")
    }
  }

  @Test func inputsThatAreMissingOrEmptyAreNamed() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let missing = scene.inputs.appendingPathComponent("missing.png")
      expectRefusal("\(missing.path): there is no such file or folder") {
        try scene.translate([missing])
      }
      expectRefusal(
        "\(scene.inputs.path): the folder holds no jpg, jpeg, png, tif, tiff or webp files"
      ) {
        try scene.translate()
      }
    }
  }

  private func plan(_ scene: TranslationScene, _ inputs: [URL]) throws -> [String] {
    try TranslationPlan(inputs, output: scene.outputs, format: .same).jobs.map {
      "\($0.input.path.dropFirst(scene.inputs.path.count + 1)) -> "
        + $0.output.path.dropFirst(scene.outputs.path.count + 1)
    }
  }

  private func expectRefusal<R>(
    _ message: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> R
  ) {
    let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) {
      _ = try body()
    }
    #expect(error?.description == message, sourceLocation: sourceLocation)
  }
}
