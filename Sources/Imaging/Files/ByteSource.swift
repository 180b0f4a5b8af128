import Files

/// Where the bytes of an image come from: a file, of which only what is asked for is read, or memory.
struct ByteSource {
  /// In bytes.
  let size: Int
  /// At most so many bytes from an offset on; fewer where the source ends before.
  let read: (_ offset: Int, _ count: Int) throws(ImageFailure) -> [UInt8]

  init(_ bytes: [UInt8]) {
    size = bytes.count
    read = { Array(bytes.dropFirst($0).prefix($1)) }
  }

  init(_ file: RegularFile) {
    size = file.size
    read = { (offset, count) throws(ImageFailure) in
      do throws(RegularFile.Failure) {
        return try file.read(at: offset, count: count)
      } catch {
        throw .file(error)
      }
    }
  }
}
