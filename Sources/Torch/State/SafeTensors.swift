import Files
import Foundation

/// Named tensors in one file, in the safetensors format: the header's length (8 bytes, little-endian), a
/// JSON header, and the tensors' bytes without gaps. Source: the format's README, huggingface/safetensors.
package struct SafeTensors {
  package var tensors: [(name: String, tensor: Tensor)]
  package var metadata: [String: String]

  package init(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The tensors by name.
  package var byName: [String: Tensor] {
    Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
  }

  /// Writes the file under a temporary name, flushes it and renames it. Throws `FileError`.
  package func write(to url: URL) throws(FileError) {
    let file = try ReplacementFile(at: url)
    try write(to: file)
    try file.commit()
  }

  /// Writes one tensor after the other. Throws `FileError`.
  package func write(to file: ReplacementFile) throws(FileError) {
    var header: [String: SafeTensorsHeader.Entry] = [:]
    var offset = 0
    for (name, tensor) in tensors {
      let length = tensor.elementCount * (tensor.dtype?.byteCount ?? 0)
      header[name] = SafeTensorsHeader.Entry(
        dtype: tensor.dtype?.safeTensorsName ?? "", shape: tensor.shape,
        offsets: [offset, offset + length])
      offset += length
    }
    let encodedHeader: Data
    do {
      encodedHeader = try SafeTensorsHeader(entries: header, metadata: metadata).encoded()
    } catch {
      throw FileError(path: file.url.relativePath, cause: error)
    }
    try file.write(encodedHeader)
    for (_, tensor) in tensors { try file.write(tensor.bytes) }
  }

  /// Reads a file from anybody, one tensor after the other: every length is checked against the file's before it
  /// is used.
  ///
  /// Throws `FileError` for every file that `SafeTensorsFile` refuses.
  package static func read(from url: URL) throws(FileError) -> SafeTensors {
    let file = try SafeTensorsFile(url)
    var tensors: [(name: String, tensor: Tensor)] = []
    for entry in file.entries { tensors.append((entry.name, try file.tensor(entry))) }
    return SafeTensors(tensors, metadata: file.metadata)
  }
}

extension SafeTensors {
  /// What a file's header says of it.
  package struct Listing: Sendable {
    /// In the order of their bytes in the file.
    package let tensors: [(name: String, dtype: DType, shape: [Int])]
    package let metadata: [String: String]

    package var shapes: [String: [Int]] {
      Dictionary(tensors.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// Reads a file's header alone, whatever the size of its tensors, with the checks that `read` makes.
  ///
  /// Throws `FileError` for every file that `read` refuses.
  package static func list(_ url: URL) throws(FileError) -> Listing {
    let file = try SafeTensorsFile(url)
    return Listing(
      tensors: file.entries.map { ($0.name, $0.dtype, $0.shape) }, metadata: file.metadata)
  }
}

extension DType {
  /// The format's word for the type.
  var safeTensorsName: String {
    switch self {
    case .float32: return "F32"
    case .float64: return "F64"
    case .float16: return "F16"
    case .bfloat16: return "BF16"
    case .uint8: return "U8"
    case .int64: return "I64"
    }
  }
}
