import Files
import Foundation
import Synchronization

/// SIGINT, SIGTERM, SIGHUP and SIGQUIT: what they end at once, and what may finish first.
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
  /// When SIGINT or SIGTERM came first, in milliseconds of the monotonic clock; 0 before.
  private static let askedAt = Atomic<Int>(0)
  private static let grace = Atomic<Int>(Grace.none.rawValue)
  private static let isTerminal = Atomic<Bool>(false)
  /// Whether another process tells people what goes on.
  private static let isSilent = Atomic<Bool>(false)

  /// A second signal within so many milliseconds is the first one again: `timeout` sends it to a process and to
  /// its group.
  private static let repetition = 100

  /// Whether work that may finish should do so now, and end.
  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Lets the signals end the process, and makes errors like others of writing to a closed pipe and beyond the
  /// largest size of a file.
  ///
  /// A signal that is ignored already, as SIGHUP is under nohup, stays so.
  static func install() {
    // These are made before a handler can need them: a lazy static is not safe inside one.
    isTerminal.store(isatty(STDERR_FILENO) == 1, ordering: .relaxed)
    _ = (requested.load(ordering: .relaxed), grace.load(ordering: .relaxed), repetition)
    _ = (askedAt.load(ordering: .relaxed), isSilent.load(ordering: .relaxed), EphemeralPaths.all)
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    for number in [SIGINT, SIGTERM, SIGHUP] { handle(number, by: handler) }
    handle(SIGQUIT) { _ in Interrupt.end(ExitCode.quit) }
    signal(SIGALRM) { _ in Interrupt.end(.interrupted) }
  }

  /// Leaves it to another process to tell people that the work stops.
  static func beSilent() { isSilent.store(true, ordering: .relaxed) }

  private static func handle(_ number: Int32, by handler: @escaping @convention(c) (Int32) -> Void)
  {
    let before = signal(number, SIG_IGN)
    if unsafeBitCast(before, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self) {
      signal(number, handler)
    }
  }

  /// Runs work that saves what it has when `isRequested` turns true, however long its current step takes.
  ///
  /// A second SIGINT or SIGTERM, and SIGQUIT, end the process at once all the same.
  static func saving<Result>(_ work: () throws -> Result) rethrows -> Result {
    try withGrace(.unlimited, work)
  }

  /// Runs work that ends in good order when `isRequested` turns true, if that takes less than a second.
  static func finishing<Result>(_ work: () throws -> Result) rethrows -> Result {
    // What comes after the work has its own time.
    defer { alarm(0) }
    return try withGrace(.second, work)
  }

  private static func withGrace<Result>(
    _ given: Grace, _ work: () throws -> Result
  ) rethrows -> Result {
    let outer = grace.exchange(given.rawValue, ordering: .relaxed)
    defer { grace.store(outer, ordering: .relaxed) }
    return try work()
  }

  /// Only what POSIX allows inside a handler: atomics, the clock, alarm, unlink, write and _exit.
  private static let handler: @convention(c) (Int32) -> Void = { number in
    let error = errno
    defer { errno = error }
    let grace = Grace(rawValue: Interrupt.grace.load(ordering: .relaxed)) ?? .none
    if grace == .none || Interrupt.isSecond(number) { Interrupt.end(.interrupted) }
    let isFirst = !Interrupt.requested.exchange(true, ordering: .relaxed)
    if grace == .second { alarm(1) }
    if number == SIGINT, isFirst, !Interrupt.isSilent.load(ordering: .relaxed) {
      Interrupt.write("\nstopping after the current step; press Ctrl-C again to stop at once\n")
    }
  }

  /// Whether somebody asks for the second time. A lost terminal does not count: several processes tell of it, and
  /// a service manager does after its SIGTERM.
  private static func isSecond(_ number: Int32) -> Bool {
    if number == SIGHUP { return false }
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    let first = askedAt.compareExchange(expected: 0, desired: now, ordering: .relaxed).original
    return first != 0 && now - first > repetition
  }

  private static func end(_ code: ExitCode) -> Never {
    EphemeralPaths.all.removeFromDisk()
    if isTerminal.load(ordering: .relaxed) { write("\n") }
    _exit(code.rawValue)
  }

  private static func write(_ text: StaticString) {
    _ = Foundation.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }
}
