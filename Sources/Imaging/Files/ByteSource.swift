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

  /// The end of a file, from `start` on, with what stands in front of all else: the first bytes of `bytes`.
  init(_ bytes: [UInt8], header: Int, start: Int) {
    let shift = start - header
    size = bytes.count + shift
    read = { (offset, count) in
      let first = offset < header ? offset : max(offset - shift, header)
      return Array(bytes.dropFirst(first).prefix(count))
    }
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

  private init(
    size: Int, read: @escaping (_ offset: Int, _ count: Int) throws(ImageFailure) -> [UInt8]
  ) {
    (self.size, self.read) = (size, read)
  }

  /// The same with its first bytes in memory, so that they are read once by all who look at them: by those who ask
  /// what format it is, by those who read the header, and of a small file by those who decode it.
  func withBeginning(_ count: Int) throws(ImageFailure) -> ByteSource {
    let (beginning, size, read) = (try read(0, count), size, read)
    return ByteSource(size: size) { (offset, count) throws(ImageFailure) in
      // Offsets come from strangers, and may be nearly as large as a number can be.
      let wanted = max(0, min(count, size - offset))
      guard offset <= beginning.count - wanted else { return try read(offset, wanted) }
      return wanted == beginning.count
        ? beginning : Array(beginning[offset..<offset + wanted])
    }
  }
}
