import CZlib
import Files
import Foundation

/// A zip archive of stored entries whose bytes begin at multiples of 64, as PyTorch writes them, one entry after
/// the other into a file. Source: PKWARE's APPNOTE, section 4.3; `inline_container.cc` of PyTorch.
struct ZipWriter {
  private let file: ReplacementFile
  /// Bytes that have been written.
  private var offset = 0
  private var directory = Data()
  private var count = 0

  private static let alignment = 64

  init(to file: ReplacementFile) { self.file = file }

  mutating func add(_ name: String, _ bytes: [UInt8]) throws(FileError) {
    var common = Data()  // what the entry's own header and the directory have in common
    common.append(littleEndian: 20, 2)  // the version that reading it needs
    common.append(littleEndian: 0x0800, 2)  // names are UTF-8
    common.append(littleEndian: 0, 2)  // stored
    common.append(littleEndian: 0, 2)  // no time
    common.append(littleEndian: 0x21, 2)  // 1 January 1980, the first there is
    common.append(littleEndian: Int(czlib_checksum(bytes, bytes.count)), 4)
    common.append(littleEndian: bytes.count, 4)
    common.append(littleEndian: bytes.count, 4)
    common.append(littleEndian: name.utf8.count, 2)

    var header = Data()
    header.append(littleEndian: 0x0403_4B50, 4)
    header.append(common)
    let beginning = offset + header.count + 2 + name.utf8.count
    // An extra field under PyTorch's own id has at least four bytes.
    let padding = Self.alignment - (beginning + 4) % Self.alignment
    header.append(littleEndian: 4 + padding, 2)
    header.append(contentsOf: name.utf8)
    header.append(contentsOf: "FB".utf8)
    header.append(littleEndian: padding, 2)
    header.append(contentsOf: repeatElement(UInt8(ascii: "Z"), count: padding))

    directory.append(littleEndian: 0x0201_4B50, 4)
    directory.append(littleEndian: 20, 2)
    directory.append(common)
    // No extra field, comment or attributes.
    directory.append(contentsOf: repeatElement(0, count: 12))
    directory.append(littleEndian: offset, 4)
    directory.append(contentsOf: name.utf8)
    count += 1

    try file.write(header)
    try file.write(bytes)
    offset += header.count + bytes.count
  }

  /// Writes the directory. Traps for an archive of 4 GiB or more, which needs other records.
  consuming func finish() throws(FileError) {
    precondition(offset + directory.count < 1 << 32, "an archive of \(offset) bytes")
    let length = directory.count
    directory.append(littleEndian: 0x0605_4B50, 4)
    directory.append(littleEndian: 0, 4)
    directory.append(littleEndian: count, 2)
    directory.append(littleEndian: count, 2)
    directory.append(littleEndian: length, 4)
    directory.append(littleEndian: offset, 4)
    directory.append(littleEndian: 0, 2)
    try file.write(directory)
  }
}

extension Data {
  /// The lowest `count` bytes of a number, the lowest first.
  mutating func append(littleEndian number: Int, _ count: Int) {
    for byte in 0..<count { append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
  }
}
