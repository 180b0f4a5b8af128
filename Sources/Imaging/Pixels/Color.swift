/// An opaque color of 8 bits a channel.
package struct Color: Sendable, Equatable {
  package let red: UInt8
  package let green: UInt8
  package let blue: UInt8

  package init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  package static let white = Color(red: 255, green: 255, blue: 255)
  package static let black = Color(red: 0, green: 0, blue: 0)
}

extension Image {
  /// An opaque gray (1) or RGB (3) image; alpha is composited over `background` first.
  ///
  /// Gray is the luma of ITU-R BT.601 in the fixed point of Pillow's `convert("L")`: `(19595 R +
  /// 38470 G + 7471 B + 32768) >> 16`. The bit depth stays. Traps for other channel counts.
  package func converted(toChannels wanted: Int, background: Color = .white) -> Image {
    precondition(wanted == 1 || wanted == 3, "conversion to \(wanted) channels")
    if channels == wanted { return self }
    let converted: Samples =
      switch samples {
      case .eightBit(let samples): .eightBit(convert(samples, wanted, background))
      case .sixteenBit(let samples): .sixteenBit(convert(samples, wanted, background))
      }
    return Image(height: height, width: width, channels: wanted, samples: converted)
  }

  private func convert<S: Sample>(_ source: [S], _ wanted: Int, _ background: Color) -> [S] {
    let behind = [background.red, background.green, background.blue].map { level in
      S(Int(level) * (Int(S.max) / 255))
    }
    let channels = channels
    let colors = channels - (hasAlpha ? 1 : 0)
    let pixelCount = height * width
    return [S](unsafeUninitializedCapacity: pixelCount * wanted) { target, initializedCount in
      source.withUnsafeBufferPointer { source in
        for pixel in 0..<pixelCount {
          let first = pixel * channels
          var red = source[first]
          var green = colors == 3 ? source[first + 1] : red
          var blue = colors == 3 ? source[first + 2] : red
          if colors < channels {
            let alpha = source[first + colors]
            red = composite(red, over: behind[0], alpha: alpha)
            green = composite(green, over: behind[1], alpha: alpha)
            blue = composite(blue, over: behind[2], alpha: alpha)
          }
          if wanted == 1 {
            target[pixel] = luma(red, green, blue)
          } else {
            target[pixel * 3] = red
            target[pixel * 3 + 1] = green
            target[pixel * 3 + 2] = blue
          }
        }
      }
      initializedCount = pixelCount * wanted
    }
  }
}

/// `(front * alpha + back * (1 - alpha))`, rounded to the nearest level.
private func composite<S: Sample>(_ front: S, over back: S, alpha: S) -> S {
  let full = UInt64(S.max)
  let sum = UInt64(front) * UInt64(alpha) + UInt64(back) * (full - UInt64(alpha))
  return S(truncatingIfNeeded: (sum + full / 2) / full)
}

/// The weights add up to 65536, so white stays white and gray stays itself.
private func luma<S: Sample>(_ red: S, _ green: S, _ blue: S) -> S {
  let sum = 19595 * UInt64(red) + 38470 * UInt64(green) + 7471 * UInt64(blue) + 32768
  return S(truncatingIfNeeded: sum >> 16)
}
