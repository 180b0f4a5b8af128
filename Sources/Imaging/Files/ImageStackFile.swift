import Files
import Foundation

/// A TIFF file of several images that is written image by image, so that one at a time is in memory. It has its name
/// once all of them are there; until then nobody sees it.
package final class ImageStackFile {
  private let file: ReplacementFile
  private let options: WriteOptions
  private let count: Int
  private let isBig: Bool
  /// That of the first image.
  private var isBigEndian = false
  private var addedCount = 0
  private var byteCount = 0
  /// Where the offset of the next image's directory goes.
  private var link = 0

  /// - Parameters:
  ///   - count: images that will be added.
  ///   - pixelBytes: of all of them together, at most.
  /// Throws where the file cannot be made.
  package init(
    at url: URL, count: Int, pixelBytes: Int, options: WriteOptions = WriteOptions()
  ) throws(FileError) {
    file = try ReplacementFile(at: url)
    self.options = options
    self.count = count
    isBig = TIFFPlace.needsBigFile(pixelBytes: pixelBytes)
  }

  /// Writes the next image, in the form that its file had where that was a TIFF.
  package func add(_ image: ImageFile) throws(FileError) {
    var page = image
    page.format = .tiff
    var content = page.tiffContent
    if addedCount == 0 { isBigEndian = content.form.isBigEndian }
    content.form.isBigEndian = isBigEndian
    content.place = TIFFPlace(number: addedCount, count: count, start: byteCount, isBig: isBig)
    page.tiff = content
    // In front of each page there is a header that leads to it.
    let bytes = try naming(file.url) { () throws(ImageFailure) in
      try page.encoded(options: options)
    }
    guard let notation = TIFFNotation(firstBytes: bytes) else {
      preconditionFailure("a page without a header")
    }
    let header = bytes.prefix(notation.headerSize)
    let directory = notation.number(header.dropFirst(notation.linkOffset))
    if addedCount == 0 {
      try file.write(bytes)
      byteCount = bytes.count
    } else {
      try file.write(notation.bytes(directory, count: notation.offsetSize), at: link)
      try file.write(bytes[header.count...])
      byteCount += bytes.count - header.count
    }
    let place = directory - (byteCount - bytes.count)
    let entries = notation.number(bytes[place..<place + notation.countSize])
    link = directory + notation.countSize + entries * notation.entrySize
    addedCount += 1
  }

  /// Gives the file its name. Traps unless all images were added.
  package func commit() throws(FileError) {
    precondition(addedCount == count, "\(addedCount) of \(count) images")
    try file.commit()
  }
}
