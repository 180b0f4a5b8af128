// Averaging colours without regard to alpha would bleed the colour of transparent pixels into their
// neighbours, so colours are multiplied by alpha first and divided by it after.

extension Image {
  /// Colours times alpha, rounded to the nearest level. Traps without alpha.
  func premultiplied() -> Image {
    mappingColours { colour, alpha, full in (colour * alpha + full / 2) / full }
  }

  /// Colours divided by alpha, rounded down as in Pillow, at most white; those with alpha 0 stay.
  /// Traps without alpha.
  func unpremultiplied() -> Image {
    mappingColours { colour, alpha, full in
      alpha == 0 ? colour : min(colour * full / alpha, full)
    }
  }

  private func mappingColours(_ change: (UInt64, UInt64, UInt64) -> UInt64) -> Image {
    precondition(hasAlpha, "premultiplication without alpha")
    let changed: Samples =
      switch samples {
      case .eightBit(let samples): .eightBit(changeColours(samples, change))
      case .sixteenBit(let samples): .sixteenBit(changeColours(samples, change))
      }
    return Image(height: height, width: width, channels: channels, samples: changed)
  }

  private func changeColours<S: Sample>(
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
