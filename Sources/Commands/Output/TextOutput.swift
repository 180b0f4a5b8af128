import Foundation

/// Where text goes: a file descriptor of this process, or memory in a test.
struct TextOutput: Sendable {
  /// Writes all of a text; returns the reason if that is not possible.
  let write: @Sendable (String) -> WriteFailure?
  /// Whether a person watches, so that a line can be drawn over.
  let isTerminal: Bool
  /// Columns, as of now.
  let width: @Sendable () -> Int

  /// Why a text could not be written.
  enum WriteFailure: Sendable, Equatable {
    /// Nobody reads any more, as after `| head`.
    case closed
    /// The system's words, such as "No space left on device".
    case failed(String)
  }

  static let standardOutput = TextOutput(descriptor: STDOUT_FILENO)
  static let standardError = TextOutput(descriptor: STDERR_FILENO)

  /// Writes to memory or wherever else `write` puts it.
  init(
    isTerminal: Bool, width: Int = 80, write: @escaping @Sendable (String) -> WriteFailure?
  ) {
    self.isTerminal = isTerminal
    self.width = { width }
    self.write = write
  }

  /// Writes to a descriptor that stays open.
  init(descriptor: Int32) {
    isTerminal = isatty(descriptor) == 1
    width = { Self.terminalWidth(descriptor) }
    write = { text in
      var text = text
      return text.withUTF8 { Self.writeAll($0, to: descriptor) }
    }
  }

  /// `write(2)` until everything is out; goes on after signals, short writes and a full pipe.
  private static func writeAll(
    _ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32
  ) -> WriteFailure? {
    var rest = UnsafeRawBufferPointer(bytes)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno == EAGAIN {
        // Another process on the same terminal or pipe may have made it non-blocking.
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
      } else if errno == EPIPE {
        return .closed
      } else if errno != EINTR {
        return .failed(String(cString: strerror(errno)))
      }
    }
    return nil
  }

  /// 80 where the terminal does not say.
  private static func terminalWidth(_ descriptor: Int32) -> Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
