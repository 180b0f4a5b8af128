// Averaging colors without regard to alpha would bleed the color of transparent pixels into their
// neighbors, so colors are multiplied by alpha first and divided by it after.

extension Image {
  /// Colors times alpha, rounded to the nearest level. Traps without alpha.
  func premultiplied() -> Image {
    mappingColors { color, alpha, full in (color * alpha + full / 2) / full }
  }

  /// Colors divided by alpha, rounded down as in Pillow, at most white; those with alpha 0 stay.
  /// Traps without alpha.
  func unpremultiplied() -> Image {
    mappingColors { color, alpha, full in
      alpha == 0 ? color : min(color * full / alpha, full)
    }
  }

  private func mappingColors(_ change: (UInt64, UInt64, UInt64) -> UInt64) -> Image {
    precondition(hasAlpha, "premultiplication without alpha")
    let changed: Samples =
      switch samples {
      case .eightBit(let samples): .eightBit(changeColors(samples, change))
      case .sixteenBit(let samples): .sixteenBit(changeColors(samples, change))
      }
    return Image(height: height, width: width, channels: channels, samples: changed)
  }

  private func changeColors<S: Sample>(
    _ source: [S], _ change: (UInt64, UInt64, UInt64) -> UInt64
  ) -> [S] {
    var changed = source
    for first in stride(from: 0, to: source.count, by: channels) {
      let alpha = UInt64(source[first + channels - 1])
      for index in first..<first + channels - 1 {
        changed[index] = S(change(UInt64(source[index]), alpha, UInt64(S.max)))
      }
    }
    return changed
  }
}
