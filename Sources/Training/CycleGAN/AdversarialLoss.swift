import Torch

/// What a discriminator's scores are measured against.
package enum AdversarialTarget: Sendable {
  case real, fake
}

extension LossSettings.Adversary {
  /// How far raw scores are from those of real or fake images, as one float32 number.
  ///
  /// - `lsgan`: mean((score - t)^2) with t = 1 for real and 0 for fake. Source: arXiv 1611.04076.
  /// - `vanilla`: mean binary cross entropy of sigmoid(score) against t. Source: arXiv 1406.2661.
  /// - `wgan-gp`: -mean(score) for real, mean(score) for fake. Source: arXiv 1704.00028.
  /// - Parameter scores: `[batch, 1, height, width]`, one for each patch.
  package func loss(_ scores: Tensor, _ target: AdversarialTarget) -> Tensor {
    let scores = scores.converted(to: .float32)
    let label = scores.filled(with: target == .real ? 1 : 0)
    switch self {
    case .lsgan: return scores.meanSquaredError(label)
    case .vanilla: return scores.binaryCrossEntropyWithLogits(label)
    case .wganGP: return target == .real ? -scores.mean() : scores.mean()
    }
  }
}

/// Mean of (|dD/dx| - 1)^2 at points x between real and fake images; what keeps a Wasserstein critic's
/// slope near 1. The reference names it and never applies it.
///
/// D(x) is the sum of an image's scores; the norm is over all its channels and pixels. Where it is 0,
/// the penalty is 1 and pulls in no direction.
/// Source: arXiv 1704.00028, equation 3.
/// - Parameters:
///   - real: `[batch, channel, height, width]`, and `fake` the same.
///   - weights: `[batch, 1, 1, 1]`, uniform on [0, 1): x = real + weight * (fake - real).
package func gradientPenalty(
  of discriminator: any Module, real: Tensor, fake: Tensor, weights: Tensor
) -> Tensor {
  let between = (real + weights * (fake - real)).requiringGradient()
  let scores = discriminator(between, .training)
  let slope = scores.gradient(of: between, createGraph: true)
  // The root's derivative at 0 has no end, and times 0 is no number; what is clamped has none.
  let norm = slope.squared().sum(axes: [1, 2, 3]).clamped(to: 1e-30 ... .infinity).squareRoot()
  return (norm - 1).squared().mean()
}
