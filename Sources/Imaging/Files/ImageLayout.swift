/// What the headers of an image file say about the upright image.
package struct ImageLayout: Sendable, Equatable {
  package let height: Int
  package let width: Int
  /// With alpha.
  package let channels: Int
  /// Without alpha.
  package let colors: Int
  /// 8, 16, or 32 for floats.
  package let bitDepth: Int
  /// Images that the file has, which are read one by one.
  package let imageCount: Int

  /// What an image of its own has.
  package init(of image: Image) {
    (height, width) = (image.height, image.width)
    (channels, colors, bitDepth) = (image.channels, image.colors, image.bitDepth)
    imageCount = 1
  }

  init(_ header: ImageHeader, _ format: ImageFormat) {
    let swaps = header.orientation.swapsAxes
    (height, width) = swaps ? (header.width, header.height) : (header.height, header.width)
    channels = header.channels
    colors = channels - (header.hasAlpha ?? (channels == 2 || channels == 4) ? 1 : 0)
    bitDepth = header.bitDepth
    imageCount = header.imageCount
  }
}
