/// The EXIF block in a PNG file's eXIf chunk, which may stand before or after the image data (PNG third
/// edition, section 11.3.4.3); nil where there is none.
///
/// Only chunk headers are read on the way. `read` gives at most so many bytes from an offset of the
/// file.
func pngExif(
  read: (_ offset: Int, _ count: Int) throws(ImageFileError.Reason) -> [UInt8]
) throws(ImageFileError.Reason) -> [UInt8]? {
  var offset = 8  // behind the signature
  for _ in 0..<maximumChunks {
    let start = try read(offset, 8)
    guard start.count == 8 else { break }
    let length = start[0..<4].reduce(0) { $0 << 8 | Int($1) }
    let type = String(decoding: start[4..<8], as: UTF8.self)
    if type == "IEND" { break }
    if type == "eXIf" {
      let block = try read(offset + 8, min(length, maximumExifBytes))
      return block.starts(with: jpegSignature) ? Array(block.dropFirst(jpegSignature.count)) : block
    }
    offset += 12 + length  // length, type, data, checksum
  }
  return nil
}

/// "Exif" and two zeros, which begin the block in a JPEG and do not belong into a PNG; some programs write
/// them all the same.
private let jpegSignature: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]

/// Keeps a file of nothing but empty chunks from holding up a scan. Encoders write chunks of 8 KiB
/// and more.
private let maximumChunks = 1_000_000

/// Sixteen times what a JPEG can hold.
private let maximumExifBytes = 1 << 20
