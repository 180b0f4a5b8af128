import Torch

/// The Fréchet distance between two sets of features, each taken as a normal distribution; on Inception's features it
/// is the FID.
///
/// d = |m1 - m2|^2 + tr(S1) + tr(S2) - 2 tr((S1 S2)^(1/2)) with means m and covariances S over count - 1. With
/// S = F^T F the last trace is the sum of the singular values of F1 F2^T: no covariance is made, whose small
/// eigenvalues would be rounding errors. Source: arXiv 1706.08500, equation 6.
struct FrechetDistance {
  /// `[1, features]`
  private let mean: Tensor
  /// F, of at most as many rows as there are features.
  private let factor: Tensor

  /// - Parameter features: `[images, features]`, float64, of two images or more.
  init(_ features: Tensor) {
    let count = features.shape[0]
    precondition(count > 1, "the covariance of \(count) images")
    mean = features.mean(axes: [0])
    let centered = (features - mean) * (1 / Double(count - 1).squareRoot())
    factor = count > features.shape[1] ? centered.triangularFactor() : centered
  }

  func callAsFunction(to other: FrechetDistance) -> Double {
    let means = (mean - other.mean).squared().sum().item
    let traces = factor.squared().sum().item + other.factor.squared().sum().item
    let common = factor.times(other.factor.permuted([1, 0])).singularValues().sum().item
    // Of equal sets nothing but rounding is left, of either sign.
    return max(0, means + traces - 2 * common)
  }

  static func between(_ x: Tensor, _ y: Tensor) -> Double {
    FrechetDistance(x)(to: FrechetDistance(y))
  }

  /// The operations that one distance takes, about.
  static func cost(counts: (Int, Int), features: Int) -> Double {
    let (m, n) = (min(counts.0, features), min(counts.1, features))
    func factoring(_ count: Int) -> Double {
      count > features ? 2 * Double(count) * Double(features) * Double(features) : 0
    }
    // A product of matrices is several times as fast as what makes singular values.
    return factoring(counts.0) + factoring(counts.1)
      + 2 * Double(m) * Double(n) * Double(features) + 16 * Double(m) * Double(n)
      * Double(min(m, n))
  }
}
