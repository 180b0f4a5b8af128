/// The samples of a step's batch that go through the networks together: all of them, or those of one process or of
/// one of its passes.
package struct BatchPart: Sendable, Equatable {
  /// Their places in the whole batch.
  package let samples: Range<Int>
  /// Samples of the whole batch.
  package let total: Int
  /// False for a sample that is another part's as well: every process has to take part in every pass, also where the
  /// samples do not suffice.
  package let counts: Bool

  private init(_ samples: Range<Int>, of total: Int, counts: Bool = true) {
    (self.samples, self.total, self.counts) = (samples, total, counts)
  }

  /// The whole batch.
  package init(whole total: Int) { self.init(0..<total, of: total) }

  /// What a mean over these samples weighs in the mean over the batch.
  package var weight: Double { counts ? Double(samples.count) / Double(total) : 0 }

  package var isWhole: Bool { samples.count == total }

  /// The parts of one process, in the order of its passes, as alike as possible.
  ///
  /// - Parameters:
  ///   - total: samples of the whole batch; at least 1.
  ///   - passes: of each process.
  package static func parts(
    of total: Int, rank: Int = 0, processes count: Int = 1, passes: Int = 1
  ) -> [BatchPart] {
    let pieces = count * passes
    let parts = (rank * passes..<(rank + 1) * passes).map { piece in
      let samples = piece * total / pieces..<(piece + 1) * total / pieces
      return samples.isEmpty
        ? BatchPart(total - 1..<total, of: total, counts: false) : BatchPart(samples, of: total)
    }
    // One process alone waits for nobody.
    return count == 1 ? parts.filter(\.counts) : parts
  }

  /// The rows of a tensor of the whole batch that belong to the part.
  package func rows(of batch: Tensor) -> Tensor {
    isWhole ? batch : batch.narrowed(axis: 0, samples)
  }
}

extension [BatchPart] {
  /// Means over the whole batch, from those over each part.
  package func means(of values: [[Double]], over processes: ProcessGroup?) -> [Double] {
    if count == 1, self[0].isWhole { return values[0] }
    let own = values[0].indices.map { index in
      zip(self, values).reduce(0) { $0 + $1.0.weight * $1.1[index] }
    }
    return processes?.sum(own) ?? own
  }

  /// A tensor of the whole batch from the rows that the parts of each process have, in the order of the samples.
  package func gathered(_ rows: [Tensor], over processes: ProcessGroup?) -> Tensor {
    beginGathering(rows, over: processes).finish()
  }

  /// The same while this process goes on computing.
  package func beginGathering(_ rows: [Tensor], over processes: ProcessGroup?) -> PendingRows {
    let counted = zip(self, rows).filter { $0.0.counts }
    let own = counted.map { $0.1.detached() }
    guard let processes else {
      return PendingRows(
        rows: own.count == 1 ? own[0] : .concatenated(own, axis: 0), pending: nil)
    }
    func zeros(_ count: Int) -> [Tensor] {
      guard count > 0 else { return [] }
      return [.zeros(shape: [count] + rows[0].shape.dropFirst(), device: rows[0].device)]
    }
    let first = counted.first?.0.samples.lowerBound ?? 0
    let end = counted.last?.0.samples.upperBound ?? 0
    // Everything but zero is in one process alone.
    let all = Tensor.concatenated(zeros(first) + own + zeros(self[0].total - end), axis: 0)
    return PendingRows(rows: all, pending: processes.beginSum([all]))
  }
}

/// A tensor of the whole batch that is on its way.
package struct PendingRows {
  fileprivate let rows: Tensor
  fileprivate let pending: ProcessGroup.PendingSum?

  /// Waits for the rows of all processes. To be called once.
  package func finish() -> Tensor {
    pending?.finish()
    return rows
  }
}
