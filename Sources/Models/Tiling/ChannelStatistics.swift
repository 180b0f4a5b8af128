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
    let (tileMeans, tileSquares) = tile.channelMoments()
    let added = Double(tile.shape[2] * tile.shape[3])
    let total = count + added
    for channel in means.indices {
      let difference = tileMeans[channel] - means[channel]
      means[channel] += difference * added / total
      squares[channel] += tileSquares[channel] + difference * difference * count * added / total
    }
    count = total
  }

  /// (x - mean) / sqrt(variance + eps), as instance norm has it.
  func normalization(eps: Double) -> ChannelScaling {
    ChannelScaling(
      means: means.map(Float.init),
      scales: squares.map { Float(1 / ($0 / count + eps).squareRoot()) })
  }
}

/// (x - mean) * scale, with a number for each channel, through a leaky ReLU.
struct ChannelScaling {
  let means: [Float]
  let scales: [Float]
  /// Below zero; 1 leaves the ReLU out.
  var slope = 1.0

  func callAsFunction(_ x: Tensor) -> Tensor {
    x.normalized(means: means, scales: scales, slope: slope)
  }
}
