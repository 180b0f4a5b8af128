import CCodec
import Foundation

/// What a file says about its image before the pixels.
struct ImageHeader: Equatable {
  /// As stored; the orientation is not applied.
  var height: Int
  var width: Int
  /// Of the decoded image, with alpha.
  var channels: Int
  /// Of the decoded image: 8, 16, or 32 for floats.
  var bitDepth: Int
  /// Of the decoded image; nil where two and four channels have it.
  var hasAlpha: Bool?
  /// Black and white of the decoded image; nil where they are the ends of what 8 and 16 bits hold, and where nobody
  /// knows, as with floats.
  var range: ValueRange?
  /// The EXIF block, a TIFF structure.
  var exif: [UInt8]?
  /// As in the file; it need not fit the decoded image.
  var iccProfile: [UInt8]?
  /// PNG's gAMA chunk: 100000 times the exponent that encodes.
  var gamma: Int?
  /// PNG's sRGB chunk: a rendering intent, 0 to 3.
  var renderingIntent: Int?
  /// A packet of XML.
  var xmp: [UInt8]?
  /// Of the stored image.
  var density: PixelDensity?
  /// As in `ImageFile`.
  var pngChunks: [UInt8]?
  /// Of an animation: the frames that it has.
  var frameCount: Int?
  /// Images that the file has, which are read one by one; this is one of them.
  var imageCount = 1
  /// Whether the pixels are stored with a loss.
  var isLossy = false
  /// Where it does not stand in the EXIF block.
  var statedOrientation: Orientation?
  /// Of a TIFF file.
  var tiff: TIFFContent?

  var orientation: Orientation {
    statedOrientation ?? exif.flatMap(Orientation.init(exif:)) ?? .upright
  }
}

extension ImageHeader {
  init(_ header: codec_header) {
    func bytes(_ start: UnsafeMutablePointer<UInt8>?, _ count: Int) -> [UInt8]? {
      count == 0 ? nil : Array(UnsafeBufferPointer(start: start, count: count))
    }
    self.init(
      height: Int(header.height), width: Int(header.width), channels: Int(header.channels),
      bitDepth: Int(header.bit_depth), exif: bytes(header.exif, header.exif_count),
      iccProfile: bytes(header.icc_profile, header.icc_profile_count),
      gamma: header.gamma > 0 ? Int(header.gamma) : nil,
      renderingIntent: header.srgb_intent >= 0 ? Int(header.srgb_intent) : nil,
      xmp: bytes(header.xmp, header.xmp_count), density: PixelDensity(header.density),
      isLossy: header.is_lossy != 0)
  }
}

/// Whether an ICC profile describes an image of `channels`: its color space (bytes 16 to 19 of the
/// header, ICC.1 section 7.2.6) is gray or RGB. A CMYK file's profile, for one, does not fit its
/// converted pixels.
func fits(_ iccProfile: [UInt8], channels: Int) -> Bool {
  isProfile(iccProfile, of: channels <= 2 ? "GRAY" : "RGB ")
}

/// Whether an ICC profile is one of gray or RGB images, and so may fit a result.
func isKept(_ iccProfile: [UInt8]) -> Bool {
  isProfile(iccProfile, of: "GRAY") || isProfile(iccProfile, of: "RGB ")
}

private func isProfile(_ profile: [UInt8], of space: String) -> Bool {
  profile.count >= 128 && profile[16..<20].elementsEqual(space.utf8)
}
