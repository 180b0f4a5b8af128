import Files
import Foundation
import Imaging
import TestSupport
import Testing

@testable import Datasets

/// IDX files in gzip archives, which Tests/Fixtures/Images/write_archives.py wrote.
struct GzipTests {
  private static let name = "train-images-idx3-ubyte.gz"

  @Test(arguments: ["images", "members"])
  func archivesAreInflated(archive: String) throws {
    try withArchive(Self.bytes(archive)) { folder in
      let source = try source(folder)
      #expect(source.summary == "MNIST, 3 images of 2x3, 1 channel, no labels")
      let last = Image(height: 3, width: 2, channels: 1, pixels: [22, 23, 24, 25, 26, 27])
      #expect(try source.image(at: 2) == last)
    }
  }

  @Test func labelsAreInflated() throws {
    try withArchive(Self.bytes("images")) { folder in
      try write(["train-labels-idx1-ubyte.gz": Self.bytes("labels")], in: folder)
      #expect(try source(folder).classNames == ["0", "7"])
      let sevens = try source(folder, class: "7")
      #expect(sevens.count == 2)
      #expect(try sevens.image(at: 1).samples == .eightBit([22, 23, 24, 25, 26, 27]))
    }
  }

  /// Whether a file is an archive is for its content to say.
  @Test func namesDoNotDecide() throws {
    try withTemporaryFolder { folder in
      try write(["train-images-idx3-ubyte": Self.bytes("images")], in: folder)
      #expect(try source(folder).count == 3)
      try FileManager.default.removeItem(
        at: folder.appendingPathComponent("train-images-idx3-ubyte"))
      try write([Self.name: idx([1, 1, 1], [1])], in: folder)
      #expect(try source(folder).count == 1)
    }
  }

  /// Every length short of the whole archive. Of 2 bytes and more it is recognized as one.
  @Test func everyTruncationIsAnError() throws {
    let whole = try Self.bytes("images")
    for count in 2..<whole.count {
      try withArchive(Array(whole.prefix(count))) { folder in
        let file = folder.appendingPathComponent(Self.name)
        #expect(throws: FileError.self, "\(count) bytes") { try source(folder) }
        let reader = try GzipReader(RegularFile(file))
        #expect(throws: GzipReader.Failure.truncated) { try reader.read(upTo: 35) }
      }
    }
    // The text is complete, and its checksum is not.
    try withArchive(whole.dropLast()) { folder in
      expectError("/\(Self.name)", "the gzip archive ends early", in: folder)
    }
  }

  /// The last eight bytes are the checksum and the length (RFC 1952, section 2.3.1).
  @Test func theChecksumAndTheLengthAreChecked() throws {
    let whole = try Self.bytes("images")
    for (position, words) in [(8, "incorrect data check"), (1, "incorrect length check")] {
      var damaged = whole
      damaged[damaged.count - position] ^= 1
      try withArchive(damaged) { folder in
        expectError("/\(Self.name)", "the gzip archive is damaged (\(words))", in: folder)
      }
    }
  }

  @Test func whatFollowsAMemberHasToBeAnother() throws {
    try withArchive(Self.bytes("images") + [1, 2, 3]) { folder in
      expectError(
        "/\(Self.name)", "the gzip archive is damaged (incorrect header check)", in: folder)
    }
  }

  /// Nothing but an error or the images, whatever bit is turned: every fifth is, in all places of a byte.
  @Test func turnedBitsNeverCrash() throws {
    let whole = try Self.bytes("members")
    try withTemporaryFolder { folder in
      var failures = 0
      for bit in stride(from: 16, to: whole.count * 8, by: 5) {
        var damaged = whole
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        try write([Self.name: damaged], in: folder)
        do {
          #expect(try source(folder).count == 3)
        } catch {
          failures += 1
        }
      }
      #expect(failures > 0)
    }
  }

  @Test func fewerBytesThanTheHeaderSays() throws {
    try withArchive(Self.bytes("short")) { folder in
      expectError(
        "/\(Self.name)", "has 33 bytes where its header says 34 (3 images of 2x3)", in: folder)
    }
  }

  /// Behind the 16 MiB of zeros is damage, which would be found if more than one byte beyond the 24 that
  /// the header says were inflated.
  @Test func nothingIsInflatedBeyondWhatTheHeaderSays() throws {
    try withArchive(Self.bytes("bomb") + [1, 2, 3]) { folder in
      expectError(
        "/\(Self.name)", "has more than the 24 bytes that its header says (2 images of 2x2)",
        in: folder)
    }
  }

  /// 60,000,000 * 784 + 16 bytes; 33 bytes of deflate inflate to 33 * 1032 at most.
  @Test func hugeClaimsOfASmallArchiveCostNoMemory() throws {
    try withArchive(Self.bytes("claims")) { folder in
      expectError(
        "/\(Self.name)",
        "cannot inflate to more than 34,056 bytes where its header says 47,040,000,016 "
          + "(60,000,000 images of 28x28)", in: folder)
    }
  }

  private static func bytes(_ archive: String) throws -> [UInt8] {
    Array(try Data(contentsOf: fixture("Images/\(archive).gz")))
  }

  private func withArchive(_ bytes: [UInt8], _ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try write([Self.name: bytes], in: folder)
      try body(folder)
    }
  }
}
