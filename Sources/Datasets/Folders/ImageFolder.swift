import Files
import Foundation
import Imaging

/// The images in a folder and in all folders below it.
package struct ImageFolder: Sendable {
  package let folder: URL
  /// Paths relative to `folder`, sorted by their bytes, as the reference sorts them.
  package let paths: PathList

  /// What lies below the folder and cannot be read.
  package let foreign: ForeignImages

  package var relativePaths: [String] { Array(paths) }
  package var files: [URL] { paths.map { folder.appendingPathComponent($0) } }

  /// Finds every file with an image format's extension, in any letter case, and files of other names whose content
  /// is an image's. Symbolic links are followed, each folder is visited once, and names that start with a dot and
  /// folders of runs are passed over. A link that leads nowhere is found by its name, and a folder below that
  /// cannot be read as if it were an image, so that they are reported. What has a name that is not UTF-8 is told in
  /// `foreign`.
  ///
  /// Throws if the folder is missing, is not a folder, cannot be read or holds no images.
  package init(scanning folder: URL) throws(FileError) {
    try self.init(scanningForAny: folder)
    if paths.isEmpty {
      throw FileError(
        path: folder.relativePath,
        reason: "the folder holds no \(ImageFormat.extensionWords) files" + foreign.exception)
    }
  }

  /// The same for a folder that may hold no images.
  ///
  /// - Parameter list: the names in the folder at a path.
  init(
    scanningForAny folder: URL,
    list: (String) throws -> [String] = FileManager.default.contentsOfDirectory(atPath:)
  ) throws(FileError) {
    self.folder = folder
    switch FileKind(of: folder) {
    case .folder: break
    case .file:
      throw FileError(path: folder.relativePath, reason: "this is a file, not a folder")
    case nil: throw FileError(path: folder.relativePath, reason: "there is no such folder")
    }
    (paths, foreign) = try Self.scan(folder, list)
  }

  private static func scan(
    _ root: URL, _ list: (String) throws -> [String]
  ) throws(FileError) -> (PathList, ForeignImages) {
    var found = PathList()
    var foreign = ForeignImages()
    // By their bytes: strings that differ only in how an accent is encoded are equal, but name two folders.
    var visited: Set<[UInt8]> = []
    // Folders still to be read; a list instead of recursion, since the depth is the user's.
    var pending = [""]
    while let relative = pending.popLast() {
      let folder = relative.isEmpty ? root : root.appendingPathComponent(relative)
      guard visited.insert(Array(folder.resolvingSymlinksInPath().path.utf8)).inserted else {
        continue
      }
      let names: [String]
      do {
        names = try list(folder.path)
      } catch {
        guard relative.isEmpty else {
          found.append(relative)
          continue
        }
        throw FileError(path: folder.relativePath, reason: "the folder cannot be read")
      }
      // Sorted, last folder first, so that which of a folder's names counts is not the file system's choice.
      for name in names.sorted(by: >) where !name.hasPrefix(".") {
        let path = relative.isEmpty ? name : "\(relative)/\(name)"
        let full = "\(root.path)/\(path)"
        if FileKind(atPath: full) == .folder {
          if !isRun(full) { pending.append(path) }
        } else if isMisnamed(name, full) {
          foreign.append(misnamed: path)
        } else if ImageFormat(nameOf: name) != nil {
          found.append(path)
        } else {
          switch ImageContent(of: URL(fileURLWithPath: full)) {
          case .readable: found.append(path)
          case .foreign(let kind): foreign.append(path, kind)
          case nil: break
          }
        }
      }
    }
    return (found.sorted(), foreign)
  }

  /// Whether a folder is a run's, whose sample sheets are no data: `checkpoints` lies in the current folder, which may
  /// be that of the images.
  private static func isRun(_ path: String) -> Bool {
    FileKind(atPath: path + "/config.json") == .file
      && FileKind(atPath: path + "/snapshots") == .folder
  }

  /// Whether a listed name stands for bytes that are not UTF-8: it has the character that replaces such bytes, and by
  /// it there is nothing, no broken link either.
  private static func isMisnamed(_ name: String, _ path: String) -> Bool {
    var status = stat()
    return name.unicodeScalars.contains("\u{FFFD}") && lstat(path, &status) != 0
  }
}
