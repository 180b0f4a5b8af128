import Files
import Imaging
import Wording

/// What of a folder cannot be read: images of other kinds, and what has a name that is not UTF-8.
package struct ForeignImages: Sendable {
  private struct File: Sendable {
    /// Relative to the folder.
    let path: String
    let kind: ForeignImageKind
  }

  private var files: [File] = []
  /// Of files and folders that no path in UTF-8 leads to.
  private var misnamed: [String] = []

  mutating func append(_ path: String, _ kind: ForeignImageKind) {
    files.append(File(path: path, kind: kind))
  }

  mutating func append(misnamed path: String) { misnamed.append(path) }

  /// Those whose paths, relative to the folder, are wanted.
  func filter(_ isWanted: (String) -> Bool) -> ForeignImages {
    var result = ForeignImages()
    result.files = files.filter { isWanted($0.path) }
    result.misnamed = misnamed.filter(isWanted)
    return result
  }

  /// The kinds, the most frequent one first, and those that are as frequent by their names.
  private var kinds: [(kind: ForeignImageKind, count: Int)] {
    Dictionary(grouping: files, by: \.kind.name).map { ($1[0].kind, $1.count) }
      .sorted { ($1.1, $0.0.name) < ($0.1, $1.0.name) }
  }

  private var advice: String { ForeignImageKind.advice(on: kinds.map(\.kind)) }

  /// "2 files or folders"
  private var misnamedWords: String {
    counted(misnamed.count, "file or folder", plural: "files or folders")
  }

  private var renaming: String {
    misnamed.count == 1
      ? "a name that is not UTF-8; rename it" : "names that are not UTF-8; rename them"
  }

  /// "18 files: 2 used; 16 left out: 9 HEIC, 4 BMP, 3 GIF; convert them first, for example with ...", and behind it
  /// "2 files or folders left out for names that are not UTF-8; rename them"; nil where there is neither.
  ///
  /// - Parameters:
  ///   - used: images of the folder that are used.
  ///   - broken: other images of the folder that were looked at and are not.
  package func summary(used: Int, broken: Int = 0) -> String? {
    let misnaming = misnamed.isEmpty ? nil : "\(misnamedWords) left out for \(renaming)"
    if files.isEmpty { return misnaming }
    let leftOut = files.count + broken
    var words = kinds.map { "\(grouped($0.count)) \($0.kind.name)" }
    if broken > 0 { words.append("\(grouped(broken)) unusable") }
    return
      "\(counted(used + leftOut, "file")): \(grouped(used)) used; \(grouped(leftOut)) left out: "
      + "\(words.joined(separator: ", ")); \(advice)" + (misnaming.map { "; \($0)" } ?? "")
  }

  /// What is added to the words for a folder without readable images: ", but 9 HEIC and 4 BMP; ..."; empty where
  /// there are none.
  var exception: String {
    let foreign =
      files.isEmpty
      ? "" : ", but \(listed(kinds.map { "\(grouped($0.count)) \($0.kind.name)" })); \(advice)"
    return misnamed.isEmpty ? foreign : "\(foreign), but \(misnamedWords) with \(renaming)"
  }

  /// Throws an error that names the kinds and counts the names, if there are any.
  ///
  /// - Parameters:
  ///   - folder: as the user named it.
  ///   - readable: images of the folder that can be read.
  package func refuse(in folder: String, beside readable: Int) throws(FileError) {
    guard let words = summary(used: readable) else { return }
    throw FileError(path: folder, reason: words.replacing("left out", with: "cannot be read"))
  }
}
