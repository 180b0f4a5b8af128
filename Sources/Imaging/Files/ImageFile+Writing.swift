import Files
import Foundation

extension ImageFile {
  /// Writes the image in the file's `format`, whatever the name says: to a temporary name beside
  /// it, which is then renamed, so that nobody sees half a file. An existing file is replaced.
  ///
  /// PNG takes every image as it is. JPEG takes 8 bits without alpha: 16 bits are rounded and alpha
  /// is composited over the options' background. WebP takes 8 bits in color, with alpha. An orientation is written as
  /// upright, which the image is.
  /// Throws when the format cannot hold the image (JPEG ends at 65500 pixels a side, WebP at 16383) or the file
  /// cannot be written.
  package func write(
    to url: URL, options: WriteOptions = WriteOptions()
  ) throws(FileError) {
    let bytes = try naming(url) { () throws(ImageFailure) in try encoded(options: options) }
    do throws(FileError) {
      try replaceFile(at: url, with: bytes)
    } catch {
      throw FileError(path: error.path, reason: "cannot be written (\(error.reason))")
    }
  }

  /// The bytes of a file; see `write`.
  package func encoded(options: WriteOptions = WriteOptions()) throws(ImageFailure) -> [UInt8] {
    try format.encode(
      self, exif: uprightExif(options), iccProfile: fittingProfile(options),
      xmp: options.keepsMetadata ? xmp.map(uprightXMP) : nil, options)
  }

  private func uprightExif(_ options: WriteOptions) -> [UInt8]? {
    guard options.keepsMetadata, let exif else { return nil }
    return Imaging.uprightExif(exif, height: image.height, width: image.width)
  }

  private func fittingProfile(_ options: WriteOptions) -> [UInt8]? {
    guard options.keepsMetadata, let iccProfile,
      fits(iccProfile, channels: image.channels)
    else { return nil }
    return iccProfile
  }
}
