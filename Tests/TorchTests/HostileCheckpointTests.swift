import Files
import Foundation
import TestSupport
import Testing
import Torch

/// Some 450 files that nobody should have made (write_hostile.py): each is read or refused with the reason that
/// stands beside it, within a second or so, and nothing in them runs.
struct HostileCheckpointTests {
  private struct Hostile {
    let name: String
    let words: String
    let bytes: Data
  }

  private static func all() throws -> [Hostile] {
    let text = try String(contentsOf: fixture("PyTorch/hostile.txt"), encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      try #require(fields.count == 4)
      let packed = try #require(Data(base64Encoded: String(fields[3])))
      return Hostile(
        name: String(fields[0]), words: String(fields[1]),
        bytes: try inflated(packed, count: try #require(Int(fields[2]))))
    }
  }

  /// Python's zlib format: two bytes in front and four behind a raw stream, which a zip archive can hold.
  private static func inflated(_ packed: Data, count: Int) throws -> Data {
    let raw = packed.dropFirst(2).dropLast(4)
    return try inflateRaw(Array(raw), count: count)
  }

  @Test func eachIsReadOrRefused() throws {
    let owned = URL(fileURLWithPath: "/tmp/owned")
    try? FileManager.default.removeItem(at: owned)
    let all = try Self.all()
    #expect(all.count > 400)
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("x.pth")
      for hostile in all {
        try hostile.bytes.write(to: file)
        let clock = ContinuousClock()
        var found: (any Error)?
        let time = clock.measure {
          do { _ = try WeightsFile(file).read() } catch { found = error }
        }
        #expect(time < .seconds(5), "\(hostile.name) took \(time)")
        check(hostile, found, file)
      }
    }
    #expect(!FileManager.default.fileExists(atPath: owned.path))
  }

  /// AddressSanitizer ends the program at the first finding. The reader is compiled for this, since the rest of the
  /// program would have to be, libtorch included.
  @Test func sanitizersFindNothing() throws {
    try withTemporaryFolder { folder in
      let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
      let built = try runProgram(
        root.appendingPathComponent("Tests/Fuzzing/build_checkpoint.sh").path,
        ["files", folder.path])
      try #require(built.status == 0, "\(built.output)")
      var paths = try FileManager.default.contentsOfDirectory(
        at: fixture("PyTorch"), includingPropertiesForKeys: nil
      ).filter { ["pth", "pt"].contains($0.pathExtension) }.map(\.path)
      #expect(paths.count > 10)
      for (number, hostile) in try Self.all().enumerated() {
        let file = folder.appendingPathComponent("\(number).pth")
        try hostile.bytes.write(to: file)
        paths.append(file.path)
      }
      let (status, output) = try runProgram(folder.appendingPathComponent("files").path, paths)
      #expect(status == 0 && output == "\(paths.count) files\n", "\(output)")
    }
  }

  private func check(_ hostile: Hostile, _ found: (any Error)?, _ file: URL) {
    switch hostile.words {
    case "GOOD":
      #expect(found == nil, "\(hostile.name)")
    case "ANY":
      #expect(found == nil || found is FileError, "\(hostile.name)")
    default:
      let error = found as? FileError
      #expect(error?.path == file.path, "\(hostile.name)")
      #expect(
        error?.reason.contains(hostile.words) == true || hostile.words.isEmpty,
        "\(hostile.name): \(error?.reason ?? "it was read")")
      #expect(error?.reason.contains("\n") != true, "\(hostile.name)")
    }
  }

  /// What is listed is what would be read.
  @Test func listingRefusesTheSame() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("x.pth")
      for hostile in try Self.all() where !hostile.words.isEmpty && hostile.words != "ANY" {
        // Damage within the tensors' bytes is seen when they are read.
        if ["checksum", "it says", "inflated"].contains(where: hostile.words.contains) { continue }
        try hostile.bytes.write(to: file)
        var found: (any Error)?
        do { _ = try WeightsFile(file) } catch { found = error }
        check(hostile, found, file)
      }
    }
  }
}
