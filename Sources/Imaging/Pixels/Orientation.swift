/// How a camera was held: what has to be done to the stored pixels to see the image upright.
///
/// The raw values are those of the EXIF tag 0x0112 (CIPA DC-008, section 4.6.4).
package enum Orientation: Int, Sendable, CaseIterable {
  case upright = 1
  /// Mirror left to right.
  case mirrored = 2
  /// Turn by 180 degrees.
  case upsideDown = 3
  /// Mirror top to bottom.
  case mirroredUpsideDown = 4
  /// Swap rows and columns.
  case transposed = 5
  /// Turn clockwise by 90 degrees.
  case turnedClockwise = 6
  /// Swap rows and columns across the other diagonal.
  case transversed = 7
  /// Turn counter-clockwise by 90 degrees.
  case turnedCounterClockwise = 8

  /// Whether height and width change places.
  package var swapsAxes: Bool { rawValue >= 5 }
}

extension Image {
  /// The image upright: `orientation` applied to stored pixels.
  package func oriented(by orientation: Orientation) -> Image {
    if orientation == .upright { return self }
    let moved: Samples =
      switch samples {
      case .eightBit(let samples): .eightBit(reordered(samples, orientation))
      case .sixteenBit(let samples): .sixteenBit(reordered(samples, orientation))
      }
    return Image(
      height: orientation.swapsAxes ? width : height,
      width: orientation.swapsAxes ? height : width, channels: channels, samples: moved)
  }

  /// The mirror image.
  package func flippedLeftToRight() -> Image { oriented(by: .mirrored) }

  private func reordered<S: Sample>(_ source: [S], _ orientation: Orientation) -> [S] {
    let path = ReadingPath(orientation, height: height, width: width)
    let (rows, columns) = orientation.swapsAxes ? (width, height) : (height, width)
    let channels = channels
    return [S](unsafeUninitializedCapacity: source.count) { target, initializedCount in
      source.withUnsafeBufferPointer { source in
        var next = 0
        for row in 0..<rows {
          var pixel = (path.start + row * path.rowStep) * channels
          for _ in 0..<columns {
            for channel in 0..<channels { target[next + channel] = source[pixel + channel] }
            next += channels
            pixel += path.columnStep * channels
          }
        }
      }
      initializedCount = source.count
    }
  }
}

/// In which order stored pixels are read to give the upright image: the index of its first pixel,
/// and the distance in stored pixels to the next one below and to the right.
private struct ReadingPath {
  let start: Int
  let rowStep: Int
  let columnStep: Int

  init(_ orientation: Orientation, height: Int, width: Int) {
    let lastRow = (height - 1) * width
    let lastColumn = width - 1
    (start, rowStep, columnStep) =
      switch orientation {
      case .upright: (0, width, 1)
      case .mirrored: (lastColumn, width, -1)
      case .upsideDown: (lastRow + lastColumn, -width, -1)
      case .mirroredUpsideDown: (lastRow, -width, 1)
      case .transposed: (0, 1, width)
      case .turnedClockwise: (lastRow, 1, -width)
      case .transversed: (lastRow + lastColumn, -1, -width)
      case .turnedCounterClockwise: (lastColumn, -1, width)
      }
  }
}
