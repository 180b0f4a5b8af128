import Imaging

extension Image {
  /// The largest square in the middle, in 8 bits and `channels` channels, resized to `side` pixels a side.
  /// - Parameter background: what shows through transparent pixels.
  func centerdSquare(_ side: Int, channels: Int, background: Color = .white) -> Image {
    let shorter = min(height, width)
    // Cut before it is resized: an image of one row would grow beyond all memory.
    let square = cropped(
      top: (height - shorter) / 2, left: (width - shorter) / 2, height: shorter, width: shorter)
    return square.withBitDepth(8).converted(toChannels: channels, background: background)
      .resized(height: side, width: side)
  }
}
