/// An image: rows from top to bottom, pixels from left to right, the channels of a pixel side by
/// side.
///
/// One channel is gray, two are gray and alpha, three are red, green and blue, four are those and
/// alpha. Samples are as files store them: gamma-encoded, 0 is black, 255 or 65535 is white, color
/// not multiplied by alpha (alpha 0 is transparent). Height comes before width everywhere.
package struct Image: Sendable, Equatable {
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
  package var bitDepth: Int { samples.bitDepth }

  /// Whether the last channel is alpha.
  package var hasAlpha: Bool { channels == 2 || channels == 4 }
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
    return changed(
      by: .pick(
        rows: (-top..<height + bottom).map { reflected($0, count: height) },
        columns: (-left..<width + right).map { reflected($0, count: width) }))
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
  /// there is one. The pass that goes first is the one Pillow 13 takes first. 16 bits use double
  /// precision in the same passes. Traps if height or width is below 1.
  package func resized(height: Int, width: Int, filter: ResizeFilter = .bicubic) -> Image {
    precondition(height >= 1 && width >= 1, "resizing to \(height)x\(width)")
    if height == self.height && width == self.width { return self }
    return changed(
      by: .resize(height: height, width: width, filter: filter, weightedByAlpha: hasAlpha))
  }

  /// The image with 8 or 16 bits a sample. 8 to 16 multiplies by 257, which is exact (255 becomes
  /// 65535); 16 to 8 divides by 257 and rounds. Traps for other depths.
  package func withBitDepth(_ depth: Int) -> Image {
    if depth == bitDepth { return self }
    return Image(
      height: height, width: width, channels: channels, samples: samples.withBitDepth(depth))
  }

  /// An opaque gray (1) or RGB (3) image; alpha is composited over `background` first.
  ///
  /// Gray is the luma of ITU-R BT.601 in the fixed point of Pillow's `convert("L")`: `(19595 R +
  /// 38470 G + 7471 B + 32768) >> 16`. The bit depth stays. Traps for other channel counts.
  package func converted(toChannels wanted: Int, background: Color = .white) -> Image {
    precondition(wanted == 1 || wanted == 3, "conversion to \(wanted) channels")
    if channels == wanted { return self }
    return changed(
      by: .makeOpaque(channels: wanted, hasAlpha: hasAlpha, background: background))
  }

  /// The alpha channel as a gray image; nil where the image has none.
  package var alpha: Image? {
    hasAlpha ? changed(by: .select(channels - 1..<channels)) : nil
  }

  /// The colors alone, as they are stored: nothing is composited.
  package func removingAlpha() -> Image {
    hasAlpha ? changed(by: .select(0..<channels - 1)) : self
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
    guard hasAlpha else { return self }
    let pixel = Image(height: 1, width: 1, channels: 3, pixels: color.levels)
    return changed(by: .replaceInvisible(pixel.converted(toChannels: channels - 1)))
  }
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
  case join(Image)
  case replaceInvisible(Image)
}

extension Image {
  /// The one place that looks for the kind of samples.
  private func changed(by change: Change) -> Image {
    switch samples {
    case .eightBit(let samples): changed(samples, by: change)
    case .sixteenBit(let samples): changed(samples, by: change)
    }
  }

  private func pixels<S: Sample>() -> Pixels<S> {
    Pixels(height: height, width: width, channels: channels, samples: samples.converted())
  }

  private func changed<S: Sample>(_ samples: [S], by change: Change) -> Image {
    let pixels = Pixels(height: height, width: width, channels: channels, samples: samples)
    let result: Pixels<S> =
      switch change {
      case .crop(let top, let left, let height, let width):
        pixels.cropped(top: top, left: left, height: height, width: width)
      case .pick(let rows, let columns): pixels.picking(rows: rows, columns: columns)
      case .orient(let orientation): pixels.oriented(by: orientation)
      case .resize(let height, let width, let filter, let weightedByAlpha):
        pixels.resized(
          height: height, width: width, filter: filter, weightedByAlpha: weightedByAlpha)
      case .makeOpaque(let channels, let hasAlpha, let background):
        pixels.opaque(
          channels: channels, alpha: hasAlpha,
          background: background.levels.map { S(sixteenBits: $0.sixteenBits) })
      case .select(let range): pixels.selecting(range)
      case .join(let image): pixels.joined(with: image.pixels())
      case .replaceInvisible(let image): pixels.replacingInvisibleColors(by: image.pixels())
      }
    return Image(
      height: result.height, width: result.width, channels: result.channels,
      samples: S.wrapped(result.samples))
  }
}
