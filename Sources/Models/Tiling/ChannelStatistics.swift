import Torch

/// Mean and variance of every channel of a map, gathered tile by tile.
///
/// Each tile's own are computed first, and joined in double precision, so that nothing is lost in sums over
/// millions of pixels. Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for
/// computing sample variances" (1979), equations 2.1.
struct ChannelStatistics {
  private var count = 0.0
  private var means: [Double]
  /// Sums of the squared differences from the mean.
  private var squares: [Double]

  init(channels: Int) {
    means = Array(repeating: 0, count: channels)
    squares = means
  }

  /// Takes a tile `[1, channels, height, width]` in.
  mutating func add(_ tile: Tensor) {
    let values = tile.converted(to: .float32)
    let mean = values.mean(axes: [2, 3])
    let variance = (values - mean).squared().mean(axes: [2, 3])
    let added = Double(tile.shape[2] * tile.shape[3])
    let total = count + added
    for (channel, (mean, variance)) in zip(mean.elements, variance.elements).enumerated() {
      let difference = Double(mean) - means[channel]
      means[channel] += difference * added / total
      squares[channel] +=
        Double(variance) * added + difference * difference * count * added / total
    }
    count = total
  }

  /// (x - mean) / sqrt(variance + eps), as instance norm has it.
  func normalization(eps: Double, on device: Device) -> ChannelScaling {
    ChannelScaling(
      means: means, scales: squares.map { 1 / ($0 / count + eps).squareRoot() }, shifts: nil,
      on: device)
  }
}

/// (x - mean) * scale + shift, with a number for each channel.
struct ChannelScaling {
  private let mean: Tensor
  private let scale: Tensor
  private let shift: Tensor?

  init(means: [Double], scales: [Double], shifts: [Double]?, on device: Device) {
    func tensor(_ values: [Double]) -> Tensor {
      Tensor(values.map(Float.init), shape: [1, values.count, 1, 1]).moved(to: device)
    }
    mean = tensor(means)
    scale = tensor(scales)
    shift = shifts.map(tensor)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let scaled = (x - mean) * scale
    return shift.map { scaled + $0 } ?? scaled
  }
}
