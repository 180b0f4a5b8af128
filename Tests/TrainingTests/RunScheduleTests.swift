import Foundation
import TestSupport
import Testing

@testable import Training

struct RunScheduleTests {
  @Test(arguments: [
    ("5", SaveInterval.epochs(5), "5"), ("2000steps", .steps(2000), "2000steps"),
    ("30min", .time(Minutes(30)), "30min"), ("0.5min", .time(Minutes(0.5)), "0.5min"),
    ("3epochs", .epochs(3), "3"),
  ])
  func intervalsAreReadAndWritten(_ text: String, _ interval: SaveInterval, _ written: String)
    throws
  {
    #expect(SaveInterval(text: text) == interval)
    #expect(interval.text == written)
    let stored = try JSONEncoder().encode([interval])
    #expect(try JSONDecoder().decode([SaveInterval].self, from: stored) == [interval])
  }

  /// As older programs wrote it.
  @Test func aNumberIsEpochs() throws {
    #expect(try JSONDecoder().decode([SaveInterval].self, from: Data("[7]".utf8)) == [.epochs(7)])
    #expect(try JSONEncoder().encode([SaveInterval.epochs(7)]) == Data("[7]".utf8))
  }

  @Test(arguments: [
    "", "0", "-1", "steps", "0steps", "min", "0min", "nanmin", "1e9min", "5h", "1.5",
  ])
  func othersAreNoIntervals(_ text: String) {
    #expect(SaveInterval(text: text) == nil)
  }

  @Test func minutesNeedNoUnit() {
    #expect(Minutes(text: "2") == Minutes(2))
    #expect(Minutes(2).duration == .seconds(120))
  }
}

struct FingerprintTests {
  /// FNV-1a's own test vectors, for texts whose last byte is the 0 that ends them.
  @Test func textsAreToldApart() {
    // The offset basis times the prime, as 0 changes nothing before the product.
    var empty = Fingerprint()
    empty.add("")
    #expect(
      empty.text == String(format: "%016llx", 0xcbf2_9ce4_8422_2325 as UInt64 &* 0x100_0000_01b3))
    var joined = Fingerprint()
    joined.add("ab")
    var apart = Fingerprint()
    apart.add("a")
    apart.add("b")
    #expect(joined.text != apart.text)
  }

  @Test func foldersAreTheSameWhereverTheyAre() throws {
    try withTemporaryFolder { root in
      for name in ["a", "b", "c"] {
        let folder = root.appendingPathComponent("\(name)/below")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(count: name == "c" ? 3 : 2).write(to: folder.appendingPathComponent("x"))
      }
      let prints = ["a", "b", "c"].map {
        dataFingerprint(of: [root.appendingPathComponent($0).path])
      }
      #expect(prints[0] == prints[1])
      #expect(prints[0] != prints[2])
    }
  }
}
