import Torch
import Training

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
