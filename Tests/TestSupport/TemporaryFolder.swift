import Foundation

/// Lends a new, empty folder, which is removed with everything in it when `body` returns or throws.
package func withTemporaryFolder<R>(_ body: (URL) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("cyclegan-tests-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  // Paths in errors are compared with ours, so that links on the way have to be resolved first.
  return try body(folder.resolvingSymlinksInPath())
}
