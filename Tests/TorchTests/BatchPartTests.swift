import Testing

@testable import Torch

/// How a step's batch is shared.
struct BatchPartTests {
  @Test func partsFollowOneAnother() {
    let parts = (0..<2).map { BatchPart.parts(of: 8, rank: $0, processes: 2, passes: 2) }
    #expect(parts.map { $0.map(\.samples) } == [[0..<2, 2..<4], [4..<6, 6..<8]])
    #expect(parts.joined().allSatisfy { $0.weight == 0.25 && $0.total == 8 && !$0.isWhole })
    #expect(BatchPart.parts(of: 3) == [BatchPart(whole: 3)])
    #expect(BatchPart(whole: 3).weight == 1)
  }

  /// The last batch of an epoch may be smaller.
  @Test(arguments: 1...12) func anyNumberOfSamplesIsShared(total: Int) {
    for (processes, passes) in [(1, 1), (1, 3), (2, 1), (3, 2), (4, 2)] {
      let all = (0..<processes).flatMap {
        BatchPart.parts(of: total, rank: $0, processes: processes, passes: passes)
      }
      #expect(all.filter(\.counts).flatMap(\.samples) == Array(0..<total))
      #expect(abs(all.map(\.weight).reduce(0, +) - 1) < 1e-12)
      // Each process takes part in every pass.
      if processes > 1 { #expect(all.count == processes * passes) }
      #expect(all.allSatisfy { !$0.samples.isEmpty && $0.samples.upperBound <= total })
    }
  }

  @Test func rowsOfPartsMakeTheBatch() {
    let batch = Tensor((0..<12).map(Float.init), shape: [3, 2, 2])
    let parts = BatchPart.parts(of: 3, passes: 2)
    #expect(parts.map(\.samples) == [0..<1, 1..<3])
    let rows = parts.map { $0.rows(of: batch) }
    #expect(rows.map(\.elements) == [[0, 1, 2, 3], [4, 5, 6, 7, 8, 9, 10, 11]])
    #expect(parts.gathered(rows, over: nil).elements == batch.elements)
  }
}

/// Dropout of parts; the generators are the process's, so that these run one after the other.
@Suite(.serialized) struct PartialDropoutTests {
  /// A sample loses the same elements in whichever part it is.
  @Test func partsLoseWhatTheBatchLoses() {
    let x = Tensor.full(1, shape: [4, 3, 5, 5])
    seedDropout(7, for: BatchPart(whole: 4))
    let whole = [x.dropout(probability: 0.5), x.dropout(probability: 0.3)]
    for part in BatchPart.parts(of: 4, rank: 1, processes: 2) + BatchPart.parts(of: 4, passes: 4) {
      seedDropout(7, for: part)
      let own = part.rows(of: x)
      for (batch, probability) in zip(whole, [0.5, 0.3]) {
        #expect(
          own.dropout(probability: probability).elements == part.rows(of: batch).elements)
      }
    }
    seedDropout(7)
    #expect(x.dropout(probability: 0.5).elements == whole[0].elements)
  }
}
