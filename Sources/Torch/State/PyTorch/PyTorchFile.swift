import Files

/// What PyTorch wrote into a file, as its pickle describes it: `torch.save` since version 1.6 and TorchScript
/// write zip archives, `torch.save` before wrote pickles with the storages behind them.
struct PyTorchObject {
  let value: PickleValue
  let heap: PickleHeap
  /// What this program said of the network; empty for files of others.
  let note: [String: String]
  fileprivate let source: any StorageSource
  fileprivate let fileSize: Int

  init(zip file: RegularFile) throws(UnusableWeights) {
    let archive = try PyTorchArchive(file)
    var reader = PickleReader(PickleInput(archive.pickle), isScript: archive.isScript)
    value = try reader.read()
    (heap, note, source, fileSize) = (reader.heap, archive.note, archive, file.size)
  }

  init(legacy file: RegularFile) throws(UnusableWeights) {
    let legacy = try LegacyFile(file)
    value = legacy.value
    (heap, note, source, fileSize) = (legacy.heap, [:], legacy, file.size)
  }

  /// What the networks are called, if there are several.
  var networks: [String] { PickledStateDict.networks(in: value, heap) }
}

/// The tensors of a network that PyTorch wrote, their storages not yet read.
struct PyTorchFile {
  let tensors: [StridedTensor]
  let notices: [String]
  private let source: any StorageSource
  private let fileSize: Int

  /// - Parameter networks: as `PickledStateDict` takes them.
  init(_ object: PyTorchObject, networks: [String]) throws(UnusableWeights) {
    let found = try PickledStateDict(object.value, in: object.heap, networks: networks)
    var tensors: [StridedTensor] = []
    for (name, tensor) in found.tensors {
      let strided = try StridedTensor(name, tensor)
      try object.source.check(strided.storage)
      tensors.append(strided)
    }
    self.tensors = tensors
    notices = found.notices
    source = object.source
    fileSize = object.fileSize
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

  /// Reads the storages, one after the other and each once, and makes their tensors.
  /// - Parameter body: given a tensor's place in `tensors`, and the tensor.
  func readEach(_ body: (Int, Tensor) -> Void) throws(UnusableWeights) {
    let users = Dictionary(grouping: tensors.indices, by: { tensors[$0].storage.key })
    for index in tensors.indices {
      guard let sharing = users[tensors[index].storage.key], sharing.first == index else {
        continue
      }
      let bytes = try source.bytes(of: tensors[index].storage)
      for user in sharing { body(user, tensors[user].tensor(from: bytes)) }
    }
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
