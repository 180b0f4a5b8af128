import Files
import Foundation
import Machine
import Wording

/// An array of bytes in the IDX format that MNIST comes in: a magic number, the sizes of the axes, and
/// the bytes, the last axis running fastest. All numbers are big-endian.
///
/// Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits, "File formats".
struct IDXFile: Sendable {
  enum Content: Sendable {
    case images
    case labels

    /// Two zero bytes, 8 for unsigned bytes, and the number of axes.
    var magicNumber: Int {
      switch self {
      case .images: 0x0803  // [image, row, column]
      case .labels: 0x0801  // [label]
      }
    }

    var name: String {
      switch self {
      case .images: "images"
      case .labels: "labels"
      }
    }

    fileprivate var axes: Int { magicNumber & 0xFF }
  }

  let url: URL
  /// As many as the content has axes: `[images, rows, columns]` or `[labels]`; all positive.
  let sizes: [Int]
  /// As many as `sizes` multiplied.
  let bytes: [UInt8]

  /// Reads a file, gzipped or not.
  ///
  /// Throws if the file cannot be read, begins with another magic number, holds nothing, or has fewer or
  /// more bytes than its header says. Memory for what the header says is asked for only after the file
  /// is known to be large enough for it.
  /// - Parameter available: bytes of memory that may be taken; `nil` where that is not known.
  init(
    reading url: URL, as content: Content, available: Int? = availableMemory()
  ) throws(FileError) {
    let file = try DataFile(url)
    self.url = url
    sizes = try Self.readHeader(file, content)
    bytes = try Self.readBody(file, sizes, content, available)
  }

  /// What a file holds, by its first bytes; `nil` if it is neither of the two or cannot be read.
  static func content(of url: URL) -> Content? {
    guard let start = try? DataFile(url).read(upTo: 4), start.count == 4 else { return nil }
    let magicNumber = bigEndian(start[...])
    return [Content.images, .labels].first { $0.magicNumber == magicNumber }
  }

  private static func readHeader(
    _ file: DataFile, _ content: Content
  ) throws(FileError) -> [Int] {
    let headerSize = headerSize(content)
    let header = try file.read(upTo: headerSize)
    if header.count >= 4 {
      let found = bigEndian(header[..<4])
      guard found == content.magicNumber else {
        throw file.error(
          "the magic number is \(magicWords(found)), not \(magicWords(content.magicNumber)) as in "
            + "IDX files of \(content.name)")
      }
    }
    guard header.count == headerSize else {
      throw file.error(
        "has \(counted(header.count, "byte")), which is no whole IDX header of \(headerSize)")
    }
    let sizes = (1...content.axes).map { bigEndian(header[(4 * $0)..<(4 * $0 + 4)]) }
    if sizes[0] == 0 { throw file.error("holds no \(content.name)") }
    if sizes.contains(0) {
      throw file.error("its images have \(sizes[2])x\(sizes[1]) pixels")
    }
    return sizes
  }

  private static func readBody(
    _ file: DataFile, _ sizes: [Int], _ content: Content, _ available: Int?
  ) throws(FileError) -> [UInt8] {
    let claim = claim(sizes, content)
    let headerSize = headerSize(content)
    var whole = 1
    for size in sizes {
      let (product, overflow) = whole.multipliedReportingOverflow(by: size)
      // The second limit leaves room for the header and the byte after the end.
      guard !overflow, product < Int.max / 2 else {
        throw file.error("its header says \(claim), more than any file can hold")
      }
      whole = product
    }
    let total = whole + headerSize
    let saying = "where its header says \(grouped(total)) (\(claim))"
    if file.isArchive, file.maximumContentSize < total {
      throw file.error(
        "cannot inflate to more than \(grouped(file.maximumContentSize)) bytes \(saying)")
    }
    if !file.isArchive, file.storedSize != total {
      throw file.error("has \(counted(file.storedSize, "byte")) \(saying)")
    }
    if content == .images {
      try file.checkMemory(bytes: whole, images: sizes[0], available: available)
    }
    // One more, so that what is too long is seen, and an archive's checksum is checked.
    let bytes = try file.read(upTo: whole + 1)
    if bytes.count > whole {
      throw file.error("has more than the \(grouped(total)) bytes that its header says (\(claim))")
    }
    if bytes.count < whole {
      throw file.error("has \(counted(headerSize + bytes.count, "byte")) \(saying)")
    }
    return bytes
  }

  private static func headerSize(_ content: Content) -> Int { 4 + 4 * content.axes }

  /// "60,000 images of 28x28"
  private static func claim(_ sizes: [Int], _ content: Content) -> String {
    switch content {
    case .images: "\(counted(sizes[0], "image")) of \(sizes[2])x\(sizes[1])"
    case .labels: counted(sizes[0], "label")
    }
  }

  private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reduce(0) { $0 << 8 | Int($1) }
  }

  /// "2051 (0x00000803)"
  private static func magicWords(_ number: Int) -> String {
    "\(number) (0x\(padded(number, to: 8, radix: 16)))"
  }
}
