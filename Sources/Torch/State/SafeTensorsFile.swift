import Files
import Foundation

/// A safetensors file whose header has been read and checked: the tensors are read one by one.
struct SafeTensorsFile {
  let metadata: [String: String]
  /// In the order of their bytes in the file.
  let entries: [SafeTensorsHeader.CheckedEntry]
  private let url: URL
  private let file: RegularFile
  /// Where the tensors' bytes begin.
  private let dataStart: Int

  /// Throws `FileError` for a file that cannot be read, is truncated, claims more bytes than it has, leaves holes
  /// or holds a type of element this project has no use for.
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
      self.url = url
    } catch let error as SafeTensorsHeader.Invalid {
      throw FileError(path: url.relativePath, reason: error.reason)
    } catch let error as RegularFile.Failure {
      throw FileError(path: url.relativePath, reason: error.words)
    } catch {
      throw FileError(path: url.relativePath, cause: error)
    }
  }

  /// Reads one tensor.
  func tensor(_ entry: SafeTensorsHeader.CheckedEntry) throws(FileError) -> Tensor {
    let bytes: [UInt8]
    do throws(RegularFile.Failure) {
      bytes = try file.read(at: dataStart + entry.range.lowerBound, count: entry.range.count)
    } catch {
      throw FileError(path: url.relativePath, reason: error.words)
    }
    guard bytes.count == entry.range.count else {
      throw FileError(path: url.relativePath, reason: "the file ends while it is read")
    }
    return bytes.withUnsafeBytes { Tensor(bytes: $0, dtype: entry.dtype, shape: entry.shape) }
  }
}
