import Foundation
import Machine

/// An open file that is known to be a regular one: not a folder, a pipe or a device.
package final class RegularFile {
  package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The system's words, such as "Permission denied".
    case unreadable(String)
    case folder
    /// A pipe, a device or a socket.
    case notARegularFile
    case empty

    package var description: String {
      switch self {
      case .unreadable(let words): "cannot be read (\(words))"
      case .folder: "is a folder, not a file"
      case .notARegularFile: "is not a regular file"
      case .empty: "the file is empty"
      }
    }

    /// The same for a message that names the file: the system's own words stand alone.
    package var words: String {
      if case .unreadable(let words) = self { words } else { description }
    }
  }

  /// In bytes, when it was opened.
  package let size: Int
  private let descriptor: Int32

  /// Throws if the file is missing, unreadable, not a regular file, or empty.
  package init(_ url: URL) throws(Failure) {
    // Opening a pipe waits for its other end unless told not to.
    descriptor = url.withUnsafeFileSystemRepresentation { path in
      path.map { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) } ?? -1
    }
    guard descriptor >= 0 else { throw .unreadable(systemMessage(errno, of: url.path)) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw .unreadable(systemMessage(code))
    }
    size = Int(status.st_size)
    let reason: Failure? =
      switch status.st_mode & S_IFMT {
      case S_IFDIR: .folder
      case S_IFREG: size == 0 ? .empty : nil
      default: .notARegularFile
      }
    if let reason { throw reason }
  }

  deinit { close(descriptor) }

  /// At most `count` bytes from `offset` on; fewer where the file ends before.
  package func read(at offset: Int, count: Int) throws(Failure) -> [UInt8] {
    let wanted = max(0, min(count, size - offset))
    guard memoryIsAvailable(byteCount: wanted) else { throw .unreadable(systemMessage(ENOMEM)) }
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initializedCount in
      while initializedCount < wanted {
        let start = buffer.baseAddress! + initializedCount
        let got = pread(
          descriptor, start, wanted - initializedCount, off_t(offset + initializedCount))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { code = errno }
        if got <= 0 { break }
        initializedCount += got
      }
    }
    if code != 0 { throw .unreadable(systemMessage(code)) }
    return bytes
  }
}
