extension Pixels {
  /// These channels alone, as they are stored. Traps where there are none such.
  func selecting(_ range: Range<Int>) -> Pixels {
    precondition(range.lowerBound >= 0 && range.upperBound <= channels, "channels \(range)")
    let channels = channels
    return Pixels(height: height, width: width, channels: range.count) { target, _ in
      samples.withUnsafeBufferPointer { source in
        var next = 0
        for pixel in 0..<source.count / channels {
          for channel in range {
            target[next] = source[pixel * channels + channel]
            next += 1
          }
        }
      }
    }
  }

  /// These channels alone, in this order. Traps where there are none such.
  func selecting(_ wanted: [Int]) -> Pixels {
    let channels = channels
    precondition(wanted.allSatisfy((0..<channels).contains), "channels \(wanted)")
    return Pixels(height: height, width: width, channels: wanted.count) { target, _ in
      samples.withUnsafeBufferPointer { source in
        var next = 0
        for first in stride(from: 0, to: source.count, by: channels) {
          for channel in wanted {
            target[next] = source[first + channel]
            next += 1
          }
        }
      }
    }
  }

  /// The channels of `other` behind these. Traps for another size.
  func joined(with other: Pixels) -> Pixels {
    precondition(other.height == height && other.width == width, "channels of another size")
    let (own, added) = (channels, other.channels)
    return Pixels(height: height, width: width, channels: own + added) { target, _ in
      samples.withUnsafeBufferPointer { source in
        other.samples.withUnsafeBufferPointer { otherSource in
          for pixel in 0..<source.count / own {
            let first = pixel * (own + added)
            for channel in 0..<own { target[first + channel] = source[pixel * own + channel] }
            for channel in 0..<added {
              target[first + own + channel] = otherSource[pixel * added + channel]
            }
          }
        }
      }
    }
  }

  /// This color wherever alpha, which is the last channel, is 0.
  ///
  /// - Parameter color: red, green and blue; where there are not three, their luma.
  func replacingInvisibleColors(by color: [Element]) -> Pixels {
    let color = Self.color(color, ofChannels: channels - 1)
    return changingColors { sample, channel, alpha in alpha == .black ? color[channel] : sample }
  }

  /// Red, green and blue in an image with so many channels: their luma where there are not three.
  private static func color(_ color: [Element], ofChannels count: Int) -> [Element] {
    if count == 3 { return color }
    let luma = Element.luma(red: color[0], green: color[1], blue: color[2])
    return Array(repeating: luma, count: count)
  }

  // Averaging colors without regard to alpha would bleed the color of transparent pixels into their
  // neighbors, so colors are multiplied by alpha first and divided by it after.

  /// Colors times alpha, which is the last channel.
  func premultiplied() -> Pixels {
    changingColors { sample, _, alpha in sample.multiplied(byAlpha: alpha) }
  }

  /// Colors divided by alpha, which is the last channel; those with alpha 0 stay.
  func unpremultiplied() -> Pixels {
    changingColors { sample, _, alpha in sample.divided(byAlpha: alpha) }
  }

  private func changingColors(
    _ change: (_ sample: Element, _ channel: Int, _ alpha: Element) -> Element
  ) -> Pixels {
    let channels = channels
    return Pixels(height: height, width: width, channels: channels) { target, _ in
      samples.withUnsafeBufferPointer { source in
        for first in stride(from: 0, to: source.count, by: channels) {
          let alpha = source[first + channels - 1]
          for channel in 0..<channels - 1 {
            target[first + channel] = change(source[first + channel], channel, alpha)
          }
          target[first + channels - 1] = alpha
        }
      }
    }
  }

  /// An opaque image of as many channels as there are colors; gray (1) and RGB (3) become one another.
  ///
  /// - Parameters:
  ///   - alpha: whether the last channel is alpha; then the colors are composited over `background`.
  ///   - background: red, green and blue.
  /// Traps for other numbers of channels.
  func opaque(channels wanted: Int, alpha hasAlpha: Bool, background: [Element]) -> Pixels {
    let channels = channels
    let colors = channels - (hasAlpha ? 1 : 0)
    if wanted == colors && wanted != 1 && wanted != 3 {
      return composited(over: Self.color(background, ofChannels: colors))
    }
    precondition(
      (wanted == 1 || wanted == 3) && (colors == 1 || colors == 3),
      "conversion from \(channels) to \(wanted) channels")
    let pixelCount = height * width
    return Pixels(height: height, width: width, channels: wanted) { target, _ in
      samples.withUnsafeBufferPointer { source in
        for pixel in 0..<pixelCount {
          let first = pixel * channels
          var red = source[first]
          var green = colors == 3 ? source[first + 1] : red
          var blue = colors == 3 ? source[first + 2] : red
          if hasAlpha {
            let alpha = source[first + colors]
            red = red.composited(over: background[0], alpha: alpha)
            green = green.composited(over: background[1], alpha: alpha)
            blue = blue.composited(over: background[2], alpha: alpha)
          }
          if wanted == 1 {
            target[pixel] = .luma(red: red, green: green, blue: blue)
          } else {
            target[pixel * 3] = red
            target[pixel * 3 + 1] = green
            target[pixel * 3 + 2] = blue
          }
        }
      }
    }
  }

  /// Without alpha, which is the last channel.
  private func composited(over background: [Element]) -> Pixels {
    let (channels, colors) = (channels, channels - 1)
    return Pixels(height: height, width: width, channels: colors) { target, _ in
      samples.withUnsafeBufferPointer { source in
        var next = 0
        for first in stride(from: 0, to: source.count, by: channels) {
          let alpha = source[first + colors]
          for channel in 0..<colors {
            target[next] = source[first + channel].composited(
              over: background[channel], alpha: alpha)
            next += 1
          }
        }
      }
    }
  }
}
