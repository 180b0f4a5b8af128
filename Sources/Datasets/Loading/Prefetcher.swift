import Foundation
import Synchronization

/// Makes the elements 0, 1, 2, ... on worker threads ahead of their use and hands them out in order.
///
/// At most `depth` elements exist at any time, so memory is bounded, and the order does not depend on
/// timing. Letting go of the prefetcher cancels what has not begun.
package final class Prefetcher<Element: Sendable> {
  /// One element on its way.
  private final class Slot: Sendable {
    private let isFilled = DispatchSemaphore(value: 0)
    private let result = Mutex<Result<Element, any Error>?>(nil)

    func fill(_ newResult: Result<Element, any Error>) {
      result.withLock { $0 = newResult }
      isFilled.signal()
    }

    /// Waits for `fill`; to be called once. Throws `CancellationError` soon after `shouldStop` says so.
    func take(unless shouldStop: () -> Bool) throws -> Element {
      repeat {
        if shouldStop() { throw CancellationError() }
      } while isFilled.wait(timeout: .now() + .milliseconds(100)) == .timedOut
      guard let filled = result.withLock({ $0 }) else { preconditionFailure("an empty slot") }
      return try filled.get()
    }
  }

  private let count: Int
  private let depth: Int
  /// Elements that a worker makes in one go: waking it for each small image would take longer than the image, and take
  /// a core from the threads that compute.
  private let groupSize: Int
  private let make: @Sendable (Int) throws -> Element
  private let queue = OperationQueue()
  private var inFlight: [Slot] = []
  private var nextIndex: Int

  /// - Parameters:
  ///   - indices: the elements to make.
  ///   - depth: how many may be on their way or waiting; at least 1.
  ///   - workers: how many are made at the same time; at least 1.
  package init(
    _ indices: Range<Int>, depth: Int, workers: Int,
    make: @escaping @Sendable (Int) throws -> Element
  ) {
    precondition(depth >= 1 && workers >= 1, "depth \(depth), workers \(workers)")
    nextIndex = indices.lowerBound
    count = indices.upperBound
    self.depth = depth
    // Each worker has a group to make and one to go on with.
    groupSize = max(1, depth / (2 * workers))
    self.make = make
    queue.maxConcurrentOperationCount = workers
    queue.qualityOfService = .userInitiated
    fillWindow()
  }

  deinit { queue.cancelAllOperations() }

  /// The next element, waiting for it if need be; `nil` after the last one. An error that `make` threw
  /// comes at its element's place in the order.
  ///
  /// - Parameter shouldStop: asked before and while waiting, ten times a second; once it is true,
  ///   `CancellationError` is thrown, and no element is to be asked for any more.
  package func next(unless shouldStop: () -> Bool = { false }) throws -> Element? {
    fillWindow()
    guard !inFlight.isEmpty else { return nil }
    defer { fillWindow() }
    return try inFlight.removeFirst().take(unless: shouldStop)
  }

  private func fillWindow() {
    while nextIndex < count {
      let indices = nextIndex..<min(nextIndex + groupSize, count)
      guard inFlight.count + indices.count <= depth else { return }
      let slots = indices.map { _ in Slot() }
      let operation = BlockOperation()
      operation.addExecutionBlock { [make, unowned operation] in
        for (index, slot) in zip(indices, slots) where !operation.isCancelled {
          slot.fill(Result { try make(index) })
        }
      }
      queue.addOperation(operation)
      inFlight += slots
      nextIndex = indices.upperBound
    }
  }
}
