extension Image {
  /// The part of `height` rows from `top` and `width` columns from `left`. Traps if it is empty or
  /// reaches outside the image.
  package func cropped(top: Int, left: Int, height: Int, width: Int) -> Image {
    precondition(
      top >= 0 && left >= 0 && height >= 1 && width >= 1
        && height <= self.height - top && width <= self.width - left,
      "a crop of \(height)x\(width) at (\(top), \(left)) from \(self.height)x\(self.width)")
    let cropped: Samples =
      switch samples {
      case .eightBit(let samples): .eightBit(crop(samples, top, left, height, width))
      case .sixteenBit(let samples): .sixteenBit(crop(samples, top, left, height, width))
      }
    return Image(height: height, width: width, channels: channels, samples: cropped)
  }

  private func crop<S: Sample>(
    _ source: [S], _ top: Int, _ left: Int, _ height: Int, _ width: Int
  ) -> [S] {
    let rowCount = width * channels
    return [S](unsafeUninitializedCapacity: height * rowCount) { target, initializedCount in
      source.withUnsafeBufferPointer { source in
        for row in 0..<height {
          let first = ((top + row) * self.width + left) * channels
          (target.baseAddress! + row * rowCount).initialize(
            from: source.baseAddress! + first, count: rowCount)
        }
      }
      initializedCount = height * rowCount
    }
  }

  /// The image with its border mirrored outwards; the border pixels themselves are not repeated, as
  /// in PyTorch's `ReflectionPad2d`. [1 2 3] padded by 2 is [3 2 1 2 3 2 1].
  ///
  /// Padding wider than the image goes on back and forth. Traps if a number is negative.
  package func paddedByReflection(top: Int, left: Int, bottom: Int, right: Int) -> Image {
    precondition(min(top, left, bottom, right) >= 0, "negative padding")
    return picking(
      rows: (-top..<height + bottom).map { reflected($0, count: height) },
      columns: (-left..<width + right).map { reflected($0, count: width) })
  }

  /// The pixels where these rows and columns cross.
  func picking(rows: [Int], columns: [Int]) -> Image {
    let picked: Samples =
      switch samples {
      case .eightBit(let samples): .eightBit(pick(samples, rows, columns))
      case .sixteenBit(let samples): .sixteenBit(pick(samples, rows, columns))
      }
    return Image(height: rows.count, width: columns.count, channels: channels, samples: picked)
  }

  private func pick<S: Sample>(_ source: [S], _ rows: [Int], _ columns: [Int]) -> [S] {
    let channels = channels
    let width = width
    let count = rows.count * columns.count * channels
    return [S](unsafeUninitializedCapacity: count) { target, initializedCount in
      source.withUnsafeBufferPointer { source in
        var next = 0
        for row in rows {
          for column in columns {
            let pixel = (row * width + column) * channels
            for channel in 0..<channels { target[next + channel] = source[pixel + channel] }
            next += channels
          }
        }
      }
      initializedCount = count
    }
  }
}

/// The index in `0..<count` that `index` comes to when it is thrown back at both ends.
private func reflected(_ index: Int, count: Int) -> Int {
  if count == 1 { return 0 }
  let period = 2 * (count - 1)
  let position = ((index % period) + period) % period
  return min(position, period - position)
}
