import Files
import Foundation
import Imaging

/// An image of a data set: a file, or one page of a file whose pages are images.
package struct ImagePage: Sendable, Hashable {
  package let file: URL
  private let place: ImagePlace

  package init(_ file: URL, _ place: ImagePlace = ImagePlace()) {
    (self.file, self.place) = (file, place)
  }

  /// Of the page, from 0 on.
  private var number: Int { place.number }

  /// All images in files, in their order. A file that cannot be read counts as one, so that it is reported.
  package static func all(in files: [URL], _ reading: ReadOptions) -> [ImagePage] {
    files.flatMap { file in
      let places = try? ImageFile.places(in: file, options: reading)
      return (places ?? [ImagePlace()]).map { ImagePage(file, $0) }
    }
  }

  /// "stack.tif", or "stack.tif, page 3".
  package var name: String {
    number == 0 ? file.lastPathComponent : "\(file.lastPathComponent), page \(number + 1)"
  }

  /// The same behind the path of the folder.
  package var path: String {
    number == 0 ? file.relativePath : "\(file.relativePath), page \(number + 1)"
  }

  /// An error that names the file, and the page behind it.
  package func error(_ reason: String) -> FileError {
    FileError(
      path: file.relativePath, reason: number == 0 ? reason : "page \(number + 1): \(reason)")
  }

  /// Throws as `ImageFile.read` does.
  package func read(_ reading: ReadOptions) throws(FileError) -> ImageFile {
    try named(reading) { (options) throws(FileError) in
      try ImageFile.read(from: file, options: options)
    }
  }

  /// Throws as `ImageFile.readLayout` does.
  package func readLayout(_ reading: ReadOptions) throws(FileError) -> ImageLayout {
    try named(reading) { (options) throws(FileError) in
      try ImageFile.readLayout(from: file, options: options)
    }
  }

  private func named<Result>(
    _ reading: ReadOptions, _ read: (ReadOptions) throws(FileError) -> Result
  ) throws(FileError) -> Result {
    var options = reading
    options.place = place
    do throws(FileError) { return try read(options) } catch { throw self.error(error.reason) }
  }
}
