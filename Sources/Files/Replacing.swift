import Foundation

/// Writes a file under a temporary name beside it, which is then renamed, so that nobody sees half of it.
/// An existing file is replaced. Throws with the system's words.
package func replaceFile(at url: URL, with bytes: some ContiguousBytes) throws(FileError) {
  do {
    try bytes.withUnsafeBytes { buffer in
      let data =
        buffer.baseAddress.map {
          Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: $0), count: buffer.count,
            deallocator: .none)
        } ?? Data()
      try data.write(to: url, options: .atomic)
    }
  } catch {
    throw FileError(path: url.relativePath, cause: error)
  }
}
