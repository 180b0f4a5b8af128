import Torch

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
