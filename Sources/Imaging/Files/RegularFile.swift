import Foundation

/// An open file that is known to be a regular one: not a folder, a pipe or a device.
package final class RegularFile {
  /// In bytes, when it was opened.
  package let size: Int
  private let descriptor: Int32

  /// Throws if the file is missing, unreadable, not a regular file, or empty.
  package init(_ url: URL) throws(ImageFileError.Reason) {
    // Opening a pipe waits for its other end unless told not to.
    descriptor = url.withUnsafeFileSystemRepresentation { path in
      path.map { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) } ?? -1
    }
    guard descriptor >= 0 else { throw .unreadable(systemMessage(errno)) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw .unreadable(systemMessage(code))
    }
    size = Int(status.st_size)
    let reason: ImageFileError.Reason? =
      switch status.st_mode & S_IFMT {
      case S_IFDIR: .folder
      case S_IFREG: size == 0 ? .empty : nil
      default: .notARegularFile
      }
    if let reason { throw reason }
  }

  deinit { close(descriptor) }

  /// At most `count` bytes from `offset` on; fewer where the file ends before.
  package func read(at offset: Int, count: Int) throws(ImageFileError.Reason) -> [UInt8] {
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

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String {
  String(cString: strerror(code))
}
