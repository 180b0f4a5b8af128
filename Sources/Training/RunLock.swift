import Files
import Foundation

/// Holds a run's folder for this process: its file `.lock` is locked by flock(2) and names the process.
///
/// The system takes the lock away when the process ends, however it ends.
package final class RunLock {
  package let folder: RunFolder
  private let descriptor: Int32
  /// The folder itself, wherever it is moved to.
  private let folderDescriptor: Int32
  private let identity: FileIdentity
  /// What was made for the lock, innermost first.
  private let madeFolders: [URL]
  private let ephemeral: [Int]

  /// - Parameter makingFolder: makes the folder if it is not there, as a new run needs it.
  /// Throws `RunError.missing` for a folder that is not there, `RunError.isTrained` if another process holds it, and
  /// `FileError` where it cannot be written to.
  package init(_ folder: RunFolder, makingFolder: Bool) throws {
    self.folder = folder
    guard makingFolder || FileKind(of: folder.url) == .folder else {
      throw RunError.missing(folder: folder.url)
    }
    madeFolders = Self.missing(folder.url)
    var opened: Int32 = -1
    // A process that ends takes the file, and an empty folder, away while this one comes.
    for _ in 0..<100 where opened < 0 {
      try makeFolder(at: folder.url)
      opened = try Self.locked(folder)
    }
    folderDescriptor = open(folder.url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0, let found = FileIdentity(of: folderDescriptor) else {
      throw FileError(path: folder.lock.relativePath, code: EAGAIN)
    }
    descriptor = opened
    identity = found
    ephemeral = ([folder.lock] + madeFolders).compactMap { EphemeralPaths.all.insert($0.path) }
    let holder =
      "\(ProcessInfo.processInfo.processIdentifier) \(ProcessInfo.processInfo.hostName)\n"
    _ = ftruncate(descriptor, 0)
    _ = holder.withCString { write(descriptor, $0, strlen($0)) }
  }

  /// Leaves nothing behind where nothing was written.
  deinit {
    unlinkat(folderDescriptor, folder.lock.lastPathComponent, 0)
    close(folderDescriptor)
    for made in madeFolders { rmdir(made.path) }
    ephemeral.forEach(EphemeralPaths.all.remove)
    close(descriptor)
  }

  /// Throws `RunError.folderIsGone` if the path no longer leads to the folder that is held.
  package func checkFolder() throws(RunError) {
    guard FileIdentity(atPath: folder.url.path) == identity else {
      throw .folderIsGone(folder: folder.url)
    }
  }

  /// Removes everything in the folder but the lock. Throws `FileError`.
  package func emptyFolder() throws(FileError) {
    do {
      let files = FileManager.default
      for name in try files.contentsOfDirectory(atPath: folder.url.path)
      where name != folder.lock.lastPathComponent {
        try files.removeItem(at: folder.url.appendingPathComponent(name))
      }
    } catch {
      throw FileError(path: folder.url.relativePath, cause: error)
    }
  }

  /// The locked file; -1 if another process has just taken the file away.
  private static func locked(_ folder: RunFolder) throws -> Int32 {
    let path = folder.lock.path
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o666)
    guard file >= 0 else {
      if errno == ENOENT { return -1 }
      throw FileError(path: folder.url.relativePath, code: errno)
    }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
      defer { close(file) }
      throw RunError.isTrained(folder: folder.url, by: holder(of: file))
    }
    // Some network file systems have no locks; there the user has to take care, as everywhere before.
    guard FileIdentity(of: file) == FileIdentity(atPath: folder.lock.path) else {
      close(file)
      return -1
    }
    return file
  }

  /// What the other process has written, which it does right after it has locked the file.
  private static func holder(of file: Int32) -> RunHolder? {
    for _ in 0..<20 {
      var buffer = [UInt8](repeating: 0, count: 300)
      let count = pread(file, &buffer, buffer.count, 0)
      let words = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self).split(
        whereSeparator: \.isWhitespace)
      if words.count == 2, let process = Int(words[0]) {
        return RunHolder(process: process, host: String(words[1]))
      }
      usleep(10_000)
    }
    return nil
  }

  /// The folders that are not there, from `folder` upwards.
  private static func missing(_ folder: URL) -> [URL] {
    var missing: [URL] = []
    var next = folder.absoluteURL
    while next.path != "/", FileKind(of: next) == nil {
      missing.append(next)
      next.deleteLastPathComponent()
    }
    return missing
  }
}

/// A process that trains a run.
package struct RunHolder: Sendable, Equatable {
  package let process: Int
  package let host: String
}
