// What a TIFF file says beside its pixels: in its first page's directory, and in those of EXIF and GPS.

/// What is taken from a TIFF file beside its pixels.
struct TIFFMetadata: Equatable {
  /// A TIFF structure, as other files have it.
  var exif: [UInt8]?
  var iccProfile: [UInt8]?
  var xmp: [UInt8]?
  var density: PixelDensity?
  /// What another TIFF file can say as well and no other format can: georeference and resolution.
  var tags: [TIFFEntry] = []
  /// Whether the file holds what a camera's sensor saw, which begins as a TIFF does.
  var isCameraRaw = false

  private enum Tag {
    static let photometric = 262
    static let subdirectories = 330
    static let xmp = 700
    static let iccProfile = 34675
    static let exif = 34665
    static let gps = 34853
    static let interoperability = 40965
    static let dngVersion = 50706
    static let resolution = (x: 282, y: 283, unit: 296)
  }

  /// ImageDescription, Make, Model, Software, DateTime, Artist, HostComputer, Copyright.
  private static let described: Set = [270, 271, 272, 305, 306, 315, 316, 33432]

  /// ModelPixelScale, ModelTiepoint, ModelTransformation, the key directory with its numbers and texts, GDAL's
  /// metadata and value of pixels without data, and the place on a page.
  static let georeference: Set = [33550, 33922, 34264, 34735, 34736, 34737, 42112, 42113, 286, 287]

  /// A camera's own data, in which numbers may be offsets from the beginning of the block.
  static let makerNote = 37500

  private static let resolutionTags: Set = [282, 283, 296]

  /// DocumentName and PageName, and what the press, ImageJ and Micro-Manager say.
  private static let labels: Set = [269, 285, 33723, 50838, 50839, 51123]

  /// Tags that anybody may use, which say nothing about how pixels are stored.
  private static let reusable = 65000...65535

  /// Tags that stay what they are.
  private static func isKept(_ tag: Int) -> Bool {
    georeference.contains(tag) || resolutionTags.contains(tag) || labels.contains(tag)
      || reusable.contains(tag)
  }

  private static let read: Set = [
    Tag.photometric, Tag.subdirectories, Tag.xmp, Tag.iccProfile, Tag.exif, Tag.gps, Tag.dngVersion,
  ]

  private static func isWanted(_ tag: Int) -> Bool {
    described.contains(tag) || read.contains(tag) || isKept(tag)
  }

  /// Nothing.
  init() {}

  /// - Parameter directory: of the page; nil for the first one.
  /// nil where the source is no TIFF.
  init?(of source: ByteSource, directory: Int? = nil) throws(ImageFailure) {
    guard var directories = try TIFFDirectories(source) else { return nil }
    guard let first = try directories.first() else { return }
    var entries = try directories.read(at: first, wanted: Self.isWanted).entries
    let start = try source.read(0, FileSignature.reach)
    let hasRawEntries = try Self.isCameraRaw(entries, &directories)
    isCameraRaw = hasRawEntries || ForeignImageKind(firstBytes: start) == .cameraRaw
    if let directory, directory != first {
      entries = try directories.read(at: directory, wanted: Self.isWanted).entries
    }
    iccProfile = entries.first { $0.tag == Tag.iccProfile }?.values
    xmp = entries.first { $0.tag == Tag.xmp }?.values
    tags = entries.filter { Self.isKept($0.tag) && !$0.isLink }
    density = Self.density(entries)
    exif = try Self.exif(entries, &directories)
  }

  private static func value(_ tag: Int, _ entries: [TIFFEntry]) -> Int? {
    entries.first { $0.tag == tag }?.number()
  }

  private static func isCameraRaw(
    _ entries: [TIFFEntry], _ directories: inout TIFFDirectories
  ) throws(ImageFailure) -> Bool {
    // A color filter array, and what a DNG calls linear raw.
    func isRaw(_ entries: [TIFFEntry]) -> Bool {
      entries.contains { $0.tag == Tag.dngVersion }
        || [32803, 34892].contains(value(Tag.photometric, entries))
    }
    if isRaw(entries) { return true }
    guard let below = entries.first(where: { $0.tag == Tag.subdirectories }) else { return false }
    for index in 0..<min(below.count, 8) {
      guard let place = below.number(at: index) else { continue }
      if isRaw(try directories.read(at: place, wanted: [Tag.photometric].contains).entries) {
        return true
      }
    }
    return false
  }

  private static func density(_ entries: [TIFFEntry]) -> PixelDensity? {
    func pixels(_ tag: Int) -> UInt32? {
      guard let entry = entries.first(where: { $0.tag == tag }), entry.type == 5, entry.count == 1
      else { return nil }
      func part(_ first: Int) -> Double {
        entry.values[first..<first + 4].reversed().reduce(0.0) { $0 * 256 + Double($1) }
      }
      let value = (part(0) / part(4)).rounded()
      return value > 0 && value < 1e9 ? UInt32(value) : nil
    }
    guard let x = pixels(Tag.resolution.x), let y = pixels(Tag.resolution.y) else { return nil }
    switch value(Tag.resolution.unit, entries) ?? 2 {
    case 1: return PixelDensity(x: x, y: y, unit: .aspect)
    case 3: return PixelDensity(x: x, y: y, unit: .centimeter)
    default: return PixelDensity(x: x, y: y, unit: .inch)
    }
  }

  /// A structure with the entries that EXIF has; nil where there are none.
  private static func exif(
    _ entries: [TIFFEntry], _ directories: inout TIFFDirectories
  ) throws(ImageFailure) -> [UInt8]? {
    var below: [(tag: Int, entries: [TIFFEntry])] = []
    for tag in [Tag.exif, Tag.gps] {
      guard let place = value(tag, entries) else { continue }
      let found = try directories.read(at: place) { $0 != Tag.interoperability }.entries
      if !found.isEmpty { below.append((tag, found)) }
    }
    let main = entries.filter { described.contains($0.tag) }
    guard !main.isEmpty || !below.isEmpty else { return nil }
    return structure(main, below, isBigEndian: directories.notation.isBigEndian)
  }

  /// A TIFF structure of a directory and those below it. What has a place in the file keeps it, unless the file has it
  /// among its pixels.
  private static func structure(
    _ main: [TIFFEntry], _ below: [(tag: Int, entries: [TIFFEntry])], isBigEndian: Bool
  ) -> [UInt8] {
    let placed = below.flatMap(\.entries).filter { $0.place != nil }
    if placed.count == 1, let place = placed[0].place, place <= farthestPlace {
      let rest = unplacedStructure(main, below, isBigEndian)
      if rest.count <= place {
        return rest + [UInt8](repeating: 0, count: place - rest.count) + placed[0].values
      }
    }
    let free = below.map { directory in
      let entries = directory.entries.map {
        TIFFEntry(tag: $0.tag, type: $0.type, values: $0.values)
      }
      return (tag: directory.tag, entries: entries)
    }
    return unplacedStructure(main, free, isBigEndian)
  }

  /// In bytes: cameras have all of their data in front of the pixels.
  private static let farthestPlace = 1 << 20

  /// The same without the values that have a place.
  private static func unplacedStructure(
    _ main: [TIFFEntry], _ below: [(tag: Int, entries: [TIFFEntry])], _ isBigEndian: Bool
  ) -> [UInt8] {
    let start: [UInt8] =
      isBigEndian ? [0x4D, 0x4D, 0, 42, 0, 0, 0, 8] : [0x49, 0x49, 42, 0, 8, 0, 0, 0]
    guard let notation = TIFFNotation(firstBytes: start) else { return start }
    // Their places are as long as any other number, so that the directory's length is known without them.
    let length = notation.directory(
      main + below.map { TIFFEntry(tag: $0.tag, long: 0) }, at: 8, next: 0
    ).count
    var links: [TIFFEntry] = []
    var rest: [UInt8] = []
    for (tag, entries) in below {
      let place = 8 + length + rest.count
      links.append(TIFFEntry(tag: tag, long: place))
      rest += notation.directory(entries, at: place, next: 0)
    }
    return start + notation.directory(main + links, at: 8, next: 0) + rest
  }

  /// How many of a file's first bytes an EXIF block takes that stays where it is, since offsets in a camera's own data
  /// count from its beginning; 0 for one that has no such data.
  static func bytesInFront(exif: [UInt8]?, isBigEndian: Bool) throws(ImageFailure) -> Int {
    guard let exif, var block = try TIFFDirectories(ByteSource(exif)),
      !block.notation.isBig, block.notation.isBigEndian == isBigEndian,
      let first = try block.first(),
      let place = value(Tag.exif, try block.read(at: first, wanted: [Tag.exif].contains).entries),
      try !block.read(at: place, wanted: [makerNote].contains).entries.isEmpty
    else { return 0 }
    return exif.count + exif.count % 2
  }

  /// A page with more entries in its directory: tags, and what an EXIF block says. Entries of the page give way.
  ///
  /// - Parameters:
  ///   - file: a file, or a header with what stands from `start` on.
  ///   - start: 0 for a file.
  ///   - keepsPlace: whether the block is in the file already, where its own offsets count from.
  static func adding(
    _ tags: [TIFFEntry], exif: [UInt8]?, to file: [UInt8], start: Int = 0,
    keepsPlace: Bool = false
  ) throws(ImageFailure) -> [UInt8] {
    var added = tags
    var below: [(tag: Int, entries: [TIFFEntry])] = []
    if let exif, var block = try TIFFDirectories(ByteSource(exif)), let first = try block.first() {
      let main = try block.read(at: first) {
        described.contains($0) || [Tag.exif, Tag.gps].contains($0)
      }.entries
      added += main.filter { described.contains($0.tag) }
      for tag in [Tag.exif, Tag.gps] {
        guard let place = value(tag, main), place < exif.count else { continue }
        if keepsPlace {
          added.append(TIFFEntry(tag: tag, long: place))
          continue
        }
        let found = try block.read(at: place) { $0 != Tag.interoperability }.entries
        let free = found.map { TIFFEntry(tag: $0.tag, type: $0.type, values: $0.values) }
        if !free.isEmpty { below.append((tag, free)) }
      }
    }
    guard !added.isEmpty || !below.isEmpty, let notation = TIFFNotation(firstBytes: file)
    else { return file }
    let header = notation.headerSize
    let source = ByteSource(file, header: header, start: max(start, header))
    guard var directories = try TIFFDirectories(source, budget: .max),
      let first = try directories.first()
    else { return file }
    let (own, next) = try directories.read(at: first) { _ in true }
    // Of the file's end.
    let shift = source.size - file.count
    var result = file
    if (result.count + shift) % 2 == 1 { result.append(0) }
    for (tag, entries) in below {
      let type = notation.isBig ? 18 : 4
      let place = (0..<notation.offsetSize).map {
        UInt8(truncatingIfNeeded: (result.count + shift) >> (8 * $0))
      }
      added.append(TIFFEntry(tag: tag, type: type, values: place))
      result += notation.directory(entries, at: result.count + shift, next: 0)
    }
    let replaced = Set(added.map(\.tag))
    let place = result.count + shift
    // A place behind four gigabytes does not go into a file of the usual kind.
    guard notation.isBig || place <= Int(UInt32.max) - (64 << 20) else { return file }
    result += notation.directory(
      own.filter { !replaced.contains($0.tag) } + added, at: place, next: next ?? 0)
    result.replaceSubrange(
      notation.linkOffset..<header, with: notation.bytes(place, count: notation.offsetSize))
    return result
  }
}
