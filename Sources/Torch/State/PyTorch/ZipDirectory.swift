import Files

/// The directory at the end of a zip archive, as it stands there.
struct ZipDirectory {
  struct Record {
    let name: String
    let flags: Int
    let method: Int
    let checksum: UInt32
    let storedCount: Int
    let count: Int
    let headerOffset: Int
  }

  /// Where it begins.
  let offset: Int
  let records: [Record]

  /// Throws where there is none, or its numbers lead out of the file.
  init(_ file: RegularFile) throws(UnusableWeights) {
    let end = try End(file)
    guard end.count <= Self.mostEntries else {
      throw UnusableWeights("the archive has \(end.count) entries, more than any network's")
    }
    offset = end.offset
    let bytes = try file.bytes(at: end.offset, count: end.length)
    var records: [Record] = []
    var place = 0
    for _ in 0..<end.count {
      let (record, length) = try Self.record(in: bytes, at: place)
      records.append(record)
      place += length
    }
    self.records = records
  }

  private static let mostEntries = 1 << 16

  private static func record(
    in bytes: [UInt8], at place: Int
  ) throws(UnusableWeights) -> (Record, length: Int) {
    let damaged = UnusableWeights("the archive's directory is damaged")
    let fixed = 46
    guard bytes.count - place >= fixed else { throw damaged }
    let header = bytes[place..<(place + fixed)]
    guard littleEndian(header, 0, 4) == 0x0201_4B50 else { throw damaged }
    let nameCount = Int(littleEndian(header, 28, 2))
    let extraCount = Int(littleEndian(header, 30, 2))
    let length = fixed + nameCount + extraCount + Int(littleEndian(header, 32, 2))
    guard bytes.count - place >= length else { throw damaged }
    let afterName = place + fixed + nameCount
    var wide = Zip64Numbers(bytes[afterName..<(afterName + extraCount)])
    // In this order, and only those that do not fit into 32 bits.
    guard let count = wide.number(or: littleEndian(header, 24, 4)),
      let storedCount = wide.number(or: littleEndian(header, 20, 4)),
      let headerOffset = wide.number(or: littleEndian(header, 42, 4))
    else { throw damaged }
    let record = Record(
      name: String(decoding: bytes[(place + fixed)..<afterName], as: UTF8.self),
      flags: Int(littleEndian(header, 8, 2)), method: Int(littleEndian(header, 10, 2)),
      checksum: UInt32(littleEndian(header, 16, 4)), storedCount: storedCount, count: count,
      headerOffset: headerOffset)
    return (record, length)
  }
}

/// The numbers of 64 bits in a zip64 extra field.
private struct Zip64Numbers {
  private var rest: ArraySlice<UInt8> = []

  init(_ extra: ArraySlice<UInt8>) {
    var fields = extra
    while fields.count >= 4 {
      let length = Int(littleEndian(fields, 2, 2))
      let content = fields.dropFirst(4).prefix(length)
      if littleEndian(fields, 0, 2) == 1 {
        rest = content
        return
      }
      fields = fields.dropFirst(4 + length)
    }
  }

  /// The next of the numbers if `short` says that it is here, `short` otherwise; nil if it is not, or too large.
  mutating func number(or short: UInt64) -> Int? {
    guard short == 0xFFFF_FFFF else { return Int(short) }
    guard rest.count >= 8 else { return nil }
    defer { rest = rest.dropFirst(8) }
    return Int(exactly: littleEndian(rest, 0, 8))
  }
}

extension ZipDirectory {
  /// The record that ends an archive and says where the directory is.
  private struct End {
    let count: Int
    let length: Int
    let offset: Int

    init(_ file: RegularFile) throws(UnusableWeights) {
      let fixed = 22
      let tailCount = min(file.size, fixed + 0xFFFF)
      let tail = try file.bytes(at: file.size - tailCount, count: tailCount)
      let starts = stride(from: tailCount - fixed, through: 0, by: -1)
      // Its comment has to reach to the end of the file.
      guard
        let start = starts.first(where: {
          tail[$0] == 0x50 && littleEndian(tail, $0, 4) == 0x0605_4B50
            && $0 + fixed + Int(littleEndian(tail, $0 + 20, 2)) == tailCount
        })
      else { throw UnusableWeights("the archive is cut short: it has no directory at its end") }
      let end = tail[start..<(start + fixed)]
      var numbers = [
        littleEndian(end, 10, 2), littleEndian(end, 12, 4), littleEndian(end, 16, 4),
      ]
      var limit = file.size - tailCount + start
      let isWide = numbers[0] == 0xFFFF || numbers[1] == 0xFFFF_FFFF || numbers[2] == 0xFFFF_FFFF
      if isWide, let wide = try Self.wide(before: limit, file) { (numbers, limit) = wide }
      guard let count = Int(exactly: numbers[0]), let length = Int(exactly: numbers[1]),
        let offset = Int(exactly: numbers[2]), offset <= limit, length <= limit - offset,
        count <= length / 46
      else { throw UnusableWeights("the archive's directory leads out of the file") }
      (self.count, self.length, self.offset) = (count, length, offset)
    }

    /// The numbers of zip64's end record, and where it begins; nil where there is none.
    private static func wide(
      before end: Int, _ file: RegularFile
    ) throws(UnusableWeights) -> ([UInt64], Int)? {
      guard end >= 20 else { return nil }
      let locator = try file.bytes(at: end - 20, count: 20)
      guard littleEndian(locator, 0, 4) == 0x0706_4B50 else { return nil }
      guard let place = Int(exactly: littleEndian(locator, 8, 8)), place <= end - 20 - 56 else {
        throw UnusableWeights("the archive's directory leads out of the file")
      }
      let record = try file.bytes(at: place, count: 56)
      guard littleEndian(record, 0, 4) == 0x0606_4B50 else {
        throw UnusableWeights("the archive's directory is damaged")
      }
      return ([32, 40, 48].map { littleEndian(record, $0, 8) }, place)
    }
  }
}
