import Files
import Foundation

/// What lies in a folder itself, not in folders below it.
struct FolderListing {
  let folder: URL
  /// Sorted by their bytes; folders too, but nothing that starts with a dot.
  private let names: [String]
  private let namesInLowerCase: [String: [String]]

  /// `nil` if the folder is missing or cannot be read.
  init?(_ folder: URL) {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
      return nil
    }
    self.folder = folder
    self.names = names.filter { !$0.hasPrefix(".") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    namesInLowerCase = Dictionary(grouping: self.names) { $0.lowercased() }
  }

  /// All files, links to files included.
  ///
  /// Some archives of MNIST unpack into folders that are named as their files are.
  var files: [URL] { names.map(url).filter { FileKind(of: $0) == .file } }

  /// The file of the first of `wanted` that is there, in any letter case. The names are in lower case.
  func file(named wanted: [String]) -> URL? {
    for name in wanted {
      let found = (namesInLowerCase[name] ?? []).lazy.map(url).first { FileKind(of: $0) == .file }
      if let found { return found }
    }
    return nil
  }

  private func url(_ name: String) -> URL { folder.appendingPathComponent(name) }
}
