import Foundation

/// Which file or folder a path or a descriptor leads to, whatever its name.
package struct FileIdentity: Hashable, Sendable {
  private let device: dev_t
  private let file: ino_t

  /// `nil` where there is nothing.
  package init?(atPath path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    (device, file) = (status.st_dev, status.st_ino)
  }

  package init?(of descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    (device, file) = (status.st_dev, status.st_ino)
  }
}
