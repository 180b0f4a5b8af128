import Foundation

/// The JSON part of a safetensors file.
struct SafeTensorsHeader: Codable {
  struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    /// Where the tensor's bytes begin and end within the data.
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  /// An entry whose type, shape and bytes agree.
  struct CheckedEntry {
    let name: String
    let dtype: DType
    let shape: [Int]
    let range: Range<Int>
  }

  struct Invalid: Error {
    let reason: String
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// As in the format's own reader.
  private static let mostHeaderBytes = 100_000_000

  private static let metadataName = "__metadata__"

  var entries: [String: Entry]
  var metadata: [String: String]

  init(entries: [String: Entry], metadata: [String: String]) {
    self.entries = entries
    self.metadata = metadata
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    entries = [:]
    metadata = [:]
    for key in container.allKeys {
      if key.stringValue == Self.metadataName {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    if !metadata.isEmpty {
      try container.encode(metadata, forKey: Name(stringValue: Self.metadataName))
    }
    for (name, entry) in entries {
      try container.encode(entry, forKey: Name(stringValue: name))
    }
  }

  /// The length and the JSON, padded with spaces so that the data starts at a multiple of 8.
  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var json = try encoder.encode(self)
    json.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json
  }

  /// The length of the JSON from the file's first 8 bytes. Throws if there are not as many.
  static func jsonLength(of prefix: Data, fileLength: Int) throws(Invalid) -> Int {
    guard prefix.count >= 8 else {
      throw Invalid(reason: "not a safetensors file: it has only \(fileLength) bytes")
    }
    let length = prefix.prefix(8).enumerated().reduce(UInt64(0)) {
      $0 | UInt64($1.element) << UInt64(8 * $1.offset)
    }
    guard fileLength >= 8, length <= UInt64(fileLength - 8) else {
      throw Invalid(
        reason: "not a safetensors file, or truncated: its header claims \(length) bytes, "
          + "\(fileLength - 8) follow")
    }
    guard length <= mostHeaderBytes else {
      throw Invalid(
        reason: "its header claims \(length) bytes; at most \(mostHeaderBytes) are possible")
    }
    return Int(length)
  }

  static func decoded(json: Data) throws(Invalid) -> SafeTensorsHeader {
    do { return try JSONDecoder().decode(Self.self, from: json) } catch {
      throw Invalid(reason: "the safetensors header is not valid")
    }
  }

  /// The entries in the data's order. Throws unless each has exactly the bytes its shape needs and all
  /// of them together cover the data without holes or overlaps.
  func checkedEntries(dataLength: Int) throws(Invalid) -> [CheckedEntry] {
    var checked: [CheckedEntry] = []
    for (name, entry) in entries { checked.append(try Self.check(entry, name, dataLength)) }
    checked.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name)
        < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    var covered = 0
    for entry in checked {
      guard entry.range.lowerBound == covered else {
        throw Invalid(reason: "the bytes of tensor '\(entry.name)' do not follow the one before")
      }
      covered = entry.range.upperBound
    }
    guard covered == dataLength else {
      throw Invalid(reason: "the file has \(dataLength) bytes of data, its header names \(covered)")
    }
    return checked
  }

  private static func check(
    _ entry: Entry, _ name: String, _ dataLength: Int
  ) throws(Invalid) -> CheckedEntry {
    guard let dtype = DType.allCases.first(where: { $0.safeTensorsName == entry.dtype }) else {
      throw Invalid(reason: "tensor '\(name)' has type \(entry.dtype), which is not supported")
    }
    guard entry.offsets.count == 2, entry.offsets[0] >= 0,
      entry.offsets[0] <= entry.offsets[1]
    else {
      throw Invalid(reason: "tensor '\(name)' has the offsets \(entry.offsets)")
    }
    guard entry.offsets[1] <= dataLength else {
      throw Invalid(
        reason: "truncated: tensor '\(name)' ends at byte \(entry.offsets[1]) of the data, "
          + "the file has \(dataLength)")
    }
    // Zeros count as one, because libtorch multiplies the other sizes for the strides all the same.
    var extent = dtype.byteCount
    for size in entry.shape {
      let (product, overflow) = extent.multipliedReportingOverflow(by: max(size, 1))
      guard size >= 0, !overflow else {
        throw Invalid(reason: "tensor '\(name)' has the impossible shape \(entry.shape)")
      }
      extent = product
    }
    let length = entry.shape.contains(0) ? 0 : extent
    guard length == entry.offsets[1] - entry.offsets[0] else {
      throw Invalid(
        reason: "tensor '\(name)' of shape \(entry.shape) needs \(length) bytes, its offsets are "
          + "\(entry.offsets)")
    }
    return CheckedEntry(
      name: name, dtype: dtype, shape: entry.shape,
      range: entry.offsets[0]..<entry.offsets[1])
  }
}
