// The passes of `Image.resized` for 8 bits, in 32-bit fixed point.

private let half: Int32 = 1 << Int32(ResampleWeights.fractionBits - 1)

@inline(__always)
private func level(_ sum: Int32) -> UInt8 {
  UInt8(truncatingIfNeeded: max(0, min(255, sum >> Int32(ResampleWeights.fractionBits))))
}

/// Each row of `source`, `width` pixels of `channels` samples, weighted to the width of `weights`.
func resampleRows(
  of source: [UInt8], width: Int, channels: Int, _ weights: ResampleWeights
) -> [UInt8] {
  let rows = source.count / (width * channels)
  let targetWidth = weights.starts.count
  let count = rows * targetWidth * channels
  let fixedPoint = weights.fixedPoint
  return [UInt8](unsafeUninitializedCapacity: count) { target, initializedCount in
    source.withUnsafeBufferPointer { source in
      fixedPoint.withUnsafeBufferPointer { fixedPoint in
        let pass = RowPass(source: source, target: target, weights: weights, fixedPoint: fixedPoint)
        for row in 0..<rows {
          let from = row * width * channels
          let to = row * targetWidth * channels
          if channels == 3 {
            pass.resampleThreeChannels(from: from, to: to)
          } else {
            pass.resample(from: from, to: to, channels: channels)
          }
        }
      }
    }
    initializedCount = count
  }
}

private struct RowPass {
  let source: UnsafeBufferPointer<UInt8>
  let target: UnsafeMutableBufferPointer<UInt8>
  let weights: ResampleWeights
  let fixedPoint: UnsafeBufferPointer<Int32>

  func resample(from: Int, to: Int, channels: Int) {
    for x in 0..<weights.starts.count {
      let first = from + weights.starts[x] * channels
      for channel in 0..<channels {
        var sum = half
        for tap in 0..<weights.counts[x] {
          let sample = Int32(source[first + tap * channels + channel])
          sum &+= sample &* fixedPoint[x * weights.taps + tap]
        }
        target[to + x * channels + channel] = level(sum)
      }
    }
  }

  /// The common case, each weight loaded once for the three channels.
  func resampleThreeChannels(from: Int, to: Int) {
    for x in 0..<weights.starts.count {
      var next = from + weights.starts[x] * 3
      var red = half
      var green = half
      var blue = half
      for tap in x * weights.taps..<x * weights.taps + weights.counts[x] {
        let weight = fixedPoint[tap]
        red &+= Int32(source[next]) &* weight
        green &+= Int32(source[next + 1]) &* weight
        blue &+= Int32(source[next + 2]) &* weight
        next += 3
      }
      target[to + x * 3] = level(red)
      target[to + x * 3 + 1] = level(green)
      target[to + x * 3 + 2] = level(blue)
    }
  }
}

/// The rows of `source`, `stride` samples each, weighted to the height of `weights`.
func resampleColumns(of source: [UInt8], stride: Int, _ weights: ResampleWeights) -> [UInt8] {
  let targetHeight = weights.starts.count
  let count = targetHeight * stride
  let fixedPoint = weights.fixedPoint
  return [UInt8](unsafeUninitializedCapacity: count) { target, initializedCount in
    source.withUnsafeBufferPointer { source in
      // Whole rows are added up, one weight at a time: the inner loop runs over neighbours in
      // memory.
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: stride) { sums in
        for y in 0..<targetHeight {
          sums.initialize(repeating: half)
          for tap in 0..<weights.counts[y] {
            let weight = fixedPoint[y * weights.taps + tap]
            let row = (weights.starts[y] + tap) * stride
            for x in 0..<stride { sums[x] &+= Int32(source[row + x]) &* weight }
          }
          for x in 0..<stride { target[y * stride + x] = level(sums[x]) }
        }
      }
    }
    initializedCount = count
  }
}
