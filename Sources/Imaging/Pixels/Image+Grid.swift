extension Image {
  /// Images side by side in rows, on white, with `spacing` pixels between and around them.
  ///
  /// All images have 8 bits and 3 channels. A row is as high as its highest image, a column as wide as
  /// its widest. Traps on an empty grid and for other kinds of images.
  package static func grid(_ rows: [[Image]], spacing: Int) -> Image {
    let columns = rows.map(\.count).max() ?? 0
    precondition(columns > 0, "a grid without images")
    let heights = rows.map { $0.map(\.height).max() ?? 0 }
    let widths = (0..<columns).map { column in
      rows.compactMap { column < $0.count ? $0[column].width : nil }.max() ?? 0
    }
    let height = heights.reduce(spacing) { $0 + $1 + spacing }
    let width = widths.reduce(spacing) { $0 + $1 + spacing }
    var pixels = [UInt8](repeating: 255, count: height * width * 3)
    var top = spacing
    for (row, rowHeight) in zip(rows, heights) {
      var left = spacing
      for (image, columnWidth) in zip(row, widths) {
        guard image.channels == 3, case .eightBit(let source) = image.samples else {
          preconditionFailure("a grid takes images of 8 bits and 3 channels")
        }
        for y in 0..<image.height {
          let from = y * image.width * 3
          let to = ((top + y) * width + left) * 3
          let length = image.width * 3
          pixels.replaceSubrange(to..<(to + length), with: source[from..<(from + length)])
        }
        left += columnWidth + spacing
      }
      top += rowHeight + spacing
    }
    return Image(height: height, width: width, channels: 3, pixels: pixels)
  }
}
