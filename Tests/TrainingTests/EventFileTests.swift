import Foundation
import TestSupport
import Testing

@testable import Training

/// Tests/Report reads such files with TensorBoard itself.
struct EventFileTests {
  /// RFC 3720, appendix B.4.
  @Test func checksumsOfTheStandard() {
    #expect(EventFile.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(EventFile.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(EventFile.checksum(0..<32) == 0x46dd_794e)
  }

  /// The length as 64 bits, its checksum, the bytes, theirs.
  @Test func recordsAreFramed() {
    let record = EventFile.record(Data("abc".utf8))
    #expect(record.count == 8 + 4 + 3 + 4)
    #expect(record.prefix(8) == Data([3, 0, 0, 0, 0, 0, 0, 0]))
    #expect(record[12..<15] == Data("abc".utf8))
  }

  @Test func nothingIsWrittenBeforeItIsFlushed() throws {
    try withTemporaryFolder { folder in
      var events = EventFile(in: folder, after: 0)
      events.add(scalars: [("loss", 0.5)], step: 1)
      let names = { try FileManager.default.contentsOfDirectory(atPath: folder.path) }
      #expect(try names().isEmpty)
      try events.flush()
      #expect(try names().count == 1)
      #expect(try names()[0].hasPrefix("events.out.tfevents."))
    }
  }
}
