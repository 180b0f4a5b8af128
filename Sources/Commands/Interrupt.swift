import Foundation
import Synchronization

/// SIGINT and SIGTERM as a question that a long job asks itself: should it stop?
///
/// A signal handler gets no context, so what it sets belongs to the process.
enum Interrupt {
  private static let requested = Atomic<Bool>(false)

  /// Whether the job should finish its step, save and end.
  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Lets SIGINT and SIGTERM ask for an end, and makes writing to a closed pipe an error like others.
  ///
  /// A SIGINT after that ends the process at once, saving nothing.
  static func install() {
    // The flag is made before a handler can need it: a lazy static is not safe inside one.
    _ = isRequested
    signal(SIGPIPE, SIG_IGN)
    signal(SIGTERM) { _ in
      Interrupt.requested.store(true, ordering: .relaxed)
    }
    signal(SIGINT) { _ in
      // Only what POSIX allows inside a handler: an atomic, write and _exit.
      if Interrupt.requested.exchange(true, ordering: .relaxed) {
        _exit(ExitCode.interrupted.rawValue)
      }
      let message: StaticString =
        "\nstopping after the current step; press Ctrl-C again to stop at once\n"
      _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
    }
  }
}
