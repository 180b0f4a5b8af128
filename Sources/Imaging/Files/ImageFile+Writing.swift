import Foundation

extension ImageFile {
  /// Writes the image in the file's `format`, whatever the name says: to a temporary name beside
  /// it, which is then renamed, so that nobody sees half a file. An existing file is replaced.
  ///
  /// PNG takes every image as it is. JPEG takes 8 bits without alpha: 16 bits are rounded and alpha
  /// is composited over the options' background. An orientation is written as upright, which the image is.
  /// Throws when the format cannot hold the image (JPEG ends at 65500 pixels a side) or the file
  /// cannot be written.
  package func write(
    to url: URL, options: WriteOptions = WriteOptions()
  ) throws(ImageFileError) {
    do throws(ImageFileError.Reason) {
      try replaceFile(at: url, with: try encoded(options: options))
    } catch {
      throw ImageFileError(url: url, reason: error)
    }
  }

  func encoded(options: WriteOptions = WriteOptions()) throws(ImageFileError.Reason) -> [UInt8] {
    switch format {
    case .jpeg:
      let opaque = image.converted(
        toChannels: image.channels <= 2 ? 1 : 3, background: options.background)
      return try JPEGCodec.encode(
        opaque.withBitDepth(8), quality: options.jpegQuality,
        subsampling: options.chromaSubsampling, exif: uprightExif(options),
        iccProfile: fittingProfile(options))
    case .png:
      let keeps = options.keepsMetadata
      return try PNGCodec.encode(
        image, compression: options.pngCompression, exif: uprightExif(options),
        iccProfile: fittingProfile(options), gamma: keeps ? gamma : nil,
        renderingIntent: keeps ? renderingIntent : nil)
    }
  }

  private func uprightExif(_ options: WriteOptions) -> [UInt8]? {
    guard options.keepsMetadata, let exif else { return nil }
    return Imaging.uprightExif(exif, height: image.height, width: image.width)
  }

  private func fittingProfile(_ options: WriteOptions) -> [UInt8]? {
    guard options.keepsMetadata, let iccProfile,
      Imaging.iccProfile(iccProfile, fitsChannels: image.channels)
    else { return nil }
    return iccProfile
  }
}

private func replaceFile(at url: URL, with bytes: [UInt8]) throws(ImageFileError.Reason) {
  do {
    try bytes.withUnsafeBytes { buffer in
      let pointer = UnsafeMutableRawPointer(mutating: buffer.baseAddress!)
      let data = Data(bytesNoCopy: pointer, count: buffer.count, deallocator: .none)
      try data.write(to: url, options: .atomic)
    }
  } catch {
    throw .unwritable(systemWords(for: error))
  }
}

/// The system's words for the error number behind one of Foundation's errors, whose own are long;
/// those where there is no number.
private func systemWords(for error: any Error) -> String {
  let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
  guard let cause = (underlying ?? error) as? POSIXError else { return error.localizedDescription }
  return systemMessage(cause.code.rawValue)
}
