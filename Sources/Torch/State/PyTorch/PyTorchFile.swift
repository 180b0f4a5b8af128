import Files

/// A file that PyTorch wrote, its storages not yet read: `torch.save` since version 1.6 and TorchScript
/// write zip archives, `torch.save` before wrote pickles with the storages behind them.
struct PyTorchFile {
  let tensors: [StridedTensor]
  let notices: [String]
  private let source: any StorageSource
  private let fileSize: Int

  /// - Parameter networks: as `PickledStateDict` takes them.
  init(zip file: RegularFile, networks: [String]) throws(UnusableWeights) {
    let archive = try PyTorchArchive(file)
    var reader = PickleReader(PickleInput(archive.pickle), isScript: archive.isScript)
    let value = try reader.read()
    try self.init(value, reader.heap, archive, networks, file)
  }

  init(legacy file: RegularFile, networks: [String]) throws(UnusableWeights) {
    let legacy = try LegacyFile(file)
    try self.init(legacy.value, legacy.heap, legacy, networks, file)
  }

  private init(
    _ value: PickleValue, _ heap: PickleHeap, _ source: any StorageSource, _ networks: [String],
    _ file: RegularFile
  ) throws(UnusableWeights) {
    let found = try PickledStateDict(value, in: heap, networks: networks)
    var tensors: [StridedTensor] = []
    for (name, tensor) in found.tensors {
      let strided = try StridedTensor(name, tensor)
      try source.check(strided.storage)
      tensors.append(strided)
    }
    self.tensors = tensors
    notices = found.notices
    self.source = source
    fileSize = file.size
    try checkTotal()
  }

  /// Views and strides can make much of few bytes.
  private func checkTotal() throws(UnusableWeights) {
    var total = 0
    for tensor in tensors {
      let (sum, overflow) = total.addingReportingOverflow(tensor.byteCount)
      guard !overflow, sum <= max(1 << 26, 16 * fileSize) else {
        throw UnusableWeights(
          "its tensors, which share storages, need far more bytes than the file has")
      }
      total = sum
    }
  }

  /// Reads the storages, each once, and makes the tensors, in the pickle's order.
  func read() throws(UnusableWeights) -> [(name: String, tensor: Tensor)] {
    var made: [Tensor?] = Array(repeating: nil, count: tensors.count)
    let users = Dictionary(grouping: tensors.indices, by: { tensors[$0].storage.key })
    for index in tensors.indices where made[index] == nil {
      let bytes = try source.bytes(of: tensors[index].storage)
      for user in users[tensors[index].storage.key] ?? [] {
        made[user] = tensors[user].tensor(from: bytes)
      }
    }
    return zip(tensors, made).map { ($0.name, $1!) }
  }
}

/// Where the bytes of storages come from.
protocol StorageSource {
  /// Throws unless the file has the storage, of exactly the length that the pickle claims.
  func check(_ storage: PickleHeap.Storage) throws(UnusableWeights)
  /// The bytes of the whole storage.
  func bytes(of storage: PickleHeap.Storage) throws(UnusableWeights) -> [UInt8]
}

extension StorageSource {
  /// Throws unless the storage's elements need `count` bytes.
  func check(_ storage: PickleHeap.Storage, hasBytes count: Int) throws(UnusableWeights) {
    let (needed, overflow) = storage.count.multipliedReportingOverflow(by: storage.type.byteCount)
    guard !overflow, needed == count else {
      throw UnusableWeights(
        "storage '\(storage.key)' has \(count) bytes, its pickle claims \(storage.count) elements of "
          + "\(storage.type.byteCount)")
    }
  }
}
