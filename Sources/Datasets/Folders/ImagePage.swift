import Files
import Foundation
import Imaging

/// An image of a data set: a file, or one page of a file whose pages are images.
package struct ImagePage: Sendable, Hashable {
  package let file: URL
  /// From 0 on.
  package let page: Int

  package init(_ file: URL, page: Int = 0) { (self.file, self.page) = (file, page) }

  /// All images in files, in their order. A file that cannot be read counts as one, so that it is reported.
  package static func all(in files: [URL], _ reading: ReadOptions) -> [ImagePage] {
    guard reading.pages == .images else { return files.map { ImagePage($0) } }
    return files.flatMap { file in
      let count = (try? ImageFile.readLayout(from: file, options: reading))?.imageCount ?? 1
      return (0..<count).map { ImagePage(file, page: $0) }
    }
  }

  /// "stack.tif", or "stack.tif, page 3".
  package var name: String {
    page == 0 ? file.lastPathComponent : "\(file.lastPathComponent), page \(page + 1)"
  }

  /// An error that names the file, and the page behind it.
  package func error(_ reason: String) -> FileError {
    FileError(
      path: file.relativePath, reason: page == 0 ? reason : "page \(page + 1): \(reason)")
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
    options.page = page
    do throws(FileError) { return try read(options) } catch { throw self.error(error.reason) }
  }
}
