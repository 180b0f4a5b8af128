/// An image: rows from top to bottom, pixels from left to right, the channels of a pixel side by
/// side.
///
/// One color channel is gray, three are red, green and blue; any other number stands for itself. Alpha, where there is
/// one, is the last channel. Colors are as files store them: gamma-encoded, not multiplied by alpha, and numbers
/// of which `range` says what is black and what is white. Alpha has the whole range of its type: 0 is transparent,
/// 255, 65535 or 1.0 is opaque. Height comes before width everywhere.
package struct Image: Sendable, Equatable {
  package let height: Int
  package let width: Int
  /// With alpha.
  package let channels: Int
  package let samples: Samples
  /// Whether the last channel is alpha.
  package let hasAlpha: Bool
  /// The values of black and white. Another one shows the same samples brighter or darker.
  package var range: ValueRange

  /// More channels than any file has.
  package static let mostChannels = 64

  /// - Parameters:
  ///   - hasAlpha: nil takes two channels for gray and alpha, and four for RGB and alpha.
  ///   - range: nil takes the whole range of 8 and 16 bits, and 0 to 1 for floats.
  /// Traps if height or width is below 1, channels are not 1 to 64 and one for alpha, or the number of samples
  /// disagrees.
  package init(
    height: Int, width: Int, channels: Int, samples: Samples, hasAlpha: Bool? = nil,
    range: ValueRange? = nil
  ) {
    self.hasAlpha = hasAlpha ?? (channels == 2 || channels == 4)
    precondition(height >= 1 && width >= 1, "an image of \(height)x\(width) pixels")
    precondition(
      ((self.hasAlpha ? 2 : 1)...Self.mostChannels + 1).contains(channels),
      "an image with \(channels) channels")
    precondition(
      samples.count == height * width * channels,
      "\(samples.count) samples for \(height)x\(width) pixels of \(channels) channels")
    self.height = height
    self.width = width
    self.channels = channels
    self.samples = samples
    self.range = range ?? samples.wholeRange
  }

  /// An image of 8 bits. Traps as the other initializer does.
  package init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
    self.init(height: height, width: width, channels: channels, samples: .eightBit(pixels))
  }

  /// Bits of a sample: 8, 16, or 32 for floats.
  package var bitDepth: Int { samples.bitDepth }

  /// Channels without alpha.
  package var colors: Int { channels - (hasAlpha ? 1 : 0) }
}

extension Image {
  /// The part of `height` rows from `top` and `width` columns from `left`. Traps if it is empty or
  /// reaches outside the image.
  package func cropped(top: Int, left: Int, height: Int, width: Int) -> Image {
    changed(by: .crop(top: top, left: left, height: height, width: width))
  }

  /// The image with its border mirrored outwards; the border pixels themselves are not repeated, as
  /// in PyTorch's `ReflectionPad2d`. [1 2 3] padded by 2 is [3 2 1 2 3 2 1].
  ///
  /// Padding wider than the image goes on back and forth. Traps if a number is negative.
  package func paddedByReflection(top: Int, left: Int, bottom: Int, right: Int) -> Image {
    precondition(min(top, left, bottom, right) >= 0, "negative padding")
    return picking(
      rows: Self.reflected(-top..<height + bottom, count: height),
      columns: Self.reflected(-left..<width + right, count: width))
  }

  /// The pixels where these rows and columns cross. Traps for those outside.
  package func picking(rows: [Int], columns: [Int]) -> Image {
    precondition(
      rows.allSatisfy((0..<height).contains) && columns.allSatisfy((0..<width).contains),
      "rows or columns outside \(height)x\(width)")
    return changed(by: .pick(rows: rows, columns: columns))
  }

  /// Which of `count` rows or columns are seen at these places of an image that is padded by reflection.
  package static func reflected(_ places: Range<Int>, count: Int) -> [Int] {
    places.map { Imaging.reflected($0, count: count) }
  }

  /// The image upright: `orientation` applied to stored pixels.
  package func oriented(by orientation: Orientation) -> Image {
    orientation == .upright ? self : changed(by: .orient(orientation))
  }

  /// The mirror image.
  package func flippedLeftToRight() -> Image { oriented(by: .mirrored) }

  /// The image at another size, antialiased where it shrinks.
  ///
  /// On 8 bits this is Pillow's arithmetic, level for level: weights in 22-bit fixed point, one
  /// pass for each axis, rounded and clamped to 0...255 in between; colors weighted by alpha where
  /// there is one. The pass that goes first is the one Pillow 13 takes first. 16 bits and floats use double
  /// precision in the same passes. Traps if height or width is below 1.
  package func resized(height: Int, width: Int, filter: ResizeFilter = .bicubic) -> Image {
    precondition(height >= 1 && width >= 1, "resizing to \(height)x\(width)")
    if height == self.height && width == self.width { return self }
    return changed(
      by: .resize(height: height, width: width, filter: filter, weightedByAlpha: hasAlpha))
  }

  /// The image with 8 or 16 bits a sample and black and white at the ends of them. 8 to 16 multiplies by 257, which
  /// is exact (255 becomes 65535); 16 to 8 divides by 257 and rounds; values outside their range come to its ends.
  /// Traps for other depths.
  package func withBitDepth(_ depth: Int) -> Image {
    if depth == bitDepth && range == samples.wholeRange { return self }
    return Image(
      height: height, width: width, channels: channels,
      samples: samples.levels(
        ofDepth: depth, range: range, channels: channels, hasAlpha: hasAlpha),
      hasAlpha: hasAlpha)
  }

  /// The image in floats: colors with the same values and range, alpha from 0 to 1.
  package func inFloats() -> Image {
    if bitDepth == 32 { return self }
    return Image(
      height: height, width: width, channels: channels,
      samples: .float(samples.values(channels: channels, hasAlpha: hasAlpha)), hasAlpha: hasAlpha,
      range: range)
  }

  /// An opaque image of so many channels; alpha is composited over `background` first.
  ///
  /// Gray is the luma of ITU-R BT.601 in the fixed point of Pillow's `convert("L")`: `(19595 R +
  /// 38470 G + 7471 B + 32768) >> 16`. The bit depth stays. Traps unless `canConvert(toChannels:)`.
  package func converted(toChannels wanted: Int, background: Color = .white) -> Image {
    precondition(canConvert(toChannels: wanted), "conversion to \(wanted) channels")
    if channels == wanted && !hasAlpha { return self }
    return changed(
      by: .makeOpaque(channels: wanted, hasAlpha: hasAlpha, background: background))
  }

  /// Gray becomes RGB and RGB gray; other numbers of colors stay what they are.
  package func canConvert(toChannels wanted: Int) -> Bool {
    colors == wanted || ([1, 3].contains(colors) && [1, 3].contains(wanted))
  }

  /// The alpha channel as a gray image; nil where the image has none.
  package var alpha: Image? {
    guard hasAlpha else { return nil }
    var plane = changed(by: .select(channels - 1..<channels))
    plane.range = plane.samples.wholeRange
    return plane
  }

  /// The colors alone, as they are stored: nothing is composited.
  package func removingAlpha() -> Image {
    hasAlpha ? changed(by: .select(0..<channels - 1)) : self
  }

  /// These channels of the colors, in this order, without alpha. Traps where there are none such.
  package func selecting(channels wanted: [Int]) -> Image {
    precondition(wanted.allSatisfy((0..<colors).contains), "channels \(wanted) of \(colors)")
    return changed(by: .selectEach(wanted))
  }

  /// This image with `plane` as its alpha, brought to this image's bit depth. Traps if the image
  /// has alpha already, or if `plane` has several channels or another size.
  package func addingAlpha(_ plane: Image) -> Image {
    precondition(!hasAlpha && plane.channels == 1, "alpha needs one plane and an image without")
    return changed(by: .join(plane))
  }

  /// The image with this color wherever its alpha is 0; what a file stores there was never seen. Itself
  /// where there is no alpha.
  package func replacingInvisibleColors(by color: Color) -> Image {
    hasAlpha ? changed(by: .replaceInvisible(color)) : self
  }

  /// Colors multiplied by alpha as some files store them, or divided by it again. Itself where there is no alpha.
  func premultiplied() -> Image { hasAlpha ? changed(by: .premultiply) : self }
  func unpremultiplied() -> Image { hasAlpha ? changed(by: .unpremultiply) : self }
}

/// The index in `0..<count` that `index` comes to when it is thrown back at both ends.
private func reflected(_ index: Int, count: Int) -> Int {
  if count == 1 { return 0 }
  let period = 2 * (count - 1)
  let position = ((index % period) + period) % period
  return min(position, period - position)
}

/// What can be done to an image, whatever its samples are.
private enum Change {
  case crop(top: Int, left: Int, height: Int, width: Int)
  case pick(rows: [Int], columns: [Int])
  case orient(Orientation)
  case resize(height: Int, width: Int, filter: ResizeFilter, weightedByAlpha: Bool)
  case makeOpaque(channels: Int, hasAlpha: Bool, background: Color)
  case select(Range<Int>)
  case selectEach([Int])
  case join(Image)
  case replaceInvisible(Color)
  case premultiply, unpremultiply
}

extension Image {
  /// The one place that looks for the kind of samples.
  private func changed(by change: Change) -> Image {
    switch samples {
    case .eightBit(let samples): changed(samples, by: change)
    case .sixteenBit(let samples): changed(samples, by: change)
    case .float(let samples): changed(samples, by: change)
    }
  }

  private func pixels<S: Sample>() -> Pixels<S> {
    Pixels(height: height, width: width, channels: channels, samples: samples.converted())
  }

  /// A color's red, green and blue as samples of this image.
  private func values<S: Sample>(of color: Color) -> [S] {
    color.levels.map { S(nearest: range.value(at: Double($0) / 255)) }
  }

  private func changed<S: Sample>(_ samples: [S], by change: Change) -> Image {
    let pixels = Pixels(height: height, width: width, channels: channels, samples: samples)
    var hasAlpha = hasAlpha
    let result: Pixels<S>
    switch change {
    case .crop(let top, let left, let height, let width):
      result = pixels.cropped(top: top, left: left, height: height, width: width)
    case .pick(let rows, let columns): result = pixels.picking(rows: rows, columns: columns)
    case .orient(let orientation): result = pixels.oriented(by: orientation)
    case .resize(let height, let width, let filter, let weightedByAlpha):
      result = pixels.resized(
        height: height, width: width, filter: filter, weightedByAlpha: weightedByAlpha)
    case .makeOpaque(let channels, let alpha, let background):
      result = pixels.opaque(channels: channels, alpha: alpha, background: values(of: background))
      hasAlpha = false
    case .select(let range):
      result = pixels.selecting(range)
      hasAlpha = false
    case .selectEach(let channels):
      result = pixels.selecting(channels)
      hasAlpha = false
    case .join(let image):
      result = pixels.joined(with: image.pixels())
      hasAlpha = true
    case .replaceInvisible(let color):
      result = pixels.replacingInvisibleColors(by: values(of: color))
    case .premultiply: result = pixels.premultiplied()
    case .unpremultiply: result = pixels.unpremultiplied()
    }
    return Image(
      height: result.height, width: result.width, channels: result.channels,
      samples: S.wrapped(result.samples), hasAlpha: hasAlpha, range: range)
  }
}
