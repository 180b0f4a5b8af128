/// An image: rows from top to bottom, pixels from left to right, the channels of a pixel side by
/// side.
///
/// One channel is gray, two are gray and alpha, three are red, green and blue, four are those and
/// alpha. Samples are as files store them: gamma-encoded, 0 is black, 255 or 65535 is white, color
/// not multiplied by alpha (alpha 0 is transparent). Height comes before width everywhere.
package struct Image: Sendable, Equatable {
  /// `height * width * channels` numbers, row-major and interleaved.
  package enum Samples: Sendable, Equatable {
    case eightBit([UInt8])
    case sixteenBit([UInt16])
  }

  package let height: Int
  package let width: Int
  /// 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
  package let channels: Int
  package let samples: Samples

  /// Traps if height or width is below 1, channels are not 1 to 4, or the number of samples
  /// disagrees.
  package init(height: Int, width: Int, channels: Int, samples: Samples) {
    precondition(height >= 1 && width >= 1, "an image of \(height)x\(width) pixels")
    precondition((1...4).contains(channels), "an image with \(channels) channels")
    precondition(
      samples.count == height * width * channels,
      "\(samples.count) samples for \(height)x\(width) pixels of \(channels) channels")
    self.height = height
    self.width = width
    self.channels = channels
    self.samples = samples
  }

  /// An image of 8 bits. Traps as the other initializer does.
  package init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
    self.init(height: height, width: width, channels: channels, samples: .eightBit(pixels))
  }

  /// Bits of a sample: 8 or 16.
  package var bitDepth: Int {
    switch samples {
    case .eightBit: 8
    case .sixteenBit: 16
    }
  }

  /// Whether the last channel is alpha.
  package var hasAlpha: Bool { channels == 2 || channels == 4 }
}

extension Image.Samples {
  var count: Int {
    switch self {
    case .eightBit(let samples): samples.count
    case .sixteenBit(let samples): samples.count
    }
  }
}

/// What the work on pixels needs to know of `UInt8` and `UInt16`.
protocol Sample: FixedWidthInteger, UnsignedInteger, Sendable {}

extension UInt8: Sample {}
extension UInt16: Sample {}
