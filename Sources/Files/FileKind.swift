import Foundation

/// What is at a path, links followed.
package enum FileKind: Sendable {
  case folder
  /// A file, a pipe or a device.
  case file

  /// `nil` where there is nothing, or a link that leads nowhere.
  package init?(of url: URL) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      return nil
    }
    self = isFolder.boolValue ? .folder : .file
  }
}
