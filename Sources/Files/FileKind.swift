import Foundation

/// What is at a path, links followed.
package enum FileKind: Sendable {
  case folder
  /// A file, a pipe or a device.
  case file

  /// `nil` where there is nothing, or a link that leads nowhere.
  package init?(of url: URL) { self.init(atPath: url.path) }

  /// The same, for many paths.
  package init?(atPath path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self = status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
  }
}
