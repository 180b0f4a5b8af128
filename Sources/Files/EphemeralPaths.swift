import Foundation
import Synchronization

/// Files and empty folders that are not to outlive the process, for a signal handler that ends it at once.
///
/// The table has no locks and its memory never moves, so that a handler can read it.
package struct EphemeralPaths: @unchecked Sendable {
  /// Of this process.
  package static let all = EphemeralPaths()

  /// More than there are at the same time; what finds no place is only not removed.
  private static let count = 64
  private static let longest = Int(PATH_MAX)

  private enum State {
    static let free: UInt8 = 0, filling: UInt8 = 1, taken: UInt8 = 2
  }

  private let states: UnsafeMutablePointer<Atomic<UInt8>>
  private let paths: UnsafeMutablePointer<CChar>

  private init() {
    states = .allocate(capacity: Self.count)
    for index in 0..<Self.count { (states + index).initialize(to: Atomic(State.free)) }
    paths = .allocate(capacity: Self.count * Self.longest)
  }

  /// The place of the path, for `remove`; `nil` if there is none.
  package func insert(_ path: String) -> Int? {
    let bytes = path.utf8CString
    guard bytes.count <= Self.longest else { return nil }
    for index in 0..<Self.count
    where states[index].compareExchange(
      expected: State.free, desired: State.filling, ordering: .acquiring
    ).exchanged {
      bytes.withUnsafeBufferPointer {
        (paths + index * Self.longest).update(from: $0.baseAddress!, count: $0.count)
      }
      states[index].store(State.taken, ordering: .releasing)
      return index
    }
    return nil
  }

  package func remove(_ place: Int) { states[place].store(State.free, ordering: .releasing) }

  /// Removes the files, then those of the folders that are empty, in the order in which they were inserted. A
  /// signal handler may call this once `all` has been used before.
  package func removeFromDisk() {
    // No array is made here: a handler must not ask for memory.
    for index in 0..<Self.count where isTaken(index) { unlink(paths + index * Self.longest) }
    for index in 0..<Self.count where isTaken(index) { rmdir(paths + index * Self.longest) }
  }

  private func isTaken(_ index: Int) -> Bool {
    states[index].load(ordering: .acquiring) == State.taken
  }
}
