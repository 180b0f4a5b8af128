extension Image {
  /// The alpha channel as a gray image; nil where the image has none.
  public var alpha: Image? {
    hasAlpha ? selecting(channels - 1..<channels) : nil
  }

  /// The colours alone, as they are stored: nothing is composited.
  public func removingAlpha() -> Image {
    hasAlpha ? selecting(0..<channels - 1) : self
  }

  /// This image with `plane` as its alpha, brought to this image's bit depth. Traps if the image
  /// has alpha already, or if `plane` has several channels or another size.
  public func addingAlpha(_ plane: Image) -> Image {
    precondition(!hasAlpha && plane.channels == 1, "alpha needs one plane and an image without")
    precondition(plane.height == height && plane.width == width, "alpha of another size")
    let joined: Samples =
      switch (samples, plane.withBitDepth(bitDepth).samples) {
      case (.eightBit(let colours), .eightBit(let alpha)): .eightBit(interleave(colours, alpha))
      case (.sixteenBit(let colours), .sixteenBit(let alpha)):
        .sixteenBit(interleave(colours, alpha))
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

  private func interleave<S: Sample>(_ colours: [S], _ alpha: [S]) -> [S] {
    let channels = channels
    let count = colours.count + alpha.count
    return [S](unsafeUninitializedCapacity: count) { target, initializedCount in
      colours.withUnsafeBufferPointer { colours in
        for pixel in alpha.indices {
          let first = pixel * (channels + 1)
          for channel in 0..<channels {
            target[first + channel] = colours[pixel * channels + channel]
          }
          target[first + channels] = alpha[pixel]
        }
      }
      initializedCount = count
    }
  }
}
