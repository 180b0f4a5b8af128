import Files
import Foundation
import TestSupport
import Testing

@testable import Translation

/// Parts of the images for several processes.
struct ShardTests {
  @Test(arguments: [1, 2, 3, 7]) func everyNameIsInOnePartAndThePartsAreAlike(count: Int) throws {
    let names = (0..<7000).map { String(format: "%06d.jpg", $0) }
    let shards = (0..<count).map { Shard(index: $0, count: count)! }
    for name in names { #expect(shards.filter { $0.holds(name) }.count == 1) }
    let sizes = shards.map { shard in names.filter(shard.holds).count }
    // Of n names each is in a part with probability 1/count: the deviation is below sqrt(n)/2 = 42, and 5 of
    // these do not happen.
    for size in sizes { #expect(abs(size - 7000 / count) <= 210, "\(sizes)") }
  }

  /// The same on every machine and with every version: part of the contract between processes. The 64-bit FNV-1a hashes
  /// of the names' bytes and a zero, through SplitMix64's mixer, modulo 1000; worked out in Python.
  @Test func partsNeverChange() {
    let parts = ["a", "b.png", "x/y.jpg", "\u{E9}.png"].map { name in
      (0..<1000).first { Shard(index: $0, count: 1000)!.holds(name) }
    }
    #expect(parts == [135, 815, 925, 607])
  }

  @Test func thereIsNoOtherPart() {
    for (index, count) in [(-1, 2), (2, 2), (3, 2), (0, 0), (0, 1_000_001)] {
      #expect(Shard(index: index, count: count) == nil)
    }
  }

  /// Two processes that see the same folder translate each image once, and clashes are told once.
  @Test func shardsOfAPlanAreDisjointAndTogetherTheWhole() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let image = makeImage(0, height: 8, width: 8)
      for number in 0..<20 { try scene.write(image, "\(number % 3)/\(number).png") }
      try scene.write(image, "0/0.jpg")
      func plan(_ shard: Shard) throws -> TranslationPlan {
        try TranslationPlan(
          [scene.inputs], output: scene.outputs, format: .only(.png), shard: shard)
      }
      let whole = try plan(.whole)
      let parts = try (0..<3).map { try plan(Shard(index: $0, count: 3)!) }
      #expect(whole.jobs.count == 19 && whole.clashes.count == 2)
      let together = parts.flatMap { $0.jobs.map(\.input.path) }
      #expect(together.sorted() == whole.jobs.map(\.input.path).sorted())
      #expect(parts.filter { !$0.clashes.isEmpty }.map(\.clashes) == [whole.clashes])
      #expect(parts.map(\.jobs.countOfAllShards) == [21, 21, 21])
    }
  }

  /// A result that would take the place of an input that another shard reads, under another name.
  @Test func noShardReplacesAnInputOfAnother() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      try scene.write(makeImage(0), "y.png")
      let link = root.appendingPathComponent("x.png")
      try FileManager.default.createSymbolicLink(
        at: link, withDestinationURL: scene.inputs.appendingPathComponent("y.png"))
      let other = root.appendingPathComponent("other/y.png")
      try FileManager.default.createDirectory(
        at: other.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: scene.inputs.appendingPathComponent("y.png"), to: other)
      let shard = try #require(
        (2..<100).lazy.flatMap { count in (0..<count).map { Shard(index: $0, count: count)! } }
          .first { $0.holds("y.png") && !$0.holds("x.png") })
      let error = #expect(throws: FileError.self) {
        try TranslationPlan([link, other], output: scene.inputs, format: .same, shard: shard)
      }
      #expect(
        error?.description
          == "\(scene.inputs.path)/y.png: this is an input; choose another output folder")
    }
  }
}
