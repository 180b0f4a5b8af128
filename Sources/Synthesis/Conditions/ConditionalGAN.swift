import Torch

/// The conditional GAN: both networks are told the class, and the game is the usual one for each.
///
/// min max E log D(x | y) + E log(1 - D(G(z | y) | y)), arXiv 1411.1784, equation 2, or another adversarial loss. The
/// classes of a batch's fakes are those of its real images, so that both have the same distribution.
struct ConditionalGAN: GANCondition {
  func told(_ pass: GANTrainer.Pass, seed: UInt64) -> Tensor? { pass.classes }

  func discriminatorTerms(
    _ pass: GANTrainer.Pass, real: Tensor, fake: Tensor, told: Tensor?, judge: (Tensor) -> Tensor
  ) -> [LossTerm] { [] }
}
