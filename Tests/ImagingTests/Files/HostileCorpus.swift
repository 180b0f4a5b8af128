import Foundation

@testable import Imaging

/// Broken and malicious files made from the fixtures, the same ones each time: cut, with bits turned, with
/// lengths and sizes that lie, with parts doubled, left out or joined to another file's.
enum HostileCorpus {
  struct File: Sendable {
    let name: String
    let bytes: [UInt8]
  }

  private static let seeds = [
    "baseline-420.jpg", "baseline-411.jpg", "progressive.jpg", "gray-progressive.jpg",
    "cmyk-adobe.jpg", "ycck-adobe.jpg", "restart-markers.jpg", "icc-three-segments.jpg",
    "orientation-6-big.jpg", "orientation-3-little.jpg", "rgb-8.png", "rgba-16-interlaced.png",
    "palette-4-trns.png", "gray-1-interlaced.png", "rgb-16-trns.png", "icc.png",
    "gamma-srgb.png", "exif-after.png", "lossless.webp", "lossless-alpha.webp",
    "lossless-metadata.webp", "lossy.webp", "lossy-alpha.webp", "animation.webp",
    "rgb.tif", "rgb16-planar-tiles-big.tif", "rgb-bigtiff.tif", "float-5-tiles.tif", "rgb-lzw.tif",
    "jpeg-ycbcr.tif", "ccitt-g4.tif", "palette-4.tif", "cmyk.tif", "ycbcr.tif", "pages.tif",
    "georeference.tif", "exif.tif", "unsigned-12.tif",
  ]

  /// About 1,400 files.
  static func files() throws -> [File] {
    var generator = Draws(state: 20_240_607)
    var files = handMade
    for name in seeds {
      let bytes = try content(of: name)
      func add(_ kind: String, _ changed: [UInt8]) {
        let parts = name.split(separator: ".")
        files.append(File(name: "\(parts[0])-\(kind).\(parts[1])", bytes: changed))
      }
      for index in 0..<6 {
        add("cut-\(index)", Array(bytes.prefix(generator.draw(below: bytes.count))))
      }
      for index in 0..<8 {
        var turned = bytes
        for _ in 0...index { turned[generator.draw(below: bytes.count)] ^= 1 << generator.bit() }
        add("turned-\(index)", repairing(turned, index.isMultiple(of: 2)))
      }
      for (index, start) in lengths(in: bytes).enumerated().prefix(name.hasSuffix(".tif") ? 20 : 4)
      {
        for (kind, values) in [("long", [0xFF, 0xFF]), ("short", [0, 0])] as [(String, [UInt8])] {
          var lying = bytes
          lying.replaceSubrange(start..<start + 2, with: values)
          add("\(kind)-\(index)", repairing(lying, false))
        }
      }
      let middle = bytes.count / 2
      add("doubled", Array(bytes[..<middle]) + bytes[(middle / 2)...])
      add("gap", Array(bytes[..<(middle / 2)]) + bytes[middle...])
      add("joined", bytes[..<middle] + (try Fixture.bytes("rgb-8.png")))
      add("zeros", bytes[..<middle] + [UInt8](repeating: 0, count: 4096))
    }
    return files
  }

  private static func content(of name: String) throws -> [UInt8] {
    name.hasSuffix(".tif")
      ? try TIFFFixture.bytes(String(name.dropLast(4))) : try Fixture.bytes(name)
  }

  /// Where lengths and sizes stand: behind JPEG's markers, in the chunks of a PNG, and in a TIFF's directory.
  private static func lengths(in bytes: [UInt8]) -> [Int] {
    if let notation = TIFFNotation(firstBytes: bytes) {
      let link = notation.linkOffset
      let first = notation.number(bytes[link..<link + notation.offsetSize])
      // The count of entries, and the counts and values of some of them.
      return [first]
        + [0, 2, 5, 6, 8, 9].flatMap { entry in
          let start = first + notation.countSize + entry * notation.entrySize
          return [start + 2, start + 4, start + 4 + notation.offsetSize]
        }.filter { $0 + 2 <= bytes.count }
    }
    if bytes[0] == 0xFF {
      return bytes.indices.dropLast(4).filter {
        bytes[$0] == 0xFF && (0xC0...0xEF).contains(bytes[$0 + 1]) && bytes[$0 + 1] != 0xD8
      }.map { $0 + 2 }
    }
    // The length of the whole, that of the first chunk and what stands behind it.
    if bytes[0] == 0x52 { return [4, 16, 20, 24] }
    // The width, the height, and the lengths of two chunks.
    return [16, 20, 8, 33]
  }

  private static func repairing(_ bytes: [UInt8], _ wanted: Bool) -> [UInt8] {
    wanted ? PNGChunks.repairingChecksums(of: bytes) : bytes
  }

  private static var handMade: [File] {
    let start: [UInt8] = [0xFF, 0xD8, 0xFF]
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    func header(
      _ width: UInt32, _ height: UInt32, depth: UInt8 = 8, type: UInt8 = 2, interlaced: UInt8 = 0
    ) -> [UInt8] {
      PNGChunks.chunk(
        "IHDR", PNGChunks.word(width) + PNGChunks.word(height) + [depth, type, 0, 0, interlaced])
    }
    let end = PNGChunks.chunk("IEND", [])
    // 1000 bytes of zlib: a stored block that claims more than there is.
    let zlib: [UInt8] = [0x78, 0x01, 0x01, 0xFF, 0xFF, 0, 0] + [UInt8](repeating: 0, count: 993)
    let frame: [UInt8] = [
      0xFF, 0xC0, 0, 17, 8, 0xFF, 0xFF, 0xFF, 0xFF, 3, 1, 0x44, 0, 2, 0x11, 0, 3, 0x11, 0,
    ]
    let contents: [(String, [UInt8])] = [
      ("empty.jpg", []), ("empty.png", []), ("start.jpg", start), ("start.png", signature),
      ("markers.jpg", start + [UInt8](repeating: 0xFF, count: 5000)),
      ("huge-frame.jpg", [0xFF, 0xD8] + frame + [0xFF, 0xD9]),
      ("no-components.jpg", [0xFF, 0xD8, 0xFF, 0xC0, 0, 8, 8, 0, 9, 0, 9, 0, 0xFF, 0xD9]),
      ("many-components.jpg", [0xFF, 0xD8, 0xFF, 0xC0, 0, 8, 8, 0, 9, 0, 9, 255, 0xFF, 0xD9]),
      (
        "comments.jpg",
        [0xFF, 0xD8] + Array(repeating: [0xFF, 0xFE, 0, 2], count: 20_000).joined()
      ),
      ("exif-short.jpg", start + [0xE1, 0, 8] + Array("Exif\0\0".utf8) + [0xFF, 0xD9]),
      ("icc-255-of-1.jpg", start + [0xE2, 0, 16] + Array("ICC_PROFILE\0".utf8) + [255, 1]),
      ("tables.jpg", start + [0xC4, 0, 19, 0] + [UInt8](repeating: 255, count: 16)),
      ("largest.png", signature + header(0x7FFF_FFFF, 0x7FFF_FFFF, depth: 16, type: 6) + end),
      ("too-large.png", signature + header(.max, .max) + end),
      ("no-size.png", signature + header(0, 0) + end),
      ("wide.png", signature + header(0x7FFF_FFFF, 1, interlaced: 1) + end),
      ("depth-3.png", signature + header(4, 4, depth: 3) + end),
      ("type-5.png", signature + header(4, 4, type: 5) + end),
      ("no-palette.png", signature + header(4, 4, type: 3) + PNGChunks.chunk("IDAT", zlib) + end),
      ("two-headers.png", signature + header(4, 4) + header(9, 9) + end),
      ("stored.png", signature + header(64, 64) + PNGChunks.chunk("IDAT", zlib) + end),
      (
        "empty-chunks.png",
        signature + header(4, 4)
          + Array(
            repeating: PNGChunks.chunk("IDAT", []), count: 3000
          ).joined()
      ),
      ("unknown-critical.png", signature + header(4, 4) + PNGChunks.chunk("ABCD", [1]) + end),
      (
        "profile.png",
        signature + header(4, 4) + PNGChunks.chunk("iCCP", Array("x\0\0".utf8) + zlib)
      ),
      (
        "exif.png",
        signature + header(4, 4) + PNGChunks.chunk("eXIf", [0x49, 0x49, 42, 0, 255, 255, 255, 255])
      ),
    ]
    return (contents + handMadeWebPs + handMadeTIFFs).map {
      File(name: "made-\($0.0)", bytes: $0.1)
    }
  }

  private static var handMadeTIFFs: [(String, [UInt8])] {
    func little(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    /// Entries of tag, type, count and value; then the offset of the next directory.
    func directory(_ entries: [(Int, Int, Int, Int)], next: Int = 0, isBig: Bool = false) -> [UInt8]
    {
      let size = isBig ? 8 : 4
      return little(entries.count, isBig ? 8 : 2)
        + entries.flatMap {
          little($0.0, 2) + little($0.1, 2) + little($0.2, size) + little($0.3, size)
        }
        + little(next, size)
    }
    func file(_ entries: [(Int, Int, Int, Int)], next: Int = 0, rest: [UInt8] = []) -> [UInt8] {
      [0x49, 0x49, 42, 0, 8, 0, 0, 0] + directory(entries, next: next) + rest
    }
    func bigFile(_ entries: [(Int, Int, Int, Int)], rest: [UInt8] = []) -> [UInt8] {
      [0x49, 0x49, 43, 0, 8, 0, 0, 0] + little(16, 8) + directory(entries, isBig: true) + rest
    }
    func gray(_ height: Int, _ width: Int, _ more: [(Int, Int, Int, Int)]) -> [(Int, Int, Int, Int)]
    {
      [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
        + more
    }
    let most = 0xFFFF_FFFF
    let strip = [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 4), (279, 4, 1, 16)]
    let pixels = [UInt8](repeating: 77, count: 64)
    return [
      ("empty.tif", []), ("start.tif", [0x49, 0x49, 42, 0]),
      ("far.tif", [0x49, 0x49, 42, 0, 0xFF, 0xFF, 0xFF, 0x7F]),
      ("no-entries.tif", file([])), ("no-size.tif", file([(258, 3, 1, 8)] + strip, rest: pixels)),
      ("size-0.tif", file(gray(0, 0, strip), rest: pixels)),
      ("largest.tif", file(gray(most, most, strip), rest: pixels)),
      ("wide.tif", file(gray(1, most, strip), rest: pixels)),
      ("loop.tif", file(gray(4, 4, strip), next: 8, rest: pixels)),
      ("many-entries.tif", [0x49, 0x49, 42, 0, 8, 0, 0, 0, 0xFF, 0xFF] + pixels),
      (
        "many-strips.tif",
        file(gray(4, 4, [(273, 4, most, 8), (277, 3, 1, 1), (279, 4, most, 8)]), rest: pixels)
      ),
      (
        "overlapping-strips.tif",
        file(
          gray(4, 4, [(273, 4, 4, 140), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, 4, 140)]),
          rest: little(8, 4) + little(8, 4) + little(9, 4) + little(140, 4) + pixels + pixels)
      ),
      (
        "strip-behind-end.tif",
        file(gray(4, 4, [(273, 4, 1, 0x7FFF_FFFF), (277, 3, 1, 1), (279, 4, 1, 16)]))
      ),
      (
        "long-strip.tif",
        file(gray(4, 4, [(273, 4, 1, 8), (277, 3, 1, 1), (279, 4, 1, most)]), rest: pixels)
      ),
      (
        "rows-0.tif",
        file(
          gray(4, 4, [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 0), (279, 4, 1, 16)]),
          rest: pixels)
      ),
      (
        "huge-tiles.tif",
        file(
          gray(
            4, 4,
            [
              (277, 3, 1, 1), (322, 4, 1, most - 15), (323, 4, 1, most - 15), (324, 4, 1, 8),
              (325, 4, 1, 16),
            ]))
      ),
      (
        "tiles-0.tif",
        file(
          gray(
            4, 4, [(277, 3, 1, 1), (322, 4, 1, 0), (323, 4, 1, 0), (324, 4, 1, 8), (325, 4, 1, 16)])
        )
      ),
      (
        "large-tiles.tif",
        file(
          gray(
            4, 4,
            [
              (277, 3, 1, 1), (322, 4, 1, 16384), (323, 4, 1, 16384), (324, 4, 1, 8),
              (325, 4, 1, 16),
            ]))
      ),
      (
        "samples-65535.tif",
        file(gray(4, 4, [(273, 4, 1, 8), (277, 3, 1, 65535), (279, 4, 1, 16)]), rest: pixels)
      ),
      (
        "samples-0.tif",
        file(gray(4, 4, [(273, 4, 1, 8), (277, 3, 1, 0), (279, 4, 1, 16)]), rest: pixels)
      ),
      (
        "bits-0.tif",
        file(
          [(256, 4, 1, 4), (257, 4, 1, 4), (258, 3, 1, 0), (262, 3, 1, 1)] + strip, rest: pixels)
      ),
      (
        "bits-65535.tif",
        file([(256, 4, 1, 4), (257, 4, 1, 4), (258, 3, 1, 65535), (262, 3, 1, 1)] + strip)
      ),
      (
        "no-palette.tif",
        file(
          [(256, 4, 1, 4), (257, 4, 1, 4), (258, 3, 1, 8), (262, 3, 1, 3)] + strip, rest: pixels)
      ),
      (
        "compression-99.tif",
        file([(256, 4, 1, 4), (257, 4, 1, 4), (258, 3, 1, 8), (259, 3, 1, 99)] + strip)
      ),
      ("huge-profile.tif", file(gray(4, 4, strip + [(34675, 7, most, 8)]), rest: pixels)),
      (
        "exif-loop.tif",
        file(gray(4, 4, strip + [(34665, 4, 1, 8), (34853, 4, 1, 8)]), rest: pixels)
      ),
      ("below-loop.tif", file(gray(4, 4, strip + [(330, 4, 8, 8)]), rest: pixels)),
      (
        "wrong-types.tif",
        file(gray(4, 4, [(273, 2, 4, 8), (277, 12, 1, 1), (279, 11, 1, 16)]), rest: pixels)
      ),
      (
        "big-many-tiles.tif",
        bigFile(
          gray(
            1 << 30, 1 << 30,
            [
              (277, 3, 1, 1), (322, 4, 1, 16), (323, 4, 1, 16), (324, 16, 1 << 60, 8),
              (325, 16, 1 << 60, 8),
            ]))
      ),
      ("big-far.tif", [0x49, 0x49, 43, 0, 8, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8)),
      (
        "big-entries.tif",
        [0x49, 0x49, 43, 0, 8, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0]
          + [UInt8](repeating: 0xFF, count: 8)
      ),
      ("big-offset-sizes.tif", [0x49, 0x49, 43, 0, 9, 0, 1, 0, 16, 0, 0, 0, 0, 0, 0, 0]),
      (
        "big-plain.tif",
        bigFile(gray(4, 4, [(273, 16, 1, 8), (277, 3, 1, 1), (279, 16, 1, 16)]), rest: pixels)
      ),
    ]
  }

  private static var handMadeWebPs: [(String, [UInt8])] {
    func chunk(_ type: String, _ data: [UInt8], length: [UInt8]? = nil) -> [UInt8] {
      Array(type.utf8) + (length ?? [UInt8(data.count), 0, 0, 0]) + data
    }
    let start = Array("RIFF".utf8) + [0xFF, 0xFF, 0, 0] + Array("WEBP".utf8)
    // Flags: animation and alpha; then a canvas of 4x4.
    let animated = start + chunk("VP8X", [0x12, 0, 0, 0, 3, 0, 0, 3, 0, 0])
    let frame: [UInt8] = [0, 0, 0, 0, 0, 0, 3, 0, 0, 3, 0, 0, 1, 0, 0, 0]
    let most: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    return [
      ("empty.webp", []), ("start.webp", start),
      (
        "largest.webp",
        start + chunk("VP8X", [0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 6))
          + chunk("VP8L", [0x2F, 0xFF, 0xFF, 0xFF, 0x0F])
      ),
      ("no-frames.webp", animated), ("empty-frame.webp", animated + chunk("ANMF", [])),
      ("frame-alone.webp", animated + chunk("ANMF", frame)),
      ("long-frame.webp", animated + chunk("ANMF", frame + [1], length: most)),
      ("frame-of-alpha.webp", animated + chunk("ANMF", frame + chunk("ALPH", [0, 1, 2, 3]))),
      ("long-exif.webp", animated + chunk("EXIF", [1, 2, 3], length: most)),
      (
        "empty-chunks.webp",
        animated + Array(repeating: chunk("ICCP", []), count: 9000).joined()
      ),
      ("lossless-nothing.webp", start + chunk("VP8L", [0x2F, 3, 0xC0, 0, 0])),
      ("lossy-nothing.webp", start + chunk("VP8 ", [0x10, 0, 0, 0x9D, 1, 0x2A, 4, 0, 4, 0])),
    ]
  }

  /// A linear congruential generator; its constants are those of POSIX's drand48.
  private struct Draws {
    var state: UInt64

    mutating func draw(below bound: Int) -> Int {
      state = (state &* 0x5_DEEC_E66D &+ 11) & 0xFFFF_FFFF_FFFF
      return Int(state >> 17) % bound
    }

    mutating func bit() -> UInt8 { UInt8(draw(below: 8)) }
  }
}
