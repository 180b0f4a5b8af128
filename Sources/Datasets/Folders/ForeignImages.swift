import Files
import Imaging
import Wording

/// The images of a folder that are of kinds that cannot be read.
package struct ForeignImages: Sendable {
  private struct File: Sendable {
    /// Relative to the folder.
    let path: String
    let kind: ForeignImageKind
  }

  private var files: [File] = []

  mutating func append(_ path: String, _ kind: ForeignImageKind) {
    files.append(File(path: path, kind: kind))
  }

  /// Those whose paths, relative to the folder, are wanted.
  func filter(_ isWanted: (String) -> Bool) -> ForeignImages {
    var result = ForeignImages()
    result.files = files.filter { isWanted($0.path) }
    return result
  }

  /// The kinds, the most frequent one first, and those that are as frequent by their names.
  private var kinds: [(kind: ForeignImageKind, count: Int)] {
    Dictionary(grouping: files, by: \.kind.name).map { ($1[0].kind, $1.count) }
      .sorted { ($1.1, $0.0.name) < ($0.1, $1.0.name) }
  }

  private var advice: String { ForeignImageKind.advice(on: kinds.map(\.kind)) }

  /// "18 files: 2 used; 16 left out: 9 HEIC, 4 BMP, 3 GIF; convert them first, for example with ..."; nil where
  /// there are none.
  ///
  /// - Parameters:
  ///   - used: images of the folder that are used.
  ///   - broken: other images of the folder that were looked at and are not.
  package func summary(used: Int, broken: Int = 0) -> String? {
    if files.isEmpty { return nil }
    let leftOut = files.count + broken
    var words = kinds.map { "\(grouped($0.count)) \($0.kind.name)" }
    if broken > 0 { words.append("\(grouped(broken)) unusable") }
    return
      "\(counted(used + leftOut, "file")): \(grouped(used)) used; \(grouped(leftOut)) left out: "
      + "\(words.joined(separator: ", ")); \(advice)"
  }

  /// What is added to the words for a folder without readable images: ", but 9 HEIC and 4 BMP; ..."; empty where
  /// there are none.
  var exception: String {
    files.isEmpty
      ? "" : ", but \(listed(kinds.map { "\(grouped($0.count)) \($0.kind.name)" })); \(advice)"
  }

  /// Throws an error that names the kinds, if there are any.
  ///
  /// - Parameters:
  ///   - folder: as the user named it.
  ///   - readable: images of the folder that can be read.
  package func refuse(in folder: String, beside readable: Int) throws(FileError) {
    guard let words = summary(used: readable) else { return }
    throw FileError(path: folder, reason: words.replacing("left out", with: "cannot be read"))
  }
}
