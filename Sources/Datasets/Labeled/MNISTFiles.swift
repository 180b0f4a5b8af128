import Files
import Foundation
import Wording

/// The files of MNIST, or of a data set that comes in the same form, such as Fashion-MNIST.
///
/// The training files are used; the test files (t10k) need not be there, and are taken where they are asked for and
/// are alone.
struct MNISTFiles: Sendable {
  /// Shown to the user for what is missing.
  static let imagesName = "train-images-idx3-ubyte"
  static let labelsName = "train-labels-idx1-ubyte"
  private static let testNames = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]

  let images: URL
  /// `nil` where there are none.
  let labels: URL?

  /// Finds the files by their names: `train-images-idx3-ubyte`, `train-images.idx3-ubyte`, and those with
  /// `.gz`, in this order; `nil` if none of MNIST's files is there.
  ///
  /// Throws if there are some, but not the training images.
  /// - Parameter takesTests: whether the test files do where there are no training images.
  init?(named listing: FolderListing, takesTests: Bool = false) throws(FileError) {
    func file(_ name: String) -> URL? {
      let dotted = name.replacingOccurrences(of: "-idx", with: ".idx")
      return listing.file(named: [name, dotted, "\(name).gz", "\(dotted).gz"])
    }
    if takesTests, file(Self.imagesName) == nil, let images = file(Self.testNames[0]) {
      self.images = images
      labels = file(Self.testNames[1])
      return
    }
    labels = file(Self.labelsName)
    guard let images = file(Self.imagesName) else {
      guard let other = labels ?? Self.testNames.compactMap(file).first else { return nil }
      throw FileError(
        path: listing.folder.relativePath,
        reason: "\(Self.imagesName) is missing beside \(other.lastPathComponent)")
    }
    self.images = images
  }

  /// One file of images, with the labels beside it that are called as it is: `labels` for `images`, `idx1` for `idx3`,
  /// gzipped or not.
  init(images: URL) {
    self.images = images
    let folder = images.deletingLastPathComponent()
    let name = images.lastPathComponent.replacingOccurrences(of: "images", with: "labels")
      .replacingOccurrences(of: "idx3", with: "idx1")
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(".gz".count)) : name
    labels = [name, plain, "\(plain).gz"].map(folder.appendingPathComponent)
      .first { IDXFile.content(of: $0) == .labels }
  }

  /// Finds the files by what is in them, whatever their names are; `nil` if no file is one of IDX images.
  /// Names with `t10k` or `test` in them are passed over.
  ///
  /// Throws if more than one file could be the images, or the labels.
  init?(lookingInto listing: FolderListing) throws(FileError) {
    let training = listing.files.filter { file in
      !["t10k", "test"].contains { file.lastPathComponent.lowercased().contains($0) }
    }
    let contents = training.map(IDXFile.content)
    func only(_ content: IDXFile.Content) throws(FileError) -> URL? {
      let found = zip(training, contents).filter { $0.1 == content }.map(\.0)
      guard found.count > 1 else { return found.first }
      let names = found.map(\.lastPathComponent).joined(separator: ", ")
      throw FileError(
        path: listing.folder.relativePath,
        reason: "more than one file holds IDX \(content.name): \(names)")
    }
    guard let images = try only(.images) else { return nil }
    self.images = images
    labels = try only(.labels)
  }

  /// Reads the files. Every label that occurs is a class, named as its number.
  ///
  /// Throws for damaged files, and for labels and images that differ in number.
  func read() throws(FileError) -> LabeledImages {
    let images = try IDXFile(reading: images, as: .images)
    let labels: IDXFile? =
      if let labels { try IDXFile(reading: labels, as: .labels) } else { nil }
    if let labels, labels.sizes[0] != images.sizes[0] {
      throw FileError(
        path: labels.url.relativePath,
        reason: "has \(counted(labels.sizes[0], "label")), but \(images.url.lastPathComponent) has "
          + "\(counted(images.sizes[0], "image"))")
    }
    return LabeledImages(
      images: PackedImages(images), labels: labels?.bytes,
      classes: Set(labels?.bytes ?? []).sorted().map {
        ImageClass(name: String($0), number: Int($0))
      }, warnings: [])
  }
}
