/// An image that is put together from parts.
package struct ImageCanvas {
  package let height: Int
  package let width: Int
  package let channels: Int
  private let bitDepth: Int
  // One of them is empty. Kept apart, so that they are written in place and never copied.
  private var bytes: [UInt8]
  private var words: [UInt16]

  /// All samples 0. Traps as `Image` does, and for other depths than 8 and 16.
  package init(height: Int, width: Int, channels: Int, bitDepth: Int) {
    precondition(bitDepth == 8 || bitDepth == 16, "a bit depth of \(bitDepth)")
    let count = height * width * channels
    (self.height, self.width, self.channels, self.bitDepth) = (height, width, channels, bitDepth)
    bytes = [UInt8](repeating: 0, count: bitDepth == 8 ? count : 0)
    words = [UInt16](repeating: 0, count: bitDepth == 16 ? count : 0)
  }

  /// Puts `part` where its first pixel is the canvas' at (top, left); what reaches outside at the right
  /// and at the bottom is cut off. Traps for another layout, and for a place outside.
  package mutating func place(_ part: Image, top: Int, left: Int) {
    precondition(part.channels == channels, "a part of \(part.channels) channels")
    precondition(
      (0..<height).contains(top) && (0..<width).contains(left), "a part at (\(top), \(left))")
    switch part.samples {
    case .eightBit(let source):
      precondition(bitDepth == 8, "a part of 8 bits")
      Self.copyRows(of: source, part, into: &bytes, height, width, top, left)
    case .sixteenBit(let source):
      precondition(bitDepth == 16, "a part of 16 bits")
      Self.copyRows(of: source, part, into: &words, height, width, top, left)
    }
  }

  private static func copyRows<S: Sample>(
    of source: [S], _ part: Image, into target: inout [S], _ height: Int, _ width: Int,
    _ top: Int, _ left: Int
  ) {
    let channels = part.channels
    let rows = min(part.height, height - top)
    let count = min(part.width, width - left) * channels
    target.withUnsafeMutableBufferPointer { target in
      source.withUnsafeBufferPointer { source in
        for row in 0..<rows {
          let first = ((top + row) * width + left) * channels
          (target.baseAddress! + first).update(
            from: source.baseAddress! + row * part.width * channels, count: count)
        }
      }
    }
  }

  package var image: Image {
    Image(
      height: height, width: width, channels: channels,
      samples: bitDepth == 8 ? .eightBit(bytes) : .sixteenBit(words))
  }
}
