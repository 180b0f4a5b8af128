import Files
import Foundation
import Imaging
import Torch
import Wording

/// The image files of a folder that decode.
struct FolderImages: Sendable {
  let images: [ImagePage]
  /// The place in `classes` of each image's class; `nil` for one that is in none of their folders.
  let labels: [Int?]
  /// The folders directly in it that hold images, sorted by the bytes of their names.
  let classes: [ImageClass]
  /// `nil` where all images are wanted.
  let chosen: ImageClass?
  let skipped: [FileError]
  /// What to know about the files, a line each.
  let remarks: [String]
  /// Whether any file has more than 8 bits.
  let isDeep: Bool
  /// Images of other kinds, of all classes or of the chosen one.
  let foreign: ForeignImages

  /// Decodes every image, or every one of a class, once, and leaves out those that do not decode.
  ///
  /// - Parameters:
  ///   - reading: which files are taken.
  ///   - processes: decode the same files, and share the work.
  ///   - progress: called with the images done and those to be done in all.
  ///   - shouldStop: asked ten times a second.
  /// Throws `FileError` if the class does not exist, if no image is left, or, when `strict`, if one is
  /// broken or of another kind, and `CancellationError` once `shouldStop` is true.
  init(
    in folder: ImageFolder, class wanted: String?, strict: Bool, workers: Int, reading: ReadOptions,
    processes: ProcessGroup? = nil,
    progress: (_ done: Int, _ total: Int) -> Void, shouldStop: () -> Bool
  ) throws {
    let path = folder.folder.relativePath
    let classes = Self.classes(of: folder)
    var paths = folder.relativePaths
    var foreign = folder.foreign
    let chosen: ImageClass? =
      if let wanted { try ImageClass.find(wanted, among: classes, of: path) } else { nil }
    if let chosen {
      let wantedName = Array(chosen.name.utf8)
      func isChosen(_ path: String) -> Bool { Self.className(of: path) == wantedName }
      paths = paths.filter(isChosen)
      foreign = foreign.filter(isChosen)
    }
    if strict { try foreign.refuse(in: path, beside: paths.count) }
    let files = paths.map { folder.folder.appendingPathComponent($0) }
    let images = ImagePage.all(in: files, reading)
    let checked = try CheckedImages(
      decoding: images, reading: reading, workers: workers, processes: processes,
      progress: { progress($0, images.count) }, shouldStop: shouldStop)
    if strict, let first = checked.skipped.first { throw first }
    if checked.images.isEmpty {
      throw FileError(
        path: path, reason: "none of its \(counted(images.count, "image")) can be used")
    }
    self.images = checked.images
    self.classes = classes
    let places = Dictionary(
      uniqueKeysWithValues: classes.enumerated().map { (Array($1.name.utf8), $0) })
    let labels = Dictionary(
      zip(files, paths).map { ($0, Self.className(of: $1).flatMap { places[$0] }) },
      uniquingKeysWith: { first, _ in first })
    self.labels = checked.images.map { labels[$0.file] ?? nil }
    self.chosen = chosen
    skipped = checked.skipped
    remarks = checked.remarks
    isDeep = checked.survey.isDeep
    self.foreign = foreign
  }

  private static func classes(of folder: ImageFolder) -> [ImageClass] {
    let names = Set(folder.relativePaths.compactMap(className))
      .sorted { $0.lexicographicallyPrecedes($1) }
    return ClassNames(names.map { String(decoding: $0, as: UTF8.self) }).classes
  }

  /// The bytes of the name, since strings that differ only in how an accent is encoded are equal, but name two folders;
  /// `nil` for an image in the folder itself.
  private static func className(of path: String) -> [UInt8]? {
    path.utf8.firstIndex(of: UInt8(ascii: "/")).map { Array(path.utf8[..<$0]) }
  }
}
