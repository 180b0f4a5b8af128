import Files
import Foundation

/// A state dict as `torch.save` writes it, in the zip form, which every PyTorch since 1.4 loads, also by
/// `weights_only=True`.
package struct PyTorchCheckpoint {
  private let tensors: [(name: String, tensor: Tensor)]
  private let metadata: [String: String]

  /// - Parameters:
  ///   - tensors: in the order of the state dict.
  ///   - metadata: kept in an entry of its own, which PyTorch does not look at and `WeightsFile` reads.
  package init(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Writes one tensor after the other. Throws `FileError`.
  package func write(to file: ReplacementFile) throws(FileError) {
    let total = tensors.reduce(0) {
      $0 + $1.tensor.elementCount * ($1.tensor.dtype?.byteCount ?? 0)
    }
    guard total < 0xF000_0000 else {
      throw FileError(
        path: file.url.relativePath,
        reason: "its \(total) bytes of weights do not fit into a .pth file")
    }
    var archive = ZipWriter(to: file)
    try archive.add("archive/data.pkl", [UInt8](pickle))
    try archive.add("archive/byteorder", Array("little".utf8))
    if !metadata.isEmpty {
      try archive.add("archive/\(ArchiveNote.entry)", ArchiveNote(metadata).json)
    }
    for (index, (_, tensor)) in tensors.enumerated() {
      try archive.add("archive/data/\(index)", tensor.bytes)
    }
    try archive.add("archive/version", Array("3\n".utf8))
    try archive.finish()
  }

  /// An OrderedDict of tensors, each with a storage of its own.
  private var pickle: Data {
    var pickle = PickleWriter()
    pickle.protocolTwo()
    pickle.emptyOrderedDictionary()
    pickle.mark()
    for (index, (name, tensor)) in tensors.enumerated() {
      pickle.text(name)
      pickle.tensor(tensor, key: String(index))
    }
    pickle.setItems()
    return pickle.finished()
  }
}

/// The operations of a pickle that describes tensors.
private struct PickleWriter {
  private var bytes = Data()

  mutating func protocolTwo() { bytes.append(contentsOf: [0x80, 2]) }
  mutating func mark() { operation("(") }
  mutating func setItems() { operation("u") }

  consuming func finished() -> Data {
    operation(".")
    return bytes
  }

  private mutating func operation(_ code: Unicode.Scalar) { bytes.append(UInt8(ascii: code)) }

  private mutating func global(_ module: String, _ name: String) {
    bytes.append(contentsOf: "c\(module)\n\(name)\n".utf8)
  }

  mutating func emptyOrderedDictionary() {
    global("collections", "OrderedDict")
    operation(")")
    operation("R")
  }

  mutating func text(_ text: String) {
    operation("X")
    bytes.append(littleEndian: text.utf8.count, 4)
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func integer(_ number: Int) {
    if Int32(exactly: number) != nil {
      operation("J")
      bytes.append(littleEndian: number, 4)
    } else {
      bytes.append(contentsOf: [0x8A, 8])
      bytes.append(littleEndian: number, 8)
    }
  }

  private mutating func tuple(_ numbers: [Int]) {
    mark()
    for number in numbers { integer(number) }
    operation("t")
  }

  /// Row-major, from the beginning of the storage with this key, without gradients.
  mutating func tensor(_ tensor: Tensor, key: String) {
    let shape = tensor.shape
    let strides = shape.indices.map { shape[($0 + 1)...].reduce(1) { $0 * max($1, 1) } }
    global("torch._utils", "_rebuild_tensor_v2")
    mark()
    mark()
    text("storage")
    global("torch", (tensor.dtype ?? .float32).elementType.rawValue)
    text(key)
    text("cpu")
    integer(tensor.elementCount)
    operation("t")
    operation("Q")
    integer(0)
    tuple(shape)
    tuple(strides)
    bytes.append(0x89)
    emptyOrderedDictionary()
    operation("t")
    operation("R")
  }
}

extension DType {
  /// What PyTorch calls a storage of such elements.
  fileprivate var elementType: ElementType {
    switch self {
    case .float32: .float
    case .float64: .double
    case .float16: .half
    case .bfloat16: .bfloat16
    case .uint8: .uint8
    case .int64: .int64
    }
  }
}
