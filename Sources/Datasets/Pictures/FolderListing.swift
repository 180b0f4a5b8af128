import Foundation

/// The files in a folder itself, links to files included, not those in folders below it.
struct FolderListing {
  let folder: URL
  /// Sorted by their bytes; without those that start with a dot.
  let names: [String]

  /// `nil` if the folder is missing or cannot be read.
  init?(_ folder: URL) {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
      return nil
    }
    self.folder = folder
    self.names = names.filter { name in
      // Some archives of MNIST unpack into folders that are named as their files are.
      var isFolder: ObjCBool = false
      let path = folder.appendingPathComponent(name).path
      return !name.hasPrefix(".")
        && FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// The first of `names` that is there, in any letter case.
  func file(named names: [String]) -> URL? {
    for wanted in names {
      if let name = self.names.first(where: { $0.lowercased() == wanted }) { return url(name) }
    }
    return nil
  }
}
