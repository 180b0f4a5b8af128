import Torch

/// How well a set of made images covers a set of real ones, and the other way round, in balls around each image that
/// reach to its k-th nearest neighbor in its own set.
///
/// Precision is the part of the made images that lie in the ball of a real one, recall the part of the real ones that
/// lie in the ball of a made one. Density counts the balls of real images that a made one lies in, divided by k;
/// coverage is the part of the real images in whose ball a made one lies.
/// Sources: arXiv 1904.06991, section 3 (precision, recall); arXiv 2002.09797, equations 1 and 2 (density, coverage).
struct NeighborMeasures {
  let precision: Estimate
  let recall: Estimate
  let density: Estimate
  let coverage: Estimate

  static let neighbors = 5
  /// Distances that are in memory at one time.
  private static let mostDistances = 1 << 22

  /// - Parameters:
  ///   - made: `[images, features]`, float64, of more than k images, and `real` of as many features.
  init(made: Tensor, real: Tensor, neighbors: Int = Self.neighbors) {
    let (madeRadii, realRadii) = (
      Self.radii(made, neighbors), Self.radii(real, neighbors).reshaped([1, -1])
    )
    var (precise, counts): ([Double], [Double]) = ([], [])
    Self.forEachBlock(made, real) { distances, _ in
      let balls = distances.isLess(than: realRadii).sum(axes: [1])
      counts += (balls * (1 / Double(neighbors))).doubles
      precise += balls.clamped(to: 0...1).doubles
    }
    var (recalled, covered): ([Double], [Double]) = ([], [])
    Self.forEachBlock(real, made) { distances, rows in
      let within = distances.isLess(than: madeRadii.reshaped([1, -1]))
      recalled += within.sum(axes: [1]).clamped(to: 0...1).doubles
      let own = realRadii.narrowed(axis: 1, rows).reshaped([-1, 1])
      covered += distances.isLess(than: own).sum(axes: [1]).clamped(to: 0...1).doubles
    }
    precision = Estimate(meanOf: precise)
    recall = Estimate(meanOf: recalled)
    density = Estimate(meanOf: counts)
    coverage = Estimate(meanOf: covered)
  }

  /// The squared distance of each image to its k-th nearest neighbor in the set.
  private static func radii(_ set: Tensor, _ k: Int) -> Tensor {
    var parts: [Tensor] = []
    forEachBlock(set, set) { distances, _ in
      // The nearest is the image itself.
      parts.append(distances.sorted(axis: 1).narrowed(axis: 1, k..<k + 1))
    }
    return .concatenated(parts, axis: 0)
  }

  /// Squared distances of some rows of `x`, in order, to all of `y`.
  private static func forEachBlock(
    _ x: Tensor, _ y: Tensor, _ body: (Tensor, Range<Int>) -> Void
  ) {
    let squaresY = y.squared().sum(axes: [1]).reshaped([1, -1])
    let transposed = y.permuted([1, 0])
    let step = max(1, mostDistances / y.shape[0])
    for first in stride(from: 0, to: x.shape[0], by: step) {
      let rows = first..<min(first + step, x.shape[0])
      let some = x.narrowed(axis: 0, rows)
      let squares = some.squared().sum(axes: [1]) + squaresY
      let distances = squares - some.times(transposed) * 2
      // What is left of the difference of equal images is rounding, and is to be no distance.
      let isDifferent = (squares * 1e-12).isLess(than: distances)
      body(distances * isDifferent, rows)
    }
  }
}
