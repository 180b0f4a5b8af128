import Files

/// The form that PyTorch wrote before 1.6: pickles of a magic number, of the format's version, of the machine's
/// sizes, of the object and of its storages' keys; then for each of these the number of its elements in 64 bits,
/// and the elements.
struct LegacyFile: StorageSource {
  let value: PickleValue
  let heap: PickleHeap
  private let file: RegularFile
  /// Where each storage's elements are, in bytes.
  private var places: [String: Range<Int>] = [:]

  /// 0x1950A86A20F9469CFC6C, little-endian.
  private static let magic: [UInt8] = [
    0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]

  init(_ file: RegularFile) throws(UnusableWeights) {
    self.file = file
    var reader = PickleReader(PickleInput(file, at: 0))
    guard case .longInteger(Self.magic) = try reader.read() else {
      throw UnusableWeights("a Python pickle, but not one that torch.save wrote")
    }
    guard case .integer(1001) = try reader.read() else {
      throw UnusableWeights("a PyTorch file of an unknown version")
    }
    let system = try reader.read()
    if let order = reader.heap.entries(of: system).first(where: { $0.key == "little_endian" }),
      case .bool(false) = order.value
    {
      throw UnusableWeights("its numbers are big-endian; save it again on another machine")
    }
    value = try reader.read()
    let list = try reader.read()
    heap = reader.heap
    guard let keys = heap.elements(of: list) else { throw PickleReader.malformed }
    try locate(keys, from: reader.input.offset)
  }

  private mutating func locate(
    _ keys: [PickleValue], from start: Int
  ) throws(UnusableWeights) {
    // The number of bytes is known only with the type of the elements, which the object's pickle tells.
    var sizes: [String: Int] = [:]
    for storage in heap.storages { sizes[storage.key] = storage.type.byteCount }
    var offset = start
    for key in keys {
      guard case .string(let name) = key else { throw PickleReader.malformed }
      // Nobody knows how long a storage is that the object does not have, nor where the next begins.
      guard let size = sizes[name] else { return }
      let stated = littleEndian(try file.bytes(at: offset, count: 8), 0, 8)
      offset += 8
      guard let count = Int(exactly: stated), count <= (file.size - offset) / size else {
        throw UnusableWeights(
          "cut short: storage '\(name)' claims \(stated) elements, \(file.size - offset) bytes follow"
        )
      }
      places[name] = offset..<(offset + count * size)
      offset += count * size
    }
  }

  private func place(_ storage: PickleHeap.Storage) throws(UnusableWeights) -> Range<Int> {
    guard let place = places[storage.key] else {
      throw UnusableWeights("storage '\(storage.key)' is not in the file")
    }
    return place
  }

  func check(_ storage: PickleHeap.Storage) throws(UnusableWeights) {
    try check(storage, hasBytes: place(storage).count)
  }

  func bytes(of storage: PickleHeap.Storage) throws(UnusableWeights) -> [UInt8] {
    let place = try place(storage)
    return try file.bytes(at: place.lowerBound, count: place.count)
  }
}
