/// An entry of a TIFF directory (TIFF 6.0, section 2) with its values in little-endian order.
struct TIFFEntry: Sendable, Equatable {
  let tag: Int
  /// 1 to 13, and 16 to 18 of BigTIFF.
  let type: Int
  let values: [UInt8]
  /// Where the values have to stand, whatever stands around them; nil where that is of no matter.
  var place: Int?

  init(tag: Int, type: Int, values: [UInt8]) {
    (self.tag, self.type, self.values) = (tag, type, values)
  }

  /// One number of four bytes.
  init(tag: Int, long value: Int) {
    self.init(
      tag: tag, type: 4, values: (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
  }

  var count: Int { values.count / (Self.size(of: type) ?? 1) }

  /// Whether it says where in the file another directory is.
  var isLink: Bool { type == 13 || type == 18 }

  /// The value at a place, where the type is one of whole numbers.
  func number(at index: Int = 0) -> Int? {
    guard let size = Self.size(of: type), [1, 3, 4, 13, 16, 18].contains(type), index < count
    else { return nil }
    return values[index * size..<(index + 1) * size].reversed().reduce(0) {
      ($0 << 8 | Int($1)) & .max
    }
  }

  /// Bytes of a value; nil for an unknown type.
  static func size(of type: Int) -> Int? {
    switch type {
    case 1, 2, 6, 7: 1
    case 3, 8: 2
    case 4, 9, 11, 13: 4
    case 5, 10, 12, 16, 17, 18: 8
    default: nil
    }
  }

  /// Bytes that change places where the byte order is another: a fraction has two numbers.
  static func unit(of type: Int) -> Int { [5, 10].contains(type) ? 4 : size(of: type) ?? 1 }
}

/// How numbers are written in a TIFF file: the byte order, and whether it is a BigTIFF.
struct TIFFNotation: Sendable, Equatable {
  let isBigEndian: Bool
  let isBig: Bool

  /// Of a file that begins with these bytes, 8 of which are enough; nil if it is no TIFF.
  init?(firstBytes bytes: [UInt8]) {
    switch Array(bytes.prefix(4)) {
    case [0x49, 0x49, 42, 0]: (isBigEndian, isBig) = (false, false)
    case [0x4D, 0x4D, 0, 42]: (isBigEndian, isBig) = (true, false)
    case [0x49, 0x49, 43, 0]: (isBigEndian, isBig) = (false, true)
    case [0x4D, 0x4D, 0, 43]: (isBigEndian, isBig) = (true, true)
    default: return nil
    }
  }

  /// The first directory's offset stands here.
  var linkOffset: Int { isBig ? 8 : 4 }
  var offsetSize: Int { isBig ? 8 : 4 }
  var countSize: Int { isBig ? 8 : 2 }
  var entrySize: Int { isBig ? 20 : 12 }
  /// Of a file's header, which ends with the first directory's offset.
  var headerSize: Int { linkOffset + offsetSize }

  func number(_ bytes: some Collection<UInt8>) -> Int {
    (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(0) { ($0 << 8 | Int($1)) & .max }
  }

  func bytes(_ number: Int, count: Int) -> [UInt8] {
    let little = (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    return isBigEndian ? little.reversed() : little
  }

  /// Values of a type from or to little-endian order.
  func ordered(_ values: [UInt8], type: Int) -> [UInt8] {
    let unit = TIFFEntry.unit(of: type)
    guard isBigEndian, unit > 1 else { return values }
    return stride(from: 0, to: values.count - unit + 1, by: unit).flatMap {
      values[$0..<$0 + unit].reversed()
    }
  }

  /// A directory that stands at `offset`, with its values behind it, but for those that have a place.
  func directory(_ entries: [TIFFEntry], at offset: Int, next: Int) -> [UInt8] {
    let sorted = entries.sorted { $0.tag < $1.tag }
    var table = bytes(sorted.count, count: countSize)
    var values: [UInt8] = []
    let start = offset + countSize + sorted.count * entrySize + offsetSize
    for entry in sorted {
      table += bytes(entry.tag, count: 2) + bytes(entry.type, count: 2)
      table += bytes(entry.count, count: offsetSize)
      let own = ordered(entry.values, type: entry.type)
      if let place = entry.place {
        table += bytes(place, count: offsetSize)
      } else if own.count <= offsetSize {
        table += own + [UInt8](repeating: 0, count: offsetSize - own.count)
      } else {
        table += bytes(start + values.count, count: offsetSize)
        values += own
        if values.count % 2 == 1 { values.append(0) }
      }
    }
    return table + bytes(next, count: offsetSize) + values
  }
}

/// The directories of a TIFF file or structure, from anybody: what lies outside is left out.
struct TIFFDirectories {
  let notation: TIFFNotation
  private let source: ByteSource
  /// Of values that are still read, in bytes.
  private var budget: Int

  /// - Parameter budget: of all values, in bytes.
  /// nil where the source does not begin as a TIFF does.
  init?(_ source: ByteSource, budget: Int = 16 << 20) throws(ImageFailure) {
    guard let notation = TIFFNotation(firstBytes: try source.read(0, 16)) else { return nil }
    self.notation = notation
    self.source = source
    self.budget = budget
  }

  func first() throws(ImageFailure) -> Int? {
    try offset(at: notation.linkOffset)
  }

  /// More entries than any program writes.
  private static let mostEntries = 4096

  /// The entries with wanted tags of the directory at an offset, and where the next one is.
  mutating func read(
    at start: Int, wanted: (Int) -> Bool
  ) throws(ImageFailure) -> (entries: [TIFFEntry], next: Int?) {
    let counted = notation.number(try source.read(start, notation.countSize))
    guard counted <= Self.mostEntries else { return ([], nil) }
    let size = notation.entrySize
    let table = try source.read(start + notation.countSize, counted * size)
    var entries: [TIFFEntry] = []
    for first in stride(from: 0, to: table.count - size + 1, by: size) {
      let tag = notation.number(table[first..<first + 2])
      guard wanted(tag) else { continue }
      let entry = try entry(tag, Array(table[first + 2..<first + size]))
      if let entry { entries.append(entry) }
    }
    return (entries, try offset(at: start + notation.countSize + counted * size))
  }

  private static let subfileType = 254

  /// What kind of image the directory at an offset has (NewSubfileType, 0 where it does not say), how long the
  /// directory is and where the next one is; nil where it cannot be read. Costs nothing of the budget.
  func skim(
    at start: Int
  ) throws(ImageFailure) -> (kind: Int, byteCount: Int, next: Int?)? {
    let counter = try source.read(start, notation.countSize)
    let counted = notation.number(counter)
    guard counter.count == notation.countSize, counted <= Self.mostEntries else { return nil }
    let size = notation.entrySize
    let table = try source.read(start + notation.countSize, counted * size + notation.offsetSize)
    guard table.count >= counted * size else { return nil }
    var kind = 0
    for first in stride(from: 0, to: counted * size, by: size) {
      let tag = notation.number(table[first..<first + 2])
      guard tag == Self.subfileType else { continue }
      let type = notation.number(table[first + 2..<first + 4])
      let value = first + 4 + notation.offsetSize
      kind = notation.number(table[value..<value + (type == 3 ? 2 : 4)])
      break
    }
    return (kind, table.count, try offset(at: start + notation.countSize + counted * size))
  }

  /// - Parameter rest: the entry behind its tag.
  private mutating func entry(
    _ tag: Int, _ rest: [UInt8]
  ) throws(ImageFailure) -> TIFFEntry? {
    let type = notation.number(rest[..<2])
    let count = notation.number(rest[2..<2 + notation.offsetSize])
    guard let size = TIFFEntry.size(of: type), count <= budget / size else { return nil }
    let place = Array(rest[(2 + notation.offsetSize)...])
    let byteCount = count * size
    var values = Array(place.prefix(byteCount))
    if byteCount > notation.offsetSize {
      let offset = notation.number(place)
      guard offset <= source.size - byteCount else { return nil }
      values = try source.read(offset, byteCount)
    }
    guard values.count == byteCount else { return nil }
    budget -= byteCount
    var entry = TIFFEntry(tag: tag, type: type, values: notation.ordered(values, type: type))
    if tag == TIFFMetadata.makerNote, byteCount > notation.offsetSize {
      entry.place = notation.number(place)
    }
    return entry
  }

  private func offset(at place: Int) throws(ImageFailure) -> Int? {
    guard place < source.size else { return nil }
    let bytes = try source.read(place, notation.offsetSize)
    let offset = notation.number(bytes)
    return bytes.count == notation.offsetSize && offset >= 8 && offset < source.size ? offset : nil
  }
}
