import Files
import Foundation

/// The files of one run under `checkpoints/<name>`; DESIGN.md fixes them.
package struct RunFolder: Sendable {
  package let url: URL

  package init(_ url: URL) { self.url = url }

  /// The run that a folder is, or that it is a snapshot of; `nil` if it is neither.
  package init?(of path: URL) {
    let resolved = path.resolvingSymlinksInPath()
    let folders = [path, resolved.deletingLastPathComponent().deletingLastPathComponent()]
    guard
      let found = folders.map(RunFolder.init).first(where: {
        FileKind(of: $0.configuration) == .file
      })
    else { return nil }
    self = found
  }

  package var configuration: URL { url.appendingPathComponent("config.json") }
  package var metrics: URL { url.appendingPathComponent("metrics.jsonl") }
  package var samples: URL { url.appendingPathComponent("samples") }
  package var snapshots: URL { url.appendingPathComponent("snapshots") }
  /// Held by the process that trains; see `RunLock`.
  var lock: URL { url.appendingPathComponent(".lock") }
  /// A link to the newest whole snapshot, which `latestSnapshot` finds without it.
  package var latest: URL { url.appendingPathComponent("latest") }

  /// A link to the snapshot that is best by validation.
  package var best: URL { url.appendingPathComponent("best") }
  /// One JSON object for each validation.
  package var validation: URL { url.appendingPathComponent("validation.jsonl") }
  package var report: URL { url.appendingPathComponent("report.html") }

  /// Whether a process holds the folder; see `RunLock`.
  package var isTrained: Bool {
    let file = open(lock.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { return false }
    defer { close(file) }
    return flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// Whether another run than the one that is there would lose something in this folder. Throws `FileError` where that
  /// cannot be seen.
  func holdsSnapshots() throws(FileError) -> Bool {
    if latestSnapshot != nil { return true }
    return try !snapshotNames().isEmpty
  }

  /// Where the latest snapshot stands. Throws `RunError` without one, and `FileError`.
  package func progress() throws -> TrainingProgress {
    try snapshotToResume().readProgress()
  }

  /// The latest snapshot. Throws `RunError` without one, and `FileError` where there may be one that cannot be seen.
  func snapshotToResume() throws -> Snapshot {
    if let snapshot = latestSnapshot { return snapshot }
    _ = try snapshotNames()
    throw RunError.noSnapshot(folder: url)
  }

  /// Removes what a kill while saving has left: files and folders under temporary names.
  ///
  /// A snapshot that makes way for another of its name has a temporary name for a moment. If the other has not
  /// come, it gets its name back.
  func removeLeftovers() {
    let files = FileManager.default
    for folder in [url, snapshots, samples] {
      let names = (try? files.contentsOfDirectory(atPath: folder.path)) ?? []
      for name in names where TemporaryName.isTemporary(name) || name.hasPrefix(".dat.nosync") {
        let leftover = folder.appendingPathComponent(name)
        if folder == snapshots, let old = Self.name(ofReplaced: name),
          rename(leftover.path, folder.appendingPathComponent(old).path) == 0
        {
          continue
        }
        try? files.removeItem(at: leftover)
      }
    }
  }

  /// The temporary name of a snapshot that another of its name replaces.
  func temporaryName(ofReplaced snapshot: String) -> URL {
    snapshots.appendingPathComponent(TemporaryName.name(for: "\(snapshot).old"))
  }

  /// The name that `temporaryName(ofReplaced:)` was made for; `nil` for a temporary name of another kind.
  private static func name(ofReplaced temporary: String) -> String? {
    let name = temporary.dropLast("-".count + UUID().uuidString.count)
    return name.hasSuffix(".old") ? String(name.dropFirst().dropLast(".old".count)) : nil
  }

  /// Makes the folders that are missing. Throws `FileError`.
  func create() throws(FileError) {
    for folder in [samples, snapshots] { try makeFolder(at: folder) }
  }

  /// Lets `latest` or `best` point to a snapshot, in one step: it never points to nothing. Throws `FileError`.
  ///
  /// A copy that follows links has a snapshot or a part of one in its place, which no link can be renamed to: it goes
  /// first.
  func point(_ link: URL, to snapshot: URL) throws(FileError) {
    let temporary = url.appendingPathComponent(TemporaryName.name(for: link.lastPathComponent))
    let copy = Snapshot(url: link)
    if target(of: link) == nil, copy.holdsNothingElse { copy.remove() }
    guard symlink("snapshots/\(snapshot.lastPathComponent)", temporary.path) == 0 else {
      throw FileError(path: link.relativePath, code: errno)
    }
    do throws(FileError) { try rename(temporary, to: link) } catch {
      unlink(temporary.path)
      throw error
    }
  }

  /// The name of the snapshot that a link points to.
  func target(of link: URL) -> String? {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: link.path))
      .map { URL(fileURLWithPath: $0).lastPathComponent }
  }
}
