import CCodec
import CZlib
import Files
import Machine

/// The entries of a zip archive from anybody: stored and deflated ones, with zip64's sizes and offsets.
///
/// Entries that overlap, lie about their sizes or would inflate to much more than they are, are refused
/// before memory is asked for. Source: PKWARE's APPNOTE, sections 4.3 and 4.5.3.
struct ZipArchive {
  struct Entry {
    let name: String
    let isDeflated: Bool
    /// In the archive, and of what is in it.
    let storedCount: Int
    let count: Int
    /// Of what is in it; 0 where the writer took none, as PyTorch can be told.
    let checksum: UInt32
    /// Where its own header begins, and its bytes.
    let headerOffset: Int
    let offset: Int
  }

  let entries: [String: Entry]
  private let file: RegularFile

  /// Reads the directory. Throws for a file that is no zip archive or a damaged one.
  init(_ file: RegularFile) throws(UnusableWeights) {
    self.file = file
    let directory = try ZipDirectory(file)
    var found: [Entry] = []
    for record in directory.records { found.append(try Self.locate(record, directory, file)) }
    found.sort { $0.headerOffset < $1.headerOffset }
    var entries: [String: Entry] = [:]
    var end = 0
    for entry in found {
      guard entry.headerOffset >= end else {
        throw UnusableWeights("the entry '\(entry.name)' of the archive overlaps another")
      }
      end = entry.offset + entry.storedCount
      guard entries.updateValue(entry, forKey: entry.name) == nil else {
        throw UnusableWeights("the archive has two entries '\(entry.name)'")
      }
    }
    self.entries = entries
  }

  /// What an entry holds. Throws where its size or checksum is wrong, or memory is short.
  func read(_ entry: Entry) throws(UnusableWeights) -> [UInt8] {
    let stored = try file.bytes(at: entry.offset, count: entry.storedCount)
    let bytes = entry.isDeflated ? try Self.inflated(stored, entry) : stored
    guard entry.checksum == 0 || czlib_checksum(bytes, bytes.count) == entry.checksum else {
      throw UnusableWeights("damaged: the checksum of '\(entry.name)' is wrong")
    }
    return bytes
  }

  private static func inflated(
    _ stored: [UInt8], _ entry: Entry
  ) throws(UnusableWeights) -> [UInt8] {
    guard memoryIsAvailable(byteCount: entry.count) else {
      throw UnusableWeights("not enough memory for '\(entry.name)' of \(entry.count) bytes")
    }
    var message = [CChar](repeating: 0, count: Int(CODEC_MESSAGE_CAPACITY))
    var status = CODEC_OK
    let bytes = [UInt8](unsafeUninitializedCapacity: entry.count) { target, initializedCount in
      status = czlib_inflate_raw(
        stored, stored.count, target.baseAddress, entry.count, &message)
      initializedCount = status == CODEC_OK ? entry.count : 0
    }
    guard status == CODEC_OK else {
      let words = String(
        decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      throw UnusableWeights("damaged: '\(entry.name)' cannot be inflated: \(words)")
    }
    return bytes
  }

  /// Finds an entry's bytes behind its own header, which has to agree with the directory.
  private static func locate(
    _ record: ZipDirectory.Record, _ directory: ZipDirectory, _ file: RegularFile
  ) throws(UnusableWeights) -> Entry {
    func damaged(_ what: String) -> UnusableWeights {
      UnusableWeights("the entry '\(record.name)' of the archive \(what)")
    }
    guard record.flags & 1 == 0 else { throw damaged("is encrypted") }
    guard record.method == 0 || record.method == 8 else {
      throw damaged("is compressed by method \(record.method); stored and deflated ones are read")
    }
    guard record.method == 8 || record.storedCount == record.count else {
      throw damaged("is stored, but has two sizes")
    }
    guard record.count <= largestInflation(of: record.storedCount) else {
      throw damaged("would inflate from \(record.storedCount) bytes to \(record.count)")
    }
    let fixed = 30
    guard record.headerOffset <= directory.offset - fixed else {
      throw damaged("begins behind the archive's directory")
    }
    let header = try file.bytes(at: record.headerOffset, count: fixed)
    let nameCount = Int(littleEndian(header, 26, 2))
    guard littleEndian(header, 0, 4) == 0x0403_4B50, littleEndian(header, 8, 2) == record.method,
      nameCount == record.name.utf8.count,
      try file.bytes(at: record.headerOffset + fixed, count: nameCount) == Array(record.name.utf8)
    else { throw damaged("has a header of its own that says otherwise") }
    // Where bit 3 is set the sizes stand behind the data; where they are all ones, in the extra field.
    if record.flags & 8 == 0 {
      for (place, count) in [(18, record.storedCount), (22, record.count)] {
        let own = littleEndian(header, place, 4)
        guard own == 0xFFFF_FFFF || own == UInt64(count) else {
          throw damaged("has two sizes, \(own) and \(count)")
        }
      }
    }
    let offset = record.headerOffset + fixed + nameCount + Int(littleEndian(header, 28, 2))
    guard offset <= directory.offset, record.storedCount <= directory.offset - offset else {
      throw damaged("reaches into the archive's directory")
    }
    return Entry(
      name: record.name, isDeflated: record.method == 8, storedCount: record.storedCount,
      count: record.count, checksum: record.checksum,
      headerOffset: record.headerOffset, offset: offset)
  }

  /// Weights hardly shrink, and the small files beside them stay small.
  private static func largestInflation(of storedCount: Int) -> Int {
    max(1 << 24, storedCount.multipliedReportingOverflow(by: 50).partialValue)
  }
}

extension RegularFile {
  /// All of `count` bytes. Throws where the file ends before.
  func bytes(at offset: Int, count: Int) throws(UnusableWeights) -> [UInt8] {
    let bytes: [UInt8]
    do throws(Failure) { bytes = try read(at: offset, count: count) } catch {
      throw UnusableWeights("\(error)")
    }
    guard bytes.count == count else { throw UnusableWeights("the file ends early") }
    return bytes
  }
}
