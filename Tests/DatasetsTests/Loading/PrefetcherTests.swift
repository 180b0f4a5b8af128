import Datasets
import Foundation
import Synchronization
import Testing

/// Elements come in order, only so many at a time, errors at their place.
struct PrefetcherTests {
  private struct Broken: Error, Equatable {
    let index: Int
  }

  /// Counts what is running and what has begun.
  private final class Counter: Sendable {
    private let state = Mutex((running: 0, most: 0, begun: 0))

    var most: Int { state.withLock { $0.most } }
    var begun: Int { state.withLock { $0.begun } }

    func enter() {
      state.withLock {
        $0.begun += 1
        $0.running += 1
        $0.most = max($0.most, $0.running)
      }
    }

    func leave() { state.withLock { $0.running -= 1 } }
  }

  /// Early elements take longest, so that later ones are done before them.
  @Test(arguments: [1, 4, 16]) func elementsComeInOrder(workers: Int) throws {
    let prefetcher = Prefetcher(3..<23, depth: 8, workers: workers) { index in
      usleep(UInt32(index % 4 == 0 ? 4000 : 100))
      return index
    }
    var elements: [Int] = []
    while let element = try prefetcher.next() { elements.append(element) }
    #expect(elements == Array(3..<23))
    #expect(try prefetcher.next() == nil)
  }

  @Test func nothingComesOfNothing() throws {
    let prefetcher = Prefetcher(5..<5, depth: 1, workers: 1) { $0 }
    #expect(try prefetcher.next() == nil)
  }

  @Test func noMoreThanDepthAreMadeAhead() throws {
    let counter = Counter()
    let prefetcher = Prefetcher(0..<100, depth: 3, workers: 8) { index in
      counter.enter()
      return index
    }
    for taken in 1...5 {
      #expect(try prefetcher.next() == taken - 1)
      // Time enough for eight workers to run ahead.
      usleep(20_000)
      #expect(counter.begun <= taken + 3)
    }
  }

  @Test func noMoreThanWorkersRunAtOnce() throws {
    let counter = Counter()
    let prefetcher = Prefetcher(0..<30, depth: 30, workers: 3) { index in
      counter.enter()
      usleep(1000)
      counter.leave()
      return index
    }
    while try prefetcher.next() != nil {}
    #expect(counter.begun == 30)
    #expect(counter.most <= 3)
  }

  /// One worker makes them in groups of two, four one by one.
  @Test(arguments: [1, 4]) func errorsComeAtTheirPlace(workers: Int) throws {
    let prefetcher = Prefetcher(0..<5, depth: 4, workers: workers) { index in
      if index % 2 == 1 { throw Broken(index: index) }
      return index
    }
    #expect(try prefetcher.next() == 0)
    #expect(throws: Broken(index: 1)) { try prefetcher.next() }
    #expect(try prefetcher.next() == 2)
    #expect(throws: Broken(index: 3)) { try prefetcher.next() }
    #expect(try prefetcher.next() == 4)
    #expect(try prefetcher.next() == nil)
  }

  /// An element that takes long does not keep the one who waits for it from stopping.
  @Test func waitingEndsWhenItIsAsked() throws {
    let prefetcher = Prefetcher(0..<1, depth: 1, workers: 1) { _ in usleep(2_000_000) }
    let clock = ContinuousClock()
    var isAsked = false
    let time = clock.measure {
      #expect(throws: CancellationError.self) {
        try prefetcher.next {
          defer { isAsked = true }
          return isAsked
        }
      }
    }
    #expect(time < .seconds(1))
  }

  /// The first is one of a group of five that its worker has begun.
  @Test func lettingGoCancelsWhatHasNotBegun() {
    let counter = Counter()
    let hasBegun = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    var prefetcher: Prefetcher<Int>? = Prefetcher(0..<10, depth: 10, workers: 1) { index in
      counter.enter()
      hasBegun.signal()
      mayEnd.wait()
      return index
    }
    hasBegun.wait()
    #expect(prefetcher != nil)
    prefetcher = nil
    for _ in 0..<10 { mayEnd.signal() }
    usleep(50_000)
    #expect(counter.begun == 1)
  }
}
