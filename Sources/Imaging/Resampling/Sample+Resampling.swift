// The passes of `Image.resized` for every kind of sample that has none of its own, in double precision:
// 32-bit fixed point has no room for 16 bits.

extension Sample {
  static func resampledRows(
    of source: [Self], width: Int, channels: Int, _ plan: Resampling
  ) -> [Self] {
    let rows = source.count / (width * channels)
    let targetWidth = plan.targetCount
    let count = rows * targetWidth * channels
    return [Self](unsafeUninitializedCapacity: count) { target, initializedCount in
      source.withUnsafeBufferPointer { source in
        for part in plan.parts {
          let weights = plan.weights(of: part)
          for row in 0..<rows {
            for (index, x) in part.enumerated() {
              let first = (row * width + weights.starts[index]) * channels
              for channel in 0..<channels {
                var sum = 0.0
                for tap in 0..<weights.counts[index] {
                  let sample = source[first + tap * channels + channel].doubleValue
                  sum += sample * weights.values[index * weights.taps + tap]
                }
                target[(row * targetWidth + x) * channels + channel] = Self(nearest: sum)
              }
            }
          }
        }
      }
      initializedCount = count
    }
  }

  static func resampledColumns(
    of source: [Self], stride: Int, _ plan: Resampling
  ) -> [Self] {
    let count = plan.targetCount * stride
    return [Self](unsafeUninitializedCapacity: count) { target, initializedCount in
      source.withUnsafeBufferPointer { source in
        // Whole rows are added up, one weight at a time: the inner loop runs over neighbors in memory.
        withUnsafeTemporaryAllocation(of: Double.self, capacity: stride) { sums in
          for part in plan.parts {
            let weights = plan.weights(of: part)
            for (index, y) in part.enumerated() {
              sums.initialize(repeating: 0)
              for tap in 0..<weights.counts[index] {
                let weight = weights.values[index * weights.taps + tap]
                let row = (weights.starts[index] + tap) * stride
                for x in 0..<stride { sums[x] += source[row + x].doubleValue * weight }
              }
              for x in 0..<stride { target[y * stride + x] = Self(nearest: sums[x]) }
            }
          }
        }
      }
      initializedCount = count
    }
  }
}
