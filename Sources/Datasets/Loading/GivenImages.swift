import Files
import Foundation
import Imaging
import Wording

/// The images that a command is given by files and folders, as squares of one size: image files, and those in
/// MNIST's and CIFAR-10's files.
package struct GivenImages: Sendable {
  /// What one path has brought, in the order of the paths.
  private enum Part: Sendable {
    case files([File])
    /// The first images of a file or folder of packed ones, which may be very many.
    case packed(LabeledImages, count: Int, name: String)

    var count: Int {
      switch self {
      case .files(let files): files.count
      case .packed(_, let count, _): count
      }
    }
  }

  private struct File: Sendable {
    /// The path by which people know it.
    let name: String
    let page: ImagePage
    let className: String
  }

  private let parts: [Part]
  private let squares: SquarePreparation
  /// What is left out, a line each.
  package let warnings: [String]

  package let count: Int

  /// Finds the images, in the order of the paths, and of those in a folder in that of their names; decodes none.
  ///
  /// - Parameters:
  ///   - paths: of image files, of files of IDX images, such as MNIST's test images, of CIFAR-10's batches, and of
  ///     folders as training takes them, or with the test files alone.
  ///   - size: side of the squares, in pixels.
  ///   - channels: 1 for gray, 3 for color.
  ///   - background: what shows through transparent pixels.
  ///   - most: images that are taken, the first ones.
  /// Throws `FileError` for a path where there is nothing, and for a folder without images.
  package init(
    at paths: [String], size: Int, channels: Int, background: Color, reading: ReadOptions,
    most: Int = .max
  ) throws(FileError) {
    squares = SquarePreparation(
      size: size, channels: channels, background: background, reading: reading)
    var parts: [Part] = []
    var warnings: [String] = []
    // Those that follow one another are one part, so that a long command line is not as many.
    var files: [File] = []
    var left = most
    func add(_ found: [(name: String, url: URL, className: String)]) {
      for file in found where left > 0 {
        let pages = ImagePage.all(in: [file.url], reading).prefix(left)
        files += pages.map { page in
          File(
            name: file.name + page.name.dropFirst(page.file.lastPathComponent.count), page: page,
            className: file.className)
        }
        left -= pages.count
      }
    }
    func endFiles() {
      if !files.isEmpty { parts.append(.files(files)) }
      files = []
    }
    func add(_ packed: LabeledImages, of name: String) {
      endFiles()
      let part = Part.packed(packed, count: min(packed.images.count, left), name: name)
      parts.append(part)
      left -= part.count
    }
    for path in paths where left > 0 {
      let url = URL(fileURLWithPath: path)
      switch FileKind(of: url) {
      case nil: throw FileError(path: path, reason: "there is no such file or folder")
      case .file where IDXFile.content(of: url) == .images:
        add(try MNISTFiles(images: url).read(), of: path)
      case .file:
        if let batch = CIFAR10Batches(batch: url) {
          add(try batch.read(), of: path)
        } else {
          add([(path, url, Self.folderName(of: url))])
        }
      case .folder:
        switch try ImageStorage(lookingInto: url, takesTests: true) {
        case .mnist(let files): add(try files.read(), of: path)
        case .cifar10(let batches): add(try batches.read(), of: path)
        case .images(let folder):
          let start = path.hasSuffix("/") ? path : path + "/"
          add(
            folder.relativePaths.map { below in
              let file = url.appendingPathComponent(below)
              // The classes are the folders in the given one; or that is a class itself.
              let className = below.firstIndex(of: "/").map { String(below[..<$0]) }
              return (start + below, file, className ?? Self.folderName(of: file))
            })
          let used = folder.paths.count
          if let foreign = folder.foreign.summary(used: used) {
            warnings.append("\(path): \(foreign)")
          }
        }
      }
    }
    endFiles()
    self.parts = parts
    self.warnings = warnings
    count = parts.reduce(0) { $0 + $1.count }
  }

  private static func folderName(of file: URL) -> String {
    file.deletingLastPathComponent().standardizedFileURL.lastPathComponent
  }

  /// The part that holds an image, and its place there. Traps if the index is not in `0..<count`.
  private func place(of index: Int) -> (Part, Int) {
    var place = index
    for part in parts {
      if place < part.count { return (part, place) }
      place -= part.count
    }
    preconditionFailure("image \(index) of \(count)")
  }

  /// What an image is called: the path of its file, with the page or the place in it.
  package func name(at index: Int) -> String {
    switch place(of: index) {
    case (.files(let files), let place): files[place].name
    case (.packed(_, _, let name), let place): "\(name), image \(place + 1)"
    }
  }

  /// The class of an image as training takes it: the first folder below a given one, or the folder of a file; what the
  /// labels of MNIST's and CIFAR-10's files say. `nil` where there are none.
  package func className(at index: Int) -> String? {
    switch place(of: index) {
    case (.files(let files), let place): files[place].className
    case (.packed(let images, _, _), let place):
      images.labels.flatMap { labels in
        images.classes.first { $0.number == Int(labels[place]) }?.name
      }
    }
  }

  /// Throws `FileError` for a file that does not decode, and one that cannot be shown in the wanted channels.
  package func image(at index: Int) throws(FileError) -> Image {
    switch place(of: index) {
    case (.files(let files), let place):
      return try squares.image(files[place].page)
    case (.packed(let packed, _, _), let place):
      return squares.prepared(packed.images.image(at: place))
    }
  }
}
