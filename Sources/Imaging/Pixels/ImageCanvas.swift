/// An image that is put together from parts.
package struct ImageCanvas {
  package let height: Int
  package let width: Int
  package let channels: Int
  private let hasAlpha: Bool
  private let range: ValueRange
  private var samples: Image.Samples

  /// All samples 0. Traps as `Image` does, and for other depths than 8, 16 and 32.
  package init(
    height: Int, width: Int, channels: Int, bitDepth: Int, hasAlpha: Bool? = nil,
    range: ValueRange? = nil
  ) {
    self.init(
      height: height, width: width, channels: channels, bitDepth: bitDepth, level: 0,
      hasAlpha: hasAlpha, range: range)
  }

  /// - Parameter level: of all samples, in 16 bits.
  fileprivate init(
    height: Int, width: Int, channels: Int, bitDepth: Int, level: UInt16, hasAlpha: Bool?,
    range: ValueRange? = nil
  ) {
    (self.height, self.width, self.channels) = (height, width, channels)
    samples = Image.Samples(
      repeating: level, count: height * width * channels, bitDepth: bitDepth)
    self.hasAlpha = hasAlpha ?? (channels == 2 || channels == 4)
    self.range = range ?? samples.wholeRange
  }

  /// Puts `part` where its first pixel is the canvas' at (top, left); what reaches outside at the right
  /// and at the bottom is cut off. Traps for another layout, and for a place outside.
  package mutating func place(_ part: Image, top: Int, left: Int) {
    precondition(part.channels == channels, "a part of \(part.channels) channels")
    precondition(part.bitDepth == samples.bitDepth, "a part of \(part.bitDepth) bits")
    precondition(
      (0..<height).contains(top) && (0..<width).contains(left), "a part at (\(top), \(left))")
    let (width, pixelBytes) = (width, channels * part.bitDepth / 8)
    let rows = min(part.height, height - top)
    let count = min(part.width, width - left) * pixelBytes
    samples.withUnsafeMutableBytes { target in
      part.samples.withUnsafeBytes { source in
        for row in 0..<rows {
          let first = ((top + row) * width + left) * pixelBytes
          (target.baseAddress! + first).copyMemory(
            from: source.baseAddress! + row * part.width * pixelBytes, byteCount: count)
        }
      }
    }
  }

  package var image: Image {
    Image(
      height: height, width: width, channels: channels, samples: samples, hasAlpha: hasAlpha,
      range: range)
  }
}

extension Image {
  /// Images side by side in rows, on white, with `spacing` pixels between and around them.
  ///
  /// All images have the bit depth and the channels of the first. A row is as high as its highest image, a
  /// column as wide as its widest. Traps on an empty grid, for images of several layouts and for alpha.
  package static func grid(_ rows: [[Image]], spacing: Int) -> Image {
    let columns = rows.map(\.count).max() ?? 0
    guard columns > 0, let first = rows.lazy.joined().first else {
      preconditionFailure("a grid without images")
    }
    precondition(!first.hasAlpha, "a grid of transparent images")
    let heights = rows.map { $0.map(\.height).max() ?? 0 }
    let widths = (0..<columns).map { column in
      rows.compactMap { column < $0.count ? $0[column].width : nil }.max() ?? 0
    }
    var canvas = ImageCanvas(
      height: heights.reduce(spacing) { $0 + $1 + spacing },
      width: widths.reduce(spacing) { $0 + $1 + spacing }, channels: first.channels,
      bitDepth: first.bitDepth, level: .max, hasAlpha: false)
    var top = spacing
    for (row, rowHeight) in zip(rows, heights) {
      var left = spacing
      for (image, columnWidth) in zip(row, widths) {
        canvas.place(image, top: top, left: left)
        left += columnWidth + spacing
      }
      top += rowHeight + spacing
    }
    return canvas.image
  }
}
