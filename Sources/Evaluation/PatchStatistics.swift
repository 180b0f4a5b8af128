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

  /// Features with a root mean square of 1 over the real images in each part: levels and deviations have scales of
  /// their own, of which the largest would be all that counts.
  ///
  /// - Parameter parts: of the features, each of as many.
  static func scaled(_ features: Tensor, by real: Tensor, parts: Int) -> Tensor {
    func divided(_ set: Tensor) -> Tensor { set.reshaped([set.shape[0], parts, -1]) }
    let squares = divided(real).squared().mean(axes: [0, 2]).clamped(to: 1e-20 ... .infinity)
    return (divided(features) / squares.squareRoot()).reshaped(features.shape)
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
