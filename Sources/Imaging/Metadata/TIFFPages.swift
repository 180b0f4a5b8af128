/// Where the directories of a TIFF file's pages stand: of those that are pages of their own, which thumbnails and
/// masks are not. A file of nothing but such has its first directory as its page.
struct TIFFPages: Equatable {
  /// Offsets, in the file's order; empty where there is no directory that can be read.
  private(set) var directories: [Int] = []

  /// More pages than are looked for.
  static let limit = 65536
  /// Of all directories together, in bytes: four times what as many pages usually have.
  private static let mostBytes = 64 << 20

  /// Follows the file's list of directories, which ends where it is damaged or comes back to itself.
  init(of source: ByteSource) throws(ImageFailure) {
    guard let list = try TIFFDirectories(source), var place = try list.first() else { return }
    let first = place
    var seen: Set<Int> = []
    var bytesLeft = Self.mostBytes
    while seen.count < Self.limit, seen.insert(place).inserted {
      guard let (kind, byteCount, next) = try list.skim(at: place) else { break }
      if kind & (Self.reducedImage | Self.mask) == 0 { directories.append(place) }
      bytesLeft -= byteCount
      guard let next, bytesLeft > 0 else { break }
      place = next
    }
    if directories.isEmpty, !seen.isEmpty { directories = [first] }
  }

  // Bits of NewSubfileType (TIFF 6.0, section 8).
  private static let reducedImage = 1
  private static let mask = 4
}
