extension ForeignImageKind {
  /// Those that are looked for, the first that matches counts. Vector graphics and documents are not among them.
  static let all: [ForeignImageKind] = [
    // The web's and the phones'.
    ForeignImageKind("GIF", [FileSignature("GIF87a"), FileSignature("GIF89a")]),
    ForeignImageKind(
      "AVIF", converter: "heif-convert",
      brand("avif") + brand("avis")
        // The general brand in front, AVIF's own among the compatible ones.
        + brand("mif1", compatible: "avif") + brand("msf1", compatible: "avis")),
    ForeignImageKind(
      "HEIC", converter: "heif-convert",
      ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"].flatMap { brand($0) }),
    ForeignImageKind(
      "JPEG XL", converter: "djxl",
      [
        FileSignature([0xFF, 0x0A]),
        FileSignature([0, 0, 0, 12] + Array("JXL ".utf8) + boxEnd),
      ]),
    ForeignImageKind(
      "JPEG 2000",
      [
        FileSignature([0, 0, 0, 12] + Array("jP  ".utf8) + boxEnd),
        FileSignature([0xFF, 0x4F, 0xFF, 0x51]),
      ]),
    ForeignImageKind("JPEG XR", [FileSignature([0x49, 0x49, 0xBC, 0x01])]),
    ForeignImageKind("BPG", [FileSignature(Array("BPG".utf8) + [0xFB])]),
    ForeignImageKind("FLIF", [FileSignature("FLIF")]),
    ForeignImageKind("QOI", [FileSignature("qoif")]),
    ForeignImageKind("MNG", [FileSignature([0x8A] + Array("MNG\r\n\u{1A}\n".utf8))]),
    ForeignImageKind("JNG", [FileSignature([0x8B] + Array("JNG\r\n\u{1A}\n".utf8))]),

    cameraRaw,

    // Science's and medicine's.
    ForeignImageKind("DICOM", converter: "dcmj2pnm", [FileSignature("DICM", at: 128)]),
    ForeignImageKind("FITS", [FileSignature("SIMPLE  =")]),
    ForeignImageKind(
      "NIfTI", converter: "med2image", ["n+1\0", "ni1\0"].map { FileSignature($0, at: 344) }),
    ForeignImageKind("NRRD", converter: "unu", [FileSignature("NRRD000")]),
    ForeignImageKind("CZI", converter: "bfconvert", [FileSignature("ZISRAWFILE")]),
    ForeignImageKind(
      "ND2", converter: "bfconvert", [FileSignature("ND2 FILE SIGNATURE", at: 16)]),
    ForeignImageKind("NITF", converter: "gdal_translate", [FileSignature("NITF0")]),

    // Painters' and renderers'.
    ForeignImageKind("PSD", [FileSignature("8BPS")]),
    ForeignImageKind("XCF", [FileSignature("gimp xcf ")]),
    ForeignImageKind("OpenEXR", [FileSignature([0x76, 0x2F, 0x31, 0x01])]),
    ForeignImageKind("Radiance HDR", [FileSignature("#?RADIANCE"), FileSignature("#?RGBE")]),
    ForeignImageKind("DDS", [FileSignature(Array("DDS ".utf8) + [124, 0, 0, 0])]),
    ForeignImageKind(
      "SGI", [[0, 1], [0, 2], [1, 1], [1, 2]].map { FileSignature([1, 0xDA] + $0) }),

    // What is stored plainly.
    ForeignImageKind(
      // The size of the second header is one of these.
      "BMP",
      [12, 40, 52, 56, 64, 108, 124].map {
        FileSignature("BM").and(FileSignature([$0, 0, 0, 0], at: 14))
      }),
    ForeignImageKind("PBM", netpbm("P1") + netpbm("P4")),
    ForeignImageKind("PGM", netpbm("P2") + netpbm("P5")),
    ForeignImageKind("PPM", netpbm("P3") + netpbm("P6")),
    ForeignImageKind("PAM", [FileSignature("P7\n")]),
    ForeignImageKind("PFM", [FileSignature("PF\n"), FileSignature("Pf\n")]),
    ForeignImageKind("farbfeld", [FileSignature("farbfeld")]),
    ForeignImageKind("Sun raster", [FileSignature([0x59, 0xA6, 0x6A, 0x95])]),
    ForeignImageKind("PCX", (0...5).map { FileSignature([10, $0, 1, 8]) }),
    ForeignImageKind(
      // A count of images below 256, and a zero in the first one's entry.
      "ICO",
      [1, 2].map {
        FileSignature([0, 0, $0, 0]).and(FileSignature([0], at: 5)).and(FileSignature([0], at: 9))
      }),
  ]

  /// Many of them begin as a TIFF does, and are told from it by `TIFFMetadata`.
  static let cameraRaw = ForeignImageKind(
    "camera raw", converter: "darktable-cli",
    ["II*\0", "MM\0*"].map { FileSignature($0).and(FileSignature("CR", at: 8)) }
      + ["IIRO", "IIRS", "MMOR", "IIU\0", "FUJIFILMCCD-RAW", "FOVb", "\0MRM"].map {
        FileSignature($0)
      } + [FileSignature("HEAPCCDR", at: 6)] + brand("crx "))

  /// A box's length, the word `ftyp`, the major brand, a version and the compatible brands, of which one of the
  /// first eight is looked for (ISO/IEC 14496-12, section 4.3).
  private static func brand(_ major: String, compatible: String? = nil) -> [FileSignature] {
    let start = FileSignature("ftyp" + major, at: 4)
    guard let compatible else { return [start] }
    return (0..<8).map { start.and(FileSignature(compatible, at: 16 + 4 * $0)) }
  }

  /// Behind the magic number white space, then a number or a comment.
  private static func netpbm(_ magic: String) -> [FileSignature] {
    [" ", "\t", "\n", "\r"].flatMap { space in
      "#0123456789".map { FileSignature(magic + space + String($0)) }
    }
  }

  /// What ends the first box of JPEG 2000 and JPEG XL.
  private static let boxEnd: [UInt8] = [0x0D, 0x0A, 0x87, 0x0A]
}
