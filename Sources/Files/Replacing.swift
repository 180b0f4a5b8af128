import Foundation

/// A file that is written under a temporary name beside its own and renamed at the end: nobody sees half of it,
/// and a power cut leaves the old file or the new one.
package final class ReplacementFile {
  package let url: URL
  /// Where the file will be: `url`, with links followed.
  private let destination: String
  private var temporary: TemporaryName
  private let descriptor: Int32
  private var isCommitted = false

  /// Makes the temporary file. Throws where it cannot be made, and where `url` is there already and is no regular
  /// file: a folder, a device, a pipe.
  package init(at url: URL) throws(FileError) {
    self.url = url
    do throws(SystemError) { destination = try Self.followingLinks(url.path) } catch {
      throw FileError(path: url.relativePath, reason: error.words)
    }
    temporary = TemporaryName(beside: destination)
    temporary.announce()
    descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor < 0 {
      let code = errno
      temporary.withdraw()
      throw FileError(path: url.relativePath, code: code)
    }
  }

  deinit {
    if descriptor < 0 { return }
    close(descriptor)
    if !isCommitted { unlink(temporary.path) }
    temporary.withdraw()
  }

  /// Where the bytes are before `commit`, for whoever checks them first.
  package var temporaryURL: URL { URL(fileURLWithPath: temporary.path) }

  /// Adds to the file.
  package func write(_ bytes: some ContiguousBytes) throws(FileError) {
    if let failure = bytes.failure(writingTo: descriptor) {
      throw FileError(path: url.relativePath, reason: failure.words)
    }
  }

  /// Replaces bytes that were written before. What is added still goes to the end.
  package func write(_ bytes: some ContiguousBytes, at offset: Int) throws(FileError) {
    let failure = bytes.withUnsafeBytes { bytes -> SystemError? in
      let count = pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
      return count == bytes.count ? nil : SystemError(count < 0 ? errno : ENOSPC)
    }
    if let failure { throw FileError(path: url.relativePath, reason: failure.words) }
  }

  /// Flushes the file and gives it its name.
  package func commit() throws(FileError) {
    do throws(SystemError) {
      try flush(descriptor)
      if rename(temporary.path, destination) != 0 { throw SystemError(errno) }
      isCommitted = true
      try flushFolder((destination as NSString).deletingLastPathComponent)
    } catch {
      throw FileError(path: url.relativePath, reason: error.words)
    }
  }

  /// The path that a link leads to in the end, whether something is there or not.
  private static func followingLinks(_ path: String) throws(SystemError) -> String {
    var path = path
    // As many links as Linux follows.
    for _ in 0..<40 {
      var status = stat()
      guard lstat(path, &status) == 0 else {
        if errno == ENOENT { return path }
        throw SystemError(errno)
      }
      switch status.st_mode & S_IFMT {
      case S_IFREG: return path
      case S_IFDIR: throw SystemError(EISDIR)
      case S_IFLNK:
        guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
          throw SystemError(EINVAL)
        }
        path =
          next.hasPrefix("/")
          ? next : (path as NSString).deletingLastPathComponent + "/" + next
      default: throw .notARegularFile
      }
    }
    throw SystemError(ELOOP)
  }
}

/// Writes a file as a `ReplacementFile`. An existing file is replaced. Throws with the system's words.
package func replaceFile(at url: URL, with bytes: some ContiguousBytes) throws(FileError) {
  let file = try ReplacementFile(at: url)
  try file.write(bytes)
  try file.commit()
}

/// Adds to the end of a file, which is made if it is not there. What cannot be written whole is not there at all.
package func appendToFile(at url: URL, _ bytes: Data) throws(FileError) {
  let descriptor = open(url.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o666)
  guard descriptor >= 0 else { throw FileError(path: url.relativePath, code: errno) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw FileError(path: url.relativePath, code: errno)
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw FileError(path: url.relativePath, reason: SystemError.notARegularFile.words)
  }
  if let failure = bytes.failure(writingTo: descriptor) {
    _ = ftruncate(descriptor, status.st_size)
    throw FileError(path: url.relativePath, reason: failure.words)
  }
}

extension ContiguousBytes {
  /// Writes all bytes; says why not, if not.
  fileprivate func failure(writingTo descriptor: Int32) -> SystemError? {
    withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        if count < 0 && errno == EINTR { continue }
        if count < 0 { return SystemError(errno) }
        done += count
      }
      return nil
    }
  }
}

private func flush(_ descriptor: Int32) throws(SystemError) {
  // Some file systems have nothing to flush a folder to, and say so.
  if fsync(descriptor) != 0, errno != EINVAL, errno != EROFS { throw SystemError(errno) }
}

private func flushFolder(_ path: String) throws(SystemError) {
  let descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  // A folder may be written to without being readable; then there is no way to flush it.
  if descriptor < 0 && errno == EACCES { return }
  guard descriptor >= 0 else { throw SystemError(errno) }
  defer { close(descriptor) }
  try flush(descriptor)
}

/// Makes sure that a file, and its name, survive a power cut.
package func flushFile(at url: URL) throws(FileError) {
  let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw FileError(path: url.relativePath, code: errno) }
  defer { close(descriptor) }
  do throws(SystemError) { try flush(descriptor) } catch {
    throw FileError(path: url.relativePath, reason: error.words)
  }
  try flushFolder(at: url.deletingLastPathComponent())
}

/// Makes sure that the names in a folder survive a power cut.
package func flushFolder(at url: URL) throws(FileError) {
  do throws(SystemError) { try flushFolder(url.path) } catch {
    throw FileError(path: url.relativePath, reason: error.words)
  }
}

/// Makes a folder and flushes its name; one that is there is left as it is.
///
/// - Parameter makingParents: whether those above it that are missing are made as well.
package func makeFolder(at url: URL, makingParents: Bool = true) throws(FileError) {
  if mkdir(url.path, 0o777) != 0 {
    let code = errno
    if code == EEXIST {
      if FileKind(of: url) == .folder { return }
      throw FileError(path: url.relativePath, code: ENOTDIR)
    }
    let parent = url.absoluteURL.deletingLastPathComponent()
    guard code == ENOENT, makingParents, parent.path != url.absoluteURL.path else {
      throw FileError(path: url.relativePath, code: code)
    }
    do throws(FileError) { try makeFolder(at: parent) } catch {
      throw FileError(path: url.relativePath, reason: error.reason)
    }
    // Another process may have made it in between.
    guard mkdir(url.path, 0o777) == 0 || errno == EEXIST else {
      throw FileError(path: url.relativePath, code: errno)
    }
  }
  try flushFolder(at: url.absoluteURL.deletingLastPathComponent())
}

/// Gives a file or folder another name, atomically, and flushes the folder. A file or link that has the name is
/// replaced.
package func rename(_ old: URL, to new: URL) throws(FileError) {
  guard rename(old.path, new.path) == 0 else {
    throw FileError(path: new.relativePath, code: errno)
  }
  try flushFolder(at: new.deletingLastPathComponent())
}
