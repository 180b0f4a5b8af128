import Foundation
import Synchronization

/// A name for a file that is not whole yet: `.name-UUID` beside `name`.
///
/// Names that are announced are known to `removeAll`, for a process that has to end at once.
package struct TemporaryName {
  package let path: String
  private var slot: Int?

  package init(beside path: String) {
    let path = path as NSString
    let name = ".\(path.lastPathComponent)-\(UUID().uuidString)"
    let folder = path.deletingLastPathComponent
    self.path = folder.isEmpty ? name : (folder as NSString).appendingPathComponent(name)
  }

  /// Whether a file's name is of this form.
  package static func isTemporary(_ name: String) -> Bool {
    name.hasPrefix(".") && name.dropLast(36).hasSuffix("-")
      && UUID(uuidString: String(name.suffix(36))) != nil
  }

  mutating func announce() { slot = Self.announced.insert(path) }

  mutating func withdraw() {
    if let slot { Self.announced.remove(slot) }
    slot = nil
  }

  /// Removes all announced files. A signal handler may call this if `prepare` was called before.
  package static func removeAll() { announced.unlinkAll() }

  /// Makes the table, which a handler cannot.
  package static func prepare() { _ = announced }

  private static let announced = AnnouncedNames()
}

/// A table of paths that a signal handler can read: it has no locks, and its memory never moves.
private struct AnnouncedNames: @unchecked Sendable {
  /// More files than are written at the same time; what finds no place is only not announced.
  private static let count = 64
  private static let longest = Int(PATH_MAX)

  private enum State {
    static let free: UInt8 = 0, filling: UInt8 = 1, taken: UInt8 = 2
  }

  private let states: UnsafeMutablePointer<Atomic<UInt8>>
  private let paths: UnsafeMutablePointer<CChar>

  init() {
    states = .allocate(capacity: Self.count)
    for index in 0..<Self.count { (states + index).initialize(to: Atomic(State.free)) }
    paths = .allocate(capacity: Self.count * Self.longest)
  }

  func insert(_ path: String) -> Int? {
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

  func remove(_ index: Int) { states[index].store(State.free, ordering: .releasing) }

  func unlinkAll() {
    for index in 0..<Self.count where states[index].load(ordering: .acquiring) == State.taken {
      unlink(paths + index * Self.longest)
    }
  }
}
