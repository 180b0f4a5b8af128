import Torch

/// The squared maximum mean discrepancy between two sets of features with the kernel (x y / features + 1)^3; on
/// Inception's features it is the KID.
///
/// The estimate is unbiased: its mean over draws is the same for any number of images, and for equal distributions
/// it is 0, so that it can be below. Source: arXiv 1801.01401, sections 4 and 5.
enum KernelDistance {
  /// - Parameters:
  ///   - x: `[images, features]`, float64, of two images or more, and `y` of as many features.
  static func between(_ x: Tensor, _ y: Tensor) -> Double {
    let (m, n) = (Double(x.shape[0]), Double(y.shape[0]))
    precondition(m > 1 && n > 1, "\(m) and \(n) images")
    let features = Double(x.shape[1])
    func kernel(_ products: Tensor) -> Tensor {
      let base = products * (1 / features) + 1
      return base.squared() * base
    }
    /// Between different images of one set.
    func within(_ set: Tensor) -> Double {
      let all = kernel(set.times(set.permuted([1, 0]))).sum().item
      return all - kernel(set.squared().sum(axes: [1])).sum().item
    }
    let between = kernel(x.times(y.permuted([1, 0]))).sum().item
    return within(x) / (m * (m - 1)) + within(y) / (n * (n - 1)) - 2 * between / (m * n)
  }
}
