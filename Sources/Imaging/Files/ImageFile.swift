import Foundation
import Wording

/// An image with what its file says about it.
package struct ImageFile: Sendable, Equatable {
  /// Upright: the orientation of the file is applied.
  package var image: Image
  package var format: ImageFormat
  /// The EXIF block, a TIFF structure, as it was read. Where it is written, its orientation and sizes
  /// are those of the image, and its thumbnail is left out.
  package var exif: [UInt8]?
  /// Describes gray or RGB images. It is written where it fits the image's colors.
  package var iccProfile: [UInt8]?
  /// PNG's gAMA chunk: 100000 times the exponent that encodes (45455 for 1/2.2).
  package var gamma: Int?
  /// PNG's sRGB chunk: a rendering intent, 0 to 3.
  package var renderingIntent: Int?
  /// A packet of XML, as it was read. Where it is written, its orientation is reset.
  package var xmp: [UInt8]?
  /// Of the upright image.
  package var density: PixelDensity?
  /// What else a PNG says: its text, cICP and cHRM chunks as `codec_source` has them.
  var pngChunks: [UInt8]?
  /// How the pixels are stored in a TIFF, and what it says that other files cannot; nil for other formats.
  package var tiff: TIFFContent?
  /// Whether black and white of the image are known. Those of floats are not.
  package var hasRange = true
  /// Whether the pixels were stored with a loss. Where they are written as a WebP, they are stored in the same way.
  package var isLossy = false
  /// What a user should know about the way the image was read.
  package var remarks: [ImageRemark] = []

  package init(
    image: Image, format: ImageFormat, exif: [UInt8]? = nil, iccProfile: [UInt8]? = nil,
    gamma: Int? = nil, renderingIntent: Int? = nil, xmp: [UInt8]? = nil,
    density: PixelDensity? = nil
  ) {
    self.image = image
    self.format = format
    self.exif = exif
    self.iccProfile = iccProfile
    self.gamma = gamma
    self.renderingIntent = renderingIntent
    self.xmp = xmp
    self.density = density
  }
}

/// Something about the way an image was read.
package enum ImageRemark: Sendable, Equatable, CustomStringConvertible {
  case firstFrame(of: Int)
  case firstPage(of: Int)
  /// Image data is missing or damaged, which was accepted.
  case incomplete
  /// So many values were infinite or no numbers, which was accepted.
  case clamped(Int)

  package var description: String {
    switch self {
    case .firstFrame(let count): "an animation of \(counted(count, "frame")); the first is taken"
    case .firstPage(let count):
      "\(counted(count, "page")); the first is taken (--pages images takes each, --pages channels all as "
        + "channels)"
    case .clamped(let count):
      "\(counted(count, "value")) that \(count == 1 ? "is" : "are") infinite or no number brought into the range "
        + "of the others"
    case .incomplete: "broken; used as far as it can be decoded"
    }
  }
}

/// What the pages of a TIFF file are.
package enum PageMeaning: String, Codable, Sendable, CaseIterable {
  /// The first is the image; the others are left out.
  case first
  /// Each holds channels of one image.
  case channels
  /// Each is an image.
  case images
}

/// Which of a file's images: the first one unless it is told.
package struct ImagePlace: Sendable, Hashable {
  /// From 0 on.
  package var number = 0
  /// Where the file describes it, in bytes; nil where that is still to be found.
  var offset: Int?

  package init() {}

  init(number: Int, offset: Int) { (self.number, self.offset) = (number, offset) }
}

/// How an image file is read.
package struct ReadOptions: Sendable, Equatable {
  /// 250 million: a photograph of 250 megapixels, which takes 0.7 GiB.
  package static let defaultMaximumPixels = 250_000_000

  /// Images with more pixels are refused from their header, before memory is asked for.
  package var maximumPixels = Self.defaultMaximumPixels
  /// Takes files whose image data is damaged or ends early; what is missing is gray, black or
  /// transparent.
  package var acceptTruncated = false
  /// Takes floats that are infinite or no numbers: infinities become the largest and the smallest value of the image,
  /// and what is no number the smallest.
  package var acceptNonfinite = false
  /// What the pages of a file are.
  package var pages = PageMeaning.first
  /// Where each is an image, the one that is wanted.
  package var place = ImagePlace()
  /// The upright height and width that are needed. A JPEG of twice that or more is decoded smaller,
  /// to the smallest multiple of an eighth of its size that is still enough. nil asks for nothing.
  package var minimumHeight: Int?
  package var minimumWidth: Int?

  package init() {}
}

/// How an image file is written.
package struct WriteOptions: Sendable, Equatable {
  /// Resolution of a JPEG's color planes.
  package enum ChromaSubsampling: String, Sendable, CaseIterable {
    /// 4:4:4: as many color samples as pixels.
    case none = "4:4:4"
    /// 4:2:2: half as many in each row.
    case halfWidth = "4:2:2"
    /// 4:2:0: half as many in each direction.
    case half = "4:2:0"

    /// The pixels that share a color sample.
    var pixelsPerSample: (columns: Int, rows: Int) {
      switch self {
      case .none: (1, 1)
      case .halfWidth: (2, 1)
      case .half: (2, 2)
      }
    }
  }

  /// 1...100, of JPEGs on libjpeg's scale and of lossy WebPs on libwebp's; numbers outside are clamped.
  package var quality = 95
  package var chromaSubsampling = ChromaSubsampling.none
  /// zlib's level, 0...9; numbers outside are clamped.
  package var pngCompression = 6
  /// Writes the EXIF block, XMP, the ICC profile, the density and what else a PNG says, where they fit the
  /// image and the format.
  package var keepsMetadata = true
  /// A JPEG has no alpha: the image is composited over this.
  package var background = Color.white

  package init() {}
}
