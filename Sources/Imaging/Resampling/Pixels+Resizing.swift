extension Pixels {
  /// At another size.
  ///
  /// - Parameter weightedByAlpha: whether the last channel is alpha, and colors are weighted by it.
  func resized(
    height: Int, width: Int, filter: ResizeFilter, weightedByAlpha: Bool
  ) -> Pixels {
    if filter == .nearest {
      return picking(
        rows: nearestIndices(from: self.height, to: height),
        columns: nearestIndices(from: self.width, to: width))
    }
    if weightedByAlpha {
      return premultiplied().resampled(height: height, width: width, filter).unpremultiplied()
    }
    return resampled(height: height, width: width, filter)
  }

  private func resampled(height: Int, width: Int, _ filter: ResizeFilter) -> Pixels {
    // Pillow 13 starts with the rows where that leaves clearly fewer pixels for the second pass.
    let rowsLost = self.height - height
    let columnsLost = self.width - width
    if rowsLost > 0 && rowsLost > 2 * columnsLost {
      return resampledHeight(height, filter).resampledWidth(width, filter)
    }
    return resampledWidth(width, filter).resampledHeight(height, filter)
  }

  private func resampledWidth(_ target: Int, _ filter: ResizeFilter) -> Pixels {
    if target == width { return self }
    let plan = Resampling(sourceCount: width, targetCount: target, filter: filter)
    return Pixels(
      height: height, width: target, channels: channels,
      samples: Element.resampledRows(of: samples, width: width, channels: channels, plan))
  }

  private func resampledHeight(_ target: Int, _ filter: ResizeFilter) -> Pixels {
    if target == height { return self }
    let plan = Resampling(sourceCount: height, targetCount: target, filter: filter)
    return Pixels(
      height: target, width: width, channels: channels,
      samples: Element.resampledColumns(of: samples, stride: width * channels, plan))
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
