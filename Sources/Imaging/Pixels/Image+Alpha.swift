extension Image {
  /// The alpha channel as a gray image; nil where the image has none.
  package var alpha: Image? {
    hasAlpha ? selecting(channels - 1..<channels) : nil
  }

  /// The colors alone, as they are stored: nothing is composited.
  package func removingAlpha() -> Image {
    hasAlpha ? selecting(0..<channels - 1) : self
  }

  /// The image with this color wherever its alpha is 0; what a file stores there was never seen. Itself
  /// where there is no alpha.
  package func replacingInvisibleColors(by color: Color) -> Image {
    guard hasAlpha else { return self }
    let plain = Image(
      height: 1, width: 1, channels: 3, pixels: [color.red, color.green, color.blue]
    )
    .converted(toChannels: channels - 1).withBitDepth(bitDepth)
    let replaced: Samples =
      switch (samples, plain.samples) {
      case (.eightBit(let samples), .eightBit(let color)):
        .eightBit(replaceInvisible(samples, color))
      case (.sixteenBit(let samples), .sixteenBit(let color)):
        .sixteenBit(replaceInvisible(samples, color))
      default: preconditionFailure("withBitDepth gave another depth")
      }
    return Image(height: height, width: width, channels: channels, samples: replaced)
  }

  private func replaceInvisible<S: Sample>(_ source: [S], _ color: [S]) -> [S] {
    var result = source
    for first in stride(from: 0, to: source.count, by: channels)
    where source[first + channels - 1] == 0 {
      for (index, level) in color.enumerated() { result[first + index] = level }
    }
    return result
  }

  /// This image with `plane` as its alpha, brought to this image's bit depth. Traps if the image
  /// has alpha already, or if `plane` has several channels or another size.
  package func addingAlpha(_ plane: Image) -> Image {
    precondition(!hasAlpha && plane.channels == 1, "alpha needs one plane and an image without")
    precondition(plane.height == height && plane.width == width, "alpha of another size")
    let joined: Samples =
      switch (samples, plane.withBitDepth(bitDepth).samples) {
      case (.eightBit(let colors), .eightBit(let alpha)): .eightBit(interleave(colors, alpha))
      case (.sixteenBit(let colors), .sixteenBit(let alpha)):
        .sixteenBit(interleave(colors, alpha))
      default: preconditionFailure("withBitDepth gave another depth")
      }
    return Image(height: height, width: width, channels: channels + 1, samples: joined)
  }

  private func selecting(_ range: Range<Int>) -> Image {
    let selected: Samples =
      switch samples {
      case .eightBit(let samples): .eightBit(select(samples, range))
      case .sixteenBit(let samples): .sixteenBit(select(samples, range))
      }
    return Image(height: height, width: width, channels: range.count, samples: selected)
  }

  private func select<S: Sample>(_ source: [S], _ range: Range<Int>) -> [S] {
    let channels = channels
    let count = height * width * range.count
    return [S](unsafeUninitializedCapacity: count) { target, initializedCount in
      source.withUnsafeBufferPointer { source in
        var next = 0
        for pixel in 0..<source.count / channels {
          for channel in range {
            target[next] = source[pixel * channels + channel]
            next += 1
          }
        }
      }
      initializedCount = count
    }
  }

  private func interleave<S: Sample>(_ colors: [S], _ alpha: [S]) -> [S] {
    let channels = channels
    let count = colors.count + alpha.count
    return [S](unsafeUninitializedCapacity: count) { target, initializedCount in
      colors.withUnsafeBufferPointer { colors in
        for pixel in alpha.indices {
          let first = pixel * (channels + 1)
          for channel in 0..<channels {
            target[first + channel] = colors[pixel * channels + channel]
          }
          target[first + channels] = alpha[pixel]
        }
      }
      initializedCount = count
    }
  }
}
