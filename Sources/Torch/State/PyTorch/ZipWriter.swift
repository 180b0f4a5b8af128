import CZlib
import Foundation

/// A zip archive of stored entries whose bytes begin at multiples of 64, as PyTorch writes them. Source:
/// PKWARE's APPNOTE, section 4.3; `inline_container.cc` of PyTorch.
struct ZipWriter {
  private var archive = Data()
  private var directory = Data()
  private var count = 0

  private static let alignment = 64

  /// Of the archive so far, directory included.
  var byteCount: Int { archive.count + directory.count }

  /// Makes room for entries of so many bytes together, which spares moving them.
  mutating func reserve(_ byteCount: Int) { archive.reserveCapacity(byteCount) }

  mutating func add(_ name: String, _ bytes: [UInt8]) {
    let offset = archive.count
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

    archive.append(littleEndian: 0x0403_4B50, 4)
    archive.append(common)
    let beginning = archive.count + 2 + name.utf8.count
    // An extra field under PyTorch's own id has at least four bytes.
    let padding = Self.alignment - (beginning + 4) % Self.alignment
    archive.append(littleEndian: 4 + padding, 2)
    archive.append(contentsOf: name.utf8)
    archive.append(contentsOf: "FB".utf8)
    archive.append(littleEndian: padding, 2)
    archive.append(contentsOf: repeatElement(UInt8(ascii: "Z"), count: padding))
    archive.append(contentsOf: bytes)

    directory.append(littleEndian: 0x0201_4B50, 4)
    directory.append(littleEndian: 20, 2)
    directory.append(common)
    // No extra field, comment or attributes.
    directory.append(contentsOf: repeatElement(0, count: 12))
    directory.append(littleEndian: offset, 4)
    directory.append(contentsOf: name.utf8)
    count += 1
  }

  /// The whole archive. Traps for one of 4 GiB or more, which needs other records.
  consuming func finished() -> Data {
    precondition(byteCount < 1 << 32, "an archive of \(byteCount) bytes")
    let offset = archive.count
    archive.append(directory)
    archive.append(littleEndian: 0x0605_4B50, 4)
    archive.append(littleEndian: 0, 4)
    archive.append(littleEndian: count, 2)
    archive.append(littleEndian: count, 2)
    archive.append(littleEndian: directory.count, 4)
    archive.append(littleEndian: offset, 4)
    archive.append(littleEndian: 0, 2)
    return archive
  }
}

extension Data {
  /// The lowest `count` bytes of a number, the lowest first.
  mutating func append(littleEndian number: Int, _ count: Int) {
    for byte in 0..<count { append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
  }
}
