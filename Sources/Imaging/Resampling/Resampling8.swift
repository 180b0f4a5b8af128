// The passes of `Image.resized` for 8 bits, in 32-bit fixed point, level for level as Pillow takes them.

private let half: Int32 = 1 << Int32(ResampleWeights.fractionBits - 1)

@inline(__always)
private func level(_ sum: Int32) -> UInt8 {
  UInt8(truncatingIfNeeded: max(0, min(255, sum >> Int32(ResampleWeights.fractionBits))))
}

extension UInt8 {
  static func resampledRows(
    of source: [UInt8], width: Int, channels: Int, _ plan: Resampling
  ) -> [UInt8] {
    let rows = source.count / (width * channels)
    let targetStride = plan.targetCount * channels
    return [UInt8](unsafeUninitializedCapacity: rows * targetStride) { target, initializedCount in
      source.withUnsafeBufferPointer { source in
        for part in plan.parts {
          let weights = plan.weights(of: part)
          weights.fixedPoint.withUnsafeBufferPointer { fixedPoint in
            let pass = RowPass(
              source: source.baseAddress!, sourceStride: width * channels,
              target: target.baseAddress! + part.lowerBound * channels, targetStride: targetStride,
              weights: weights, fixedPoint: fixedPoint.baseAddress!)
            if channels == 3 {
              // The last of an odd number of rows is done twice.
              for row in stride(from: 0, to: rows, by: 2) {
                pass.resampleRGB(row, Swift.min(row + 1, rows - 1))
              }
            } else {
              for row in 0..<rows { pass.resample(row, channels: channels) }
            }
          }
        }
      }
      initializedCount = rows * targetStride
    }
  }

  static func resampledColumns(of source: [UInt8], stride: Int, _ plan: Resampling) -> [UInt8] {
    let count = plan.targetCount * stride
    return [UInt8](unsafeUninitializedCapacity: count) { target, initializedCount in
      source.withUnsafeBufferPointer { source in
        // Whole rows are added up, one weight at a time: the inner loop runs over neighbors in
        // memory.
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: stride) { sums in
          for part in plan.parts {
            let weights = plan.weights(of: part)
            let fixedPoint = weights.fixedPoint
            for (index, y) in part.enumerated() {
              sums.initialize(repeating: half)
              for tap in 0..<weights.counts[index] {
                let weight = fixedPoint[index * weights.taps + tap]
                let row = (weights.starts[index] + tap) * stride
                for x in 0..<stride { sums[x] &+= Int32(source[row + x]) &* weight }
              }
              for x in 0..<stride { target[y * stride + x] = level(sums[x]) }
            }
          }
        }
      }
      initializedCount = count
    }
  }
}

private struct RowPass {
  let source: UnsafePointer<UInt8>
  let sourceStride: Int
  /// Where the first row's first pixel of `weights` goes.
  let target: UnsafeMutablePointer<UInt8>
  let targetStride: Int
  let weights: ResampleWeights
  let fixedPoint: UnsafePointer<Int32>

  func resample(_ row: Int, channels: Int) {
    for x in 0..<weights.starts.count {
      let first = source + row * sourceStride + weights.starts[x] * channels
      let weight = fixedPoint + x * weights.taps
      for channel in 0..<channels {
        var sum = half
        for tap in 0..<weights.counts[x] {
          sum &+= Int32(first[tap &* channels &+ channel]) &* weight[tap]
        }
        target[row * targetStride + x * channels + channel] = level(sum)
      }
    }
  }

  /// The common case: each weight is loaded once for the three channels of two rows.
  func resampleRGB(_ firstRow: Int, _ secondRow: Int) {
    let upper = source + firstRow * sourceStride
    let lower = source + secondRow * sourceStride
    for x in 0..<weights.starts.count {
      let weight = fixedPoint + x * weights.taps
      var next = weights.starts[x] * 3
      var (upperRed, upperGreen, upperBlue) = (half, half, half)
      var (lowerRed, lowerGreen, lowerBlue) = (half, half, half)
      for tap in 0..<weights.counts[x] {
        upperRed &+= Int32(upper[next]) &* weight[tap]
        upperGreen &+= Int32(upper[next &+ 1]) &* weight[tap]
        upperBlue &+= Int32(upper[next &+ 2]) &* weight[tap]
        lowerRed &+= Int32(lower[next]) &* weight[tap]
        lowerGreen &+= Int32(lower[next &+ 1]) &* weight[tap]
        lowerBlue &+= Int32(lower[next &+ 2]) &* weight[tap]
        next &+= 3
      }
      let upperTarget = target + firstRow * targetStride + x * 3
      upperTarget[0] = level(upperRed)
      upperTarget[1] = level(upperGreen)
      upperTarget[2] = level(upperBlue)
      let lowerTarget = target + secondRow * targetStride + x * 3
      lowerTarget[0] = level(lowerRed)
      lowerTarget[1] = level(lowerGreen)
      lowerTarget[2] = level(lowerBlue)
    }
  }
}
