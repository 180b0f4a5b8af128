import Files
import Foundation

/// The files of one run under `checkpoints/<name>`; DESIGN.md fixes them.
package struct RunFolder: Sendable {
  package let url: URL

  package init(_ url: URL) { self.url = url }

  package var configuration: URL { url.appendingPathComponent("config.json") }
  package var metrics: URL { url.appendingPathComponent("metrics.jsonl") }
  package var samples: URL { url.appendingPathComponent("samples") }
  package var snapshots: URL { url.appendingPathComponent("snapshots") }
  /// A link to the newest whole snapshot.
  package var latest: URL { url.appendingPathComponent("latest") }

  package var hasSnapshot: Bool { FileManager.default.fileExists(atPath: latest.path) }

  /// Where the latest snapshot stands. Throws `RunError` without one, and `FileError`.
  package func progress() throws -> TrainingProgress {
    guard hasSnapshot else { throw RunError.noSnapshot(folder: url) }
    return try Snapshot(url: latest).readProgress()
  }

  /// Throws `FileError` if the run's files cannot be made, and makes none.
  package func checkWritable() throws(FileError) {
    var nearest = url.absoluteURL.standardizedFileURL
    while !FileManager.default.fileExists(atPath: nearest.path), nearest.path != "/" {
      nearest.deleteLastPathComponent()
    }
    guard FileKind(of: nearest) == .folder else {
      throw FileError(path: url.relativePath, code: ENOTDIR)
    }
    guard access(nearest.path, W_OK | X_OK) == 0 else {
      throw FileError(path: url.relativePath, code: errno)
    }
  }

  /// Removes what a kill while saving has left: files and folders under temporary names.
  ///
  /// A snapshot that makes way for another of its name has a temporary name for a moment. If `latest` points
  /// to that name and the other has not come, it gets its name back.
  func removeLeftovers() {
    let files = FileManager.default
    for folder in [url, snapshots, samples] {
      let names = (try? files.contentsOfDirectory(atPath: folder.path)) ?? []
      for name in names where Self.isTemporary(name) {
        let leftover = folder.appendingPathComponent(name)
        if name.hasPrefix(".old-"), !hasSnapshot,
          let lost = try? files.destinationOfSymbolicLink(atPath: latest.path),
          (try? files.moveItem(at: leftover, to: url.appendingPathComponent(lost))) != nil
        {
          continue
        }
        try? files.removeItem(at: leftover)
      }
    }
  }

  /// Names that end in a UUID, and those that Foundation gives to files it writes atomically.
  private static func isTemporary(_ name: String) -> Bool {
    name.hasPrefix(".dat.nosync")
      || (name.hasPrefix(".") && name.dropLast(36).hasSuffix("-")
        && UUID(uuidString: String(name.suffix(36))) != nil)
  }

  /// Makes the folders that are missing. Throws `FileError`.
  func create() throws(FileError) {
    for folder in [samples, snapshots] {
      do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      } catch {
        throw FileError(path: folder.relativePath, cause: error)
      }
    }
  }

  /// Lets `latest` point to a snapshot, in one step: it never points to nothing.
  func pointLatest(to snapshot: URL) throws(FileError) {
    let temporary = url.appendingPathComponent(".latest-\(UUID().uuidString)")
    do {
      try FileManager.default.createSymbolicLink(
        atPath: temporary.path, withDestinationPath: "snapshots/\(snapshot.lastPathComponent)")
    } catch {
      throw FileError(path: latest.relativePath, cause: error)
    }
    // FileManager refuses to replace; rename(2) does it atomically.
    if rename(temporary.path, latest.path) != 0 {
      let code = errno
      try? FileManager.default.removeItem(at: temporary)
      throw FileError(path: latest.relativePath, code: code)
    }
  }
}
