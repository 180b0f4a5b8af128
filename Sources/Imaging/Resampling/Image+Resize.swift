extension Image {
  /// The image at another size, antialiased where it shrinks.
  ///
  /// On 8 bits this is Pillow's arithmetic, level for level: weights in 22-bit fixed point, one
  /// pass for each axis, rounded and clamped to 0...255 in between; colors weighted by alpha where
  /// there is one. The pass that goes first is the one Pillow 13 takes first. 16 bits use double
  /// precision in the same passes. Traps if height or width is below 1.
  package func resized(height: Int, width: Int, filter: ResizeFilter = .bicubic) -> Image {
    precondition(height >= 1 && width >= 1, "resizing to \(height)x\(width)")
    if height == self.height && width == self.width { return self }
    if filter == .nearest { return pickedNearest(height: height, width: width) }
    if hasAlpha {
      return premultiplied().resampled(height: height, width: width, filter: filter)
        .unpremultiplied()
    }
    return resampled(height: height, width: width, filter: filter)
  }

  private func resampled(height: Int, width: Int, filter: ResizeFilter) -> Image {
    // Pillow 13 starts with the rows where that leaves clearly fewer pixels for the second pass.
    let rowsLost = self.height - height
    let columnsLost = self.width - width
    if rowsLost > 0 && rowsLost > 2 * columnsLost {
      return resampledHeight(height, filter).resampledWidth(width, filter)
    }
    return resampledWidth(width, filter).resampledHeight(height, filter)
  }

  private func resampledWidth(_ target: Int, _ filter: ResizeFilter) -> Image {
    if target == width { return self }
    let plan = Resampling(sourceCount: width, targetCount: target, filter: filter)
    let resampled: Samples =
      switch samples {
      case .eightBit(let samples):
        .eightBit(resampleRows(of: samples, width: width, channels: channels, plan))
      case .sixteenBit(let samples):
        .sixteenBit(resampleRows(of: samples, width: width, channels: channels, plan))
      }
    return Image(height: height, width: target, channels: channels, samples: resampled)
  }

  private func resampledHeight(_ target: Int, _ filter: ResizeFilter) -> Image {
    if target == height { return self }
    let plan = Resampling(sourceCount: height, targetCount: target, filter: filter)
    let resampled: Samples =
      switch samples {
      case .eightBit(let samples):
        .eightBit(resampleColumns(of: samples, stride: width * channels, plan))
      case .sixteenBit(let samples):
        .sixteenBit(resampleColumns(of: samples, stride: width * channels, plan))
      }
    return Image(height: target, width: width, channels: channels, samples: resampled)
  }

  private func pickedNearest(height: Int, width: Int) -> Image {
    picking(
      rows: nearestIndices(from: self.height, to: height),
      columns: nearestIndices(from: self.width, to: width))
  }
}

/// The source index under the middle of each target pixel. The position is added up step by step,
/// as Pillow does, so that middles which fall between two pixels go to the same side.
private func nearestIndices(from sourceCount: Int, to targetCount: Int) -> [Int] {
  let step = Double(sourceCount) / Double(targetCount)
  var position = step * 0.5
  return (0..<targetCount).map { _ in
    defer { position += step }
    return min(Int(position), sourceCount - 1)
  }
}
