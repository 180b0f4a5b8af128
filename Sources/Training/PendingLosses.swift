import Torch

/// What a step says of itself once somebody asks: until then its numbers stay on the device, which nobody has to wait
/// for.
package struct PendingLosses<Losses> {
  /// Of float32 numbers, `[count]` each, on the device.
  private let rows: [Tensor]
  private let make: ([[Double]]) -> Losses

  /// - Parameter make: gets the rows' numbers, once, after those of all steps before.
  package init(_ rows: [Tensor], _ make: @escaping ([[Double]]) -> Losses) {
    (self.rows, self.make) = (rows, make)
  }

  package func map<Other>(_ transform: @escaping (Losses) -> Other) -> PendingLosses<Other> {
    PendingLosses<Other>(rows) { [make] in transform(make($0)) }
  }

  /// Waits for this step.
  package func read() -> Losses {
    var result: Losses?
    Self.read([self]) { result = $0 }
    return result!
  }

  /// Waits once for all these steps, which are in the order in which they were taken, and hands out the losses of one
  /// after the other.
  package static func read(
    _ pending: [PendingLosses], _ body: (Losses) throws -> Void
  ) rethrows {
    let rows = pending.flatMap(\.rows)
    guard let first = rows.first else { return }
    let all = rows.count == 1 ? first : Tensor.concatenated(rows, axis: 0)
    var numbers = all.elements.map(Double.init)[...]
    for step in pending {
      let own = step.rows.map { row in
        let count = row.elementCount
        defer { numbers = numbers.dropFirst(count) }
        return Array(numbers.prefix(count))
      }
      try body(step.make(own))
    }
  }
}
