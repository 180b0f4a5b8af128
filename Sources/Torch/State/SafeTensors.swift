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

  /// Reads a file from anybody, one tensor after the other: every length is checked against the file's before it
  /// is used.
  ///
  /// Throws `FileError` for a file that cannot be read, is truncated, claims more bytes than it has,
  /// leaves holes or holds a type of element this project has no use for.
  package static func read(from url: URL) throws(FileError) -> SafeTensors {
    let opened = try Opened(url)
    var tensors: [(name: String, tensor: Tensor)] = []
    for entry in opened.entries {
      let bytes: [UInt8]
      do throws(RegularFile.Failure) {
        bytes = try opened.file.read(
          at: opened.dataStart + entry.range.lowerBound, count: entry.range.count)
      } catch {
        throw FileError(path: url.relativePath, reason: error.words)
      }
      guard bytes.count == entry.range.count else {
        throw FileError(path: url.relativePath, reason: "the file ends while it is read")
      }
      let tensor = bytes.withUnsafeBytes {
        Tensor(bytes: $0, dtype: entry.dtype, shape: entry.shape)
      }
      tensors.append((entry.name, tensor))
    }
    return SafeTensors(tensors, metadata: opened.metadata)
  }
}

/// A file whose header has been read and checked.
private struct Opened {
  let file: RegularFile
  let metadata: [String: String]
  /// In the order of their bytes in the file.
  let entries: [SafeTensorsHeader.CheckedEntry]
  /// Where the tensors' bytes begin.
  let dataStart: Int

  init(_ url: URL) throws(FileError) {
    do {
      let found: RegularFile
      do throws(RegularFile.Failure) { found = try RegularFile(url) } catch .empty {
        // Says what such a file is not.
        _ = try SafeTensorsHeader.jsonLength(of: Data(), fileLength: 0)
        throw RegularFile.Failure.empty
      }
      let length = try SafeTensorsHeader.jsonLength(
        of: Data(found.read(at: 0, count: 8)), fileLength: found.size)
      let header = try SafeTensorsHeader.decoded(json: Data(found.read(at: 8, count: length)))
      entries = try header.checkedEntries(dataLength: found.size - 8 - length)
      (file, metadata, dataStart) = (found, header.metadata, 8 + length)
    } catch let error as SafeTensorsHeader.Invalid {
      throw FileError(path: url.relativePath, reason: error.reason)
    } catch let error as RegularFile.Failure {
      throw FileError(path: url.relativePath, reason: error.words)
    } catch {
      throw FileError(path: url.relativePath, cause: error)
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
    let opened = try Opened(url)
    return Listing(
      tensors: opened.entries.map { ($0.name, $0.dtype, $0.shape) }, metadata: opened.metadata)
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
