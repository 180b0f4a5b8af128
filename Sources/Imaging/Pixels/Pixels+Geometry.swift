extension Pixels {
  /// The part of `height` rows from `top` and `width` columns from `left`. Traps if it is empty or
  /// reaches outside.
  func cropped(top: Int, left: Int, height: Int, width: Int) -> Pixels {
    precondition(
      top >= 0 && left >= 0 && height >= 1 && width >= 1
        && height <= self.height - top && width <= self.width - left,
      "a crop of \(height)x\(width) at (\(top), \(left)) from \(self.height)x\(self.width)")
    return Pixels(height: height, width: width, channels: channels) { target, stride in
      samples.withUnsafeBufferPointer { source in
        for row in 0..<height {
          let first = ((top + row) * self.width + left) * channels
          (target.baseAddress! + row * stride).initialize(
            from: source.baseAddress! + first, count: stride)
        }
      }
    }
  }

  /// The pixels where these rows and columns cross.
  func picking(rows: [Int], columns: [Int]) -> Pixels {
    let (channels, width) = (channels, width)
    return Pixels(height: rows.count, width: columns.count, channels: channels) { target, _ in
      samples.withUnsafeBufferPointer { source in
        var next = 0
        for row in rows {
          for column in columns {
            let pixel = (row * width + column) * channels
            for channel in 0..<channels { target[next + channel] = source[pixel + channel] }
            next += channels
          }
        }
      }
    }
  }

  /// Upright: `orientation` applied to stored pixels.
  func oriented(by orientation: Orientation) -> Pixels {
    if orientation == .upright { return self }
    let path = ReadingPath(orientation, height: height, width: width)
    let (rows, columns) = orientation.swapsAxes ? (width, height) : (height, width)
    let channels = channels
    return Pixels(height: rows, width: columns, channels: channels) { target, _ in
      samples.withUnsafeBufferPointer { source in
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
