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
      throw FileError(path: url.relativePath, cause: error)
    }
    let file = try ReplacementFile(at: url)
    try file.write(encodedHeader)
    for (_, tensor) in tensors { try file.write(tensor.bytes) }
    try file.commit()
  }

  /// Reads a file from anybody: every length is checked against the file's before it is used.
  ///
  /// Throws `FileError` for a file that cannot be read, is truncated, claims more bytes than it has,
  /// leaves holes or holds a type of element this project has no use for.
  package static func read(from url: URL) throws(FileError) -> SafeTensors {
    let file: Data
    do { file = try Data(contentsOf: url) } catch {
      throw FileError(path: url.relativePath, cause: error)
    }
    do throws(SafeTensorsHeader.Invalid) {
      let start = 8 + (try SafeTensorsHeader.jsonLength(of: file.prefix(8), fileLength: file.count))
      let header = try SafeTensorsHeader.decoded(json: file[8..<start])
      let entries = try header.checkedEntries(dataLength: file.count - start)
      let tensors = file.withUnsafeBytes { bytes in
        entries.map { entry in
          let part = UnsafeRawBufferPointer(
            rebasing: bytes[(start + entry.range.lowerBound)..<(start + entry.range.upperBound)])
          return (entry.name, Tensor(bytes: part, dtype: entry.dtype, shape: entry.shape))
        }
      }
      return SafeTensors(tensors, metadata: header.metadata)
    } catch {
      throw FileError(path: url.relativePath, reason: error.reason)
    }
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
    let json: Data
    let dataLength: Int
    do {
      let file = try FileHandle(forReadingFrom: url)
      defer { try? file.close() }
      let length = Int(try file.seekToEnd())
      try file.seek(toOffset: 0)
      let prefix = try file.read(upToCount: 8) ?? Data()
      let jsonLength = try SafeTensorsHeader.jsonLength(of: prefix, fileLength: length)
      json = jsonLength == 0 ? Data() : try file.read(upToCount: jsonLength) ?? Data()
      dataLength = length - 8 - jsonLength
    } catch let error as SafeTensorsHeader.Invalid {
      throw FileError(path: url.relativePath, reason: error.reason)
    } catch {
      throw FileError(path: url.relativePath, cause: error)
    }
    do throws(SafeTensorsHeader.Invalid) {
      let header = try SafeTensorsHeader.decoded(json: json)
      let entries = try header.checkedEntries(dataLength: dataLength)
      return Listing(
        tensors: entries.map { ($0.name, $0.dtype, $0.shape) }, metadata: header.metadata)
    } catch {
      throw FileError(path: url.relativePath, reason: error.reason)
    }
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
