import Files
import Foundation
import TestSupport
import Testing

/// What is told about files, and how they are replaced.
struct FilesTests {
  @Test func anErrorIsOneLine() {
    let error = FileError(path: "a\nb\u{1B}é", reason: "is odd")
    #expect(error.description == "a\\nb\\u{1B}é: is odd")
  }

  /// Links are followed; one to nowhere and a missing file are nothing.
  @Test func kindsAreTold() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("file")
      try replaceFile(at: file, with: Data([1]))
      let links = ["to-file", "to-folder", "to-nowhere"].map(folder.appendingPathComponent)
      let targets = [file, folder, folder.appendingPathComponent("missing")]
      for (link, target) in zip(links, targets) {
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: target)
      }
      #expect(FileKind(of: file) == .file)
      #expect(FileKind(of: folder) == .folder)
      #expect(links.map { FileKind(of: $0) } == [.file, .folder, nil])
    }
  }

  @Test func aFileIsReplacedAndNothingElseIsLeft() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("file")
      for bytes in [[1, 2, 3], [], [4]] as [[UInt8]] {
        try replaceFile(at: file, with: bytes)
        #expect(try Array(Data(contentsOf: file)) == bytes)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
      let missing = folder.appendingPathComponent("missing/file")
      #expect(throws: FileError(path: missing.path, reason: "No such file or directory")) {
        try replaceFile(at: missing, with: Data([1]))
      }
    }
  }
}
