// The passes of `Image.resized` for 16 bits, in double precision: 32-bit fixed point has no room
// for them.

@inline(__always)
private func level(_ sum: Double) -> UInt16 {
  UInt16(max(0, min(65535, sum.rounded(.toNearestOrAwayFromZero))))
}

/// Each row of `source`, `width` pixels of `channels` samples, weighted to the width of `plan`.
func resampleRows(
  of source: [UInt16], width: Int, channels: Int, _ plan: Resampling
) -> [UInt16] {
  let rows = source.count / (width * channels)
  let targetWidth = plan.targetCount
  let count = rows * targetWidth * channels
  return [UInt16](unsafeUninitializedCapacity: count) { target, initializedCount in
    source.withUnsafeBufferPointer { source in
      for part in plan.parts {
        let weights = plan.weights(of: part)
        for row in 0..<rows {
          for (index, x) in part.enumerated() {
            let first = (row * width + weights.starts[index]) * channels
            for channel in 0..<channels {
              var sum = 0.0
              for tap in 0..<weights.counts[index] {
                let sample = Double(source[first + tap * channels + channel])
                sum += sample * weights.values[index * weights.taps + tap]
              }
              target[(row * targetWidth + x) * channels + channel] = level(sum)
            }
          }
        }
      }
    }
    initializedCount = count
  }
}

/// The rows of `source`, `stride` samples each, weighted to the height of `plan`.
func resampleColumns(of source: [UInt16], stride: Int, _ plan: Resampling) -> [UInt16] {
  let count = plan.targetCount * stride
  return [UInt16](unsafeUninitializedCapacity: count) { target, initializedCount in
    source.withUnsafeBufferPointer { source in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: stride) { sums in
        for part in plan.parts {
          let weights = plan.weights(of: part)
          for (index, y) in part.enumerated() {
            sums.initialize(repeating: 0)
            for tap in 0..<weights.counts[index] {
              let weight = weights.values[index * weights.taps + tap]
              let row = (weights.starts[index] + tap) * stride
              for x in 0..<stride { sums[x] += Double(source[row + x]) * weight }
            }
            for x in 0..<stride { target[y * stride + x] = level(sums[x]) }
          }
        }
      }
    }
    initializedCount = count
  }
}
