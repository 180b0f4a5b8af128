import Foundation

/// What a file says about its image before the pixels, as both codecs report it.
struct ImageHeader: Equatable {
  /// As stored; the orientation is not applied.
  var height: Int
  var width: Int
  /// Of the decoded image: 1 to 4.
  var channels: Int
  /// Of the decoded image: 8 or 16.
  var bitDepth: Int
  /// The EXIF block, a TIFF structure.
  var exif: [UInt8]?
  var iccProfile: [UInt8]?
  /// PNG's gAMA chunk: 100000 times the exponent that encodes.
  var gamma: Int?
  /// PNG's sRGB chunk: a rendering intent, 0 to 3.
  var renderingIntent: Int?

  var orientation: Orientation { exif.flatMap(Orientation.init(exif:)) ?? .upright }
}

/// Whether an array of `byteCount` can be had. Swift's arrays trap where the system refuses.
package func memoryIsAvailable(byteCount: Int) -> Bool {
  guard let probe = malloc(max(1, byteCount)) else { return false }
  free(probe)
  return true
}
