import Files
import Foundation
import Imaging
import Wording

/// The images that a command is given by files and folders, as squares of one size: image files, and those in
/// MNIST's and CIFAR-10's files.
package struct GivenImages: Sendable {
  private enum Stored {
    case file(ImagePage)
    /// The image at a place.
    case packed(PackedImages, Int)
  }

  private struct Entry {
    let name: String
    let stored: Stored
  }

  private let entries: [Entry]
  private let squares: SquareDataset.Squares
  /// What is left out, a line each.
  package let warnings: [String]

  package var count: Int { entries.count }

  /// Finds the images, in the order of the paths, and of those in a folder in that of their names; decodes none.
  ///
  /// - Parameters:
  ///   - paths: of image files, of files of IDX images, such as MNIST's test images, and of folders as training
  ///     takes them.
  ///   - size: side of the squares, in pixels.
  ///   - channels: 1 for gray, 3 for color.
  ///   - background: what shows through transparent pixels.
  ///   - most: images that are taken, the first ones.
  /// Throws `FileError` for a path where there is nothing, and for a folder without images.
  package init(
    at paths: [String], size: Int, channels: Int, background: Color, reading: ReadOptions,
    most: Int = .max
  ) throws(FileError) {
    squares = SquareDataset.Squares(
      size: size, channels: channels, background: background, reading: reading)
    var entries: [Entry] = []
    var warnings: [String] = []
    for path in paths where entries.count < most {
      let url = URL(fileURLWithPath: path)
      func add(_ files: [(name: String, url: URL)]) {
        for file in files {
          entries += ImagePage.all(in: [file.url], reading).map { page in
            let ending = page.name.dropFirst(page.file.lastPathComponent.count)
            return Entry(name: file.name + ending, stored: .file(page))
          }
        }
      }
      func add(_ packed: PackedImages, of name: String) {
        entries += (0..<min(packed.count, most)).map {
          Entry(name: "\(name), image \($0 + 1)", stored: .packed(packed, $0))
        }
      }
      switch FileKind(of: url) {
      case nil: throw FileError(path: path, reason: "there is no such file or folder")
      case .file where IDXFile.content(of: url) == .images:
        let file = try IDXFile(reading: url, as: .images)
        add(PackedImages(file), of: path)
      case .file: add([(path, url)])
      case .folder:
        switch try ImageStorage(lookingInto: url) {
        case .mnist(let files): add(try files.read().images, of: path)
        case .cifar10(let batches): add(try batches.read().images, of: path)
        case .images(let folder):
          let start = path.hasSuffix("/") ? path : path + "/"
          add(folder.relativePaths.map { (start + $0, url.appendingPathComponent($0)) })
          let used = folder.paths.count
          if let foreign = folder.foreign.summary(used: used) {
            warnings.append("\(path): \(foreign)")
          }
        }
      }
    }
    self.entries = Array(entries.prefix(most))
    self.warnings = warnings
  }

  /// What an image is called: the path of its file, with the page or the place in it.
  package func name(at index: Int) -> String { entries[index].name }

  /// Throws `FileError` for a file that does not decode, and one that cannot be shown in the wanted channels.
  package func image(at index: Int) throws(FileError) -> Image {
    switch entries[index].stored {
    case .file(let page):
      return try ImageLoader(preparation: squares, cache: ImageCache(capacity: 0)).image(page)
    case .packed(let images, let place): return squares.prepared(images.image(at: place))
    }
  }
}
