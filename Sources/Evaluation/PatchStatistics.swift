import Torch
import Training

/// What patches of images say about a set without any network: see `TranslationMeasure`.
enum PatchStatistics {
  /// Of a set at each level; so many patches stay in memory, spread over its images.
  private static let mostPatches = 1 << 13
  /// Of an image, where there are few.
  private static let mostPatchesOfImage = 256

  /// How many patches of each image are kept, of a set of `count` images.
  static func patches(of count: Int) -> Int {
    max(1, min(mostPatchesOfImage, mostPatches / max(count, 1)))
  }

  /// Features of images from the projections of all their patches: at each level the mean of each direction and its
  /// standard deviation.
  ///
  /// - Parameter levels: for each level `[count, patches, directions]`.
  /// - Returns: `[count, 2 * levels * directions]`.
  static func features(_ levels: [Tensor]) -> Tensor {
    let parts = levels.flatMap { level in
      let mean = level.mean(axes: [1])
      return [mean, (level - mean).squared().mean(axes: [1]).squareRoot()].map {
        $0.reshaped([level.shape[0], level.shape[2]])
      }
    }
    return .concatenated(parts, axis: 1)
  }

  /// Features in units of how much the real images differ in each of them, around the real images' mean: random
  /// directions have scales of their own, which mean nothing.
  static func standardized(_ features: Tensor, by real: Tensor) -> Tensor {
    let mean = real.mean(axes: [0])
    let variance = (real - mean).squared().mean(axes: [0])
    // What is the same in all real images gets the scale of what varies on average.
    let typical = variance.mean().item
    return (features - mean) / (variance + max(typical * 1e-3, 1e-12)).squareRoot()
  }

  /// The sliced Wasserstein distance: the mean over levels and directions of the distance between the values of the
  /// same rank. Of the larger set as many values are taken as the smaller has, spread evenly over its ranks.
  ///
  /// - Parameters:
  ///   - x: for each level `[patches, directions]`, and `y` of the same levels.
  static func slicedDistance(_ x: [Tensor], _ y: [Tensor]) -> Double {
    let distances = zip(x, y).map { x, y in
      let count = min(x.shape[0], y.shape[0])
      func ranked(_ values: Tensor) -> Tensor {
        let (sorted, all) = (values.sorted(axis: 0), values.shape[0])
        return all == count
          ? sorted : sorted.rows((0..<count).map { (2 * $0 + 1) * all / (2 * count) })
      }
      return ranked(x).l1Loss(ranked(y)).item
    }
    return distances.reduce(0, +) / Double(distances.count)
  }
}
