import Foundation
import Synchronization

/// SIGINT, SIGTERM and SIGHUP: what they end at once, and what may finish first.
///
/// A signal handler gets no context, so what it reads and sets belongs to the process.
enum Interrupt {
  /// How long work goes on after a signal.
  private enum Grace: Int {
    /// There is nothing to save: the process ends at once.
    case none
    /// For at most a second.
    case second
    /// Until the work itself ends.
    case unlimited
  }

  private static let requested = Atomic<Bool>(false)
  private static let grace = Atomic<Int>(Grace.none.rawValue)
  private static let isTerminal = Atomic<Bool>(false)

  /// Whether work that may finish should do so now, and end.
  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Lets the signals end the process, and makes writing to a closed pipe an error like others.
  ///
  /// A SIGHUP that is ignored already, as under nohup, stays so.
  static func install() {
    // These are made before a handler can need them: a lazy static is not safe inside one.
    isTerminal.store(isatty(STDERR_FILENO) == 1, ordering: .relaxed)
    _ = (requested.load(ordering: .relaxed), grace.load(ordering: .relaxed))
    signal(SIGPIPE, SIG_IGN)
    signal(SIGINT, handler)
    signal(SIGTERM, handler)
    let hangup = signal(SIGHUP, SIG_IGN)
    if unsafeBitCast(hangup, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self) {
      signal(SIGHUP, handler)
    }
    signal(SIGALRM) { _ in _exit(ExitCode.interrupted.rawValue) }
  }

  /// Runs work that saves what it has when `isRequested` turns true, however long its current step takes.
  ///
  /// A SIGINT after the first signal ends the process at once all the same.
  static func saving<Result>(_ work: () throws -> Result) rethrows -> Result {
    try withGrace(.unlimited, work)
  }

  /// Runs work that ends in good order when `isRequested` turns true, if that takes less than a second.
  static func finishing<Result>(_ work: () throws -> Result) rethrows -> Result {
    try withGrace(.second, work)
  }

  private static func withGrace<Result>(
    _ given: Grace, _ work: () throws -> Result
  ) rethrows -> Result {
    let outer = grace.exchange(given.rawValue, ordering: .relaxed)
    defer { grace.store(outer, ordering: .relaxed) }
    return try work()
  }

  /// Only what POSIX allows inside a handler: atomics, alarm, write and _exit.
  private static let handler: @convention(c) (Int32) -> Void = { number in
    let error = errno
    defer { errno = error }
    let grace = Grace(rawValue: Interrupt.grace.load(ordering: .relaxed)) ?? .none
    let isFirst = !Interrupt.requested.exchange(true, ordering: .relaxed)
    if grace == .none || (number == SIGINT && !isFirst) {
      if Interrupt.isTerminal.load(ordering: .relaxed) { Interrupt.write("\n") }
      _exit(ExitCode.interrupted.rawValue)
    }
    if grace == .second { alarm(1) }
    if number == SIGINT, isFirst {
      Interrupt.write("\nstopping after the current step; press Ctrl-C again to stop at once\n")
    }
  }

  private static func write(_ text: StaticString) {
    _ = Foundation.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }
}
