import Files
import Foundation
import TestSupport
import Testing

@testable import Translation

/// Names of images from a file.
struct InputListTests {
  private func names(_ bytes: [UInt8]) throws -> [String] {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("list")
      try Data(bytes).write(to: file)
      return Array(try InputList(at: file.path).names)
    }
  }

  private func names(_ text: String) throws -> [String] { try names(Array(text.utf8)) }

  @Test func linesAndZeroBytesEndNames() throws {
    #expect(try names("a.png\nb c.png\n") == ["a.png", "b c.png"])
    #expect(try names("a.png\r\n\nb.png") == ["a.png", "b.png"])
    #expect(try names("a\nb.png\0c\r.png\0") == ["a\nb.png", "c\r.png"])
    #expect(try names("last\0one") == ["last", "one"])
  }

  /// Names lie across the pieces in which a file is read.
  @Test(arguments: ["\n", "\0"]) func longListsComeInPieces(end: String) throws {
    let expected = (0..<20_000).map { "folder/\($0 * 37).png" }
    #expect(try names(expected.map { $0 + end }.joined()) == expected)
  }

  @Test func whatIsNoListIsTold() throws {
    func reason(_ bytes: [UInt8]) -> String? {
      #expect(throws: FileError.self) { try names(bytes) }?.reason
    }
    let long = [UInt8](repeating: 0x61, count: 5000)
    #expect(reason([]) == "it names no images")
    #expect(reason(Array("\n\n".utf8)) == "it names no images")
    #expect(reason([0]) == "name 1 is empty")
    #expect(reason(Array("a\0\0".utf8)) == "name 2 is empty")
    #expect(reason(Array("a\n".utf8) + long) == "name 2 is longer than any path")
    #expect(reason([0x61, 0x0A, 0xFF, 0x0A]) == "name 2 is not UTF-8; rename the file")
    // A zero byte behind what was taken for lines.
    let lines = Array(String(repeating: "a\n", count: 40_000).utf8)
    #expect(
      reason(lines + [0x62, 0, 0x0A])
        == "name 40001 holds a zero byte, which the names before it do not end with")
    let missing = #expect(throws: FileError.self) { try InputList(at: "/missing/list") }
    #expect(missing?.description == "/missing/list: No such file or directory")
    let folder = #expect(throws: FileError.self) { try InputList(at: "/") }
    #expect(folder?.description == "/: Is a directory")
  }

  /// Relative names keep their folders, wherever they lead; absolute ones have none to keep.
  @Test func namesOfResults() throws {
    try withTemporaryFolder { root in
      let output = root.appendingPathComponent("out")
      var jobs = TranslationJobs(output: output, format: .only(.jpeg), shard: .whole)
      jobs.add(list: ["a/b.png", "./a/./c.JPG", "../../d/e.tiff", "x/../f", "/abs/olute/g.png"])
      #expect(
        jobs.map { String($0.output.path.dropFirst(output.path.count + 1)) }
          == ["a/b.jpg", "a/c.JPG", "d/e.jpg", "f.jpg", "g.jpg"])
      #expect(jobs.map(\.input.relativePath).first == "a/b.png")
    }
  }

  @Test func foldersOfAListArePassedOverAndWhatIsMissingFailsInItsTurn() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let image = try scene.write(makeImage(0), "a.png")
      let inside = scene.outputs.appendingPathComponent("done.png")
      try FileManager.default.createDirectory(
        at: scene.outputs, withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: image, to: inside)
      let list = root.appendingPathComponent("list")
      let names = [scene.inputs.path, image.path, "\(root.path)/missing.png", inside.path]
      try Data(names.joined(separator: "\n").utf8).write(to: list)
      let plan = try TranslationPlan(
        [], list: InputList(at: list.path), output: scene.outputs, format: .same)
      #expect(plan.jobs.map(\.input.lastPathComponent) == ["a.png", "missing.png"])
      #expect(plan.warnings == ["--list: 1 name of folders passed over; a list names files"])
    }
  }
}
