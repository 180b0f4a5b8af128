import Torch

/// The semi-supervised GAN: the discriminator names one of K classes or says that an image is a fake, and learns the
/// classes of few images with labels and what images look like of many without.
///
/// With K raw numbers l, and 0 for a fake, D(x) = Z / (Z + 1) for Z = sum exp l: the score of being real is log Z. The
/// discriminator minimizes the cross entropy of images with labels and the usual loss of real images and fakes; the
/// generator the squared distance between the mean features of both. Sources: arXiv 1606.01583; arXiv 1606.03498,
/// sections 3.1 and 5.
struct SemiSupervised: GANCondition {
  func scores(_ outputs: Tensor) -> Tensor { outputs.logSumExp(axis: 1) }

  func discriminatorTerms(
    _ pass: GANTrainer.Pass, real: Tensor, fake: Tensor, told: Tensor?, judge: (Tensor) -> Tensor
  ) -> [LossTerm] {
    guard let labeled = pass.labeled else { return [] }
    return [
      LossTerm(
        name: "class(x)", value: judge(labeled.images).crossEntropyWithLogits(labeled.classes))
    ]
  }

  var matchesFeatures: Bool { true }

  /// |mean f(x) - mean f(G(z))|^2, summed over the features.
  /// - Parameters:
  ///   - real: features `[batch, ...]` of real images, and `fake` those of fakes.
  static func distance(real: Tensor, fake: Tensor) -> Tensor {
    (fake.mean(axes: [0]) - real.mean(axes: [0])).squared().sum()
  }
}
