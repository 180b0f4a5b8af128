import Files

/// PyTorch's zip form: `<name>/data.pkl`, and each storage in `<name>/data/<key>`. TorchScript's has code beside
/// them, which is not looked at.
struct PyTorchArchive: StorageSource {
  let pickle: [UInt8]
  let isScript: Bool
  /// What this program said of the network; empty in archives of others.
  let note: [String: String]
  private let archive: ZipArchive
  private let folder: String

  init(_ file: RegularFile) throws(UnusableWeights) {
    archive = try ZipArchive(file)
    let pickles = archive.entries.values.filter {
      $0.name.hasSuffix("/data.pkl") && $0.name.filter { $0 == "/" }.count == 1
    }
    guard let entry = pickles.first, pickles.count == 1 else {
      throw UnusableWeights("a zip archive, but not one that PyTorch wrote: it has no data.pkl")
    }
    let folder = String(entry.name.dropLast("data.pkl".count))
    if let order = archive.entries["\(folder)byteorder"], order.count < 16,
      try archive.read(order) != Array("little".utf8)
    {
      throw UnusableWeights("its numbers are big-endian; save it again on another machine")
    }
    guard entry.count <= PickleInput.mostBytes else {
      throw UnusableWeights("its pickle is longer than any state dict's")
    }
    self.folder = folder
    isScript = archive.entries["\(folder)constants.pkl"] != nil
    pickle = try archive.read(entry)
    if let own = archive.entries[folder + ArchiveNote.entry], own.count <= ArchiveNote.mostBytes {
      note = ArchiveNote(json: try archive.read(own)).texts
    } else {
      note = [:]
    }
  }

  private func entry(
    _ storage: PickleHeap.Storage
  ) throws(UnusableWeights) -> ZipArchive.Entry {
    guard let entry = archive.entries["\(folder)data/\(storage.key)"] else {
      throw UnusableWeights("storage '\(storage.key)' is not in the archive")
    }
    return entry
  }

  func check(_ storage: PickleHeap.Storage) throws(UnusableWeights) {
    try check(storage, hasBytes: entry(storage).count)
  }

  func bytes(of storage: PickleHeap.Storage) throws(UnusableWeights) -> [UInt8] {
    try archive.read(entry(storage))
  }
}
