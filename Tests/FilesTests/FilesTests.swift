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

  /// A link stays a link, and what it leads to is replaced; there may be nothing yet.
  @Test func linksAreFollowed() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      let inner = folder.appendingPathComponent("inner")
      try makeFolder(at: inner)
      for name in ["there", "missing"] {
        try files.createSymbolicLink(
          atPath: folder.appendingPathComponent(name).path, withDestinationPath: "inner/\(name)")
      }
      try replaceFile(at: inner.appendingPathComponent("there"), with: Data([1]))
      for name in ["there", "missing"] {
        try replaceFile(at: folder.appendingPathComponent(name), with: Data([2]))
        #expect(try Data(contentsOf: inner.appendingPathComponent(name)) == Data([2]))
      }
      #expect(
        try files.destinationOfSymbolicLink(atPath: folder.appendingPathComponent("there").path)
          == "inner/there")
      try files.createSymbolicLink(
        atPath: folder.appendingPathComponent("round").path, withDestinationPath: "round")
      let round = folder.appendingPathComponent("round")
      #expect(throws: FileError(path: round.path, reason: "Too many levels of symbolic links")) {
        try replaceFile(at: round, with: Data([1]))
      }
    }
  }

  @Test func onlyRegularFilesAreReplaced() throws {
    try withTemporaryFolder { folder in
      let pipe = folder.appendingPathComponent("pipe")
      #expect(mkfifo(pipe.path, 0o600) == 0)
      let link = folder.appendingPathComponent("link")
      try FileManager.default.createSymbolicLink(
        atPath: link.path, withDestinationPath: "/dev/null")
      for place in [pipe, link, URL(fileURLWithPath: "/dev/null")] {
        #expect(throws: FileError(path: place.path, reason: "is not a regular file")) {
          try replaceFile(at: place, with: Data([1]))
        }
      }
      #expect(throws: FileError(path: folder.path, reason: "Is a directory")) {
        try replaceFile(at: folder, with: Data([1]))
      }
      #expect(throws: FileError(path: link.path, reason: "is not a regular file")) {
        try appendToFile(at: link, Data([1]))
      }
    }
  }

  @Test func aFileThatIsNotCommittedIsGone() throws {
    try withTemporaryFolder { folder in
      do {
        let file = try ReplacementFile(at: folder.appendingPathComponent("file"))
        try file.write(Data([1, 2]))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.allSatisfy(TemporaryName.isTemporary) && names.count == 1)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }
  }

  @Test func whatIsAppendedComesLast() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("file")
      for byte in [1, 2, 3] as [UInt8] { try appendToFile(at: file, Data([byte])) }
      #expect(try Data(contentsOf: file) == Data([1, 2, 3]))
    }
  }

  @Test func foldersAreMadeWithThoseAboveThem() throws {
    try withTemporaryFolder { folder in
      let inner = folder.appendingPathComponent("a/b/c")
      try makeFolder(at: inner)
      try makeFolder(at: inner)
      #expect(FileKind(of: inner) == .folder)
      let file = folder.appendingPathComponent("file")
      try replaceFile(at: file, with: Data())
      for place in [file, file.appendingPathComponent("below")] {
        #expect(throws: FileError(path: place.path, reason: "Not a directory")) {
          try makeFolder(at: place)
        }
      }
    }
  }
}
