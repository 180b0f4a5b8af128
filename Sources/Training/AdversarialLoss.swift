import Torch

/// What the two sides of an adversarial training minimize. Scores are a discriminator's raw outputs s: one for
/// each image, or for each patch of an image.
package enum AdversarialLoss: String, Codable, Sendable, CaseIterable {
  /// log D(G(z)) maximized in place of log(1 - D(G(z))) minimized; arXiv 1406.2661, section 3.
  case vanilla
  /// The minimax game itself; arXiv 1406.2661, equation 1.
  case saturating
  /// Least squares; arXiv 1611.04076, equation 9.
  case lsgan
  /// Wasserstein with clipped weights; arXiv 1701.07875, algorithm 1.
  case wgan
  /// Wasserstein with a gradient penalty; arXiv 1704.00028, algorithm 1.
  case wganGP = "wgan-gp"
  /// arXiv 1705.02894, section 3.1.
  case hinge
  /// The discriminator is an autoencoder; arXiv 1703.10717.
  case began

  /// Whether the discriminator's targets are labels, which can be smoothed, noisy or exchanged.
  package var hasLabels: Bool { self == .vanilla || self == .saturating || self == .lsgan }

  /// Whether sigmoid(score) is the probability of a real image.
  package var hasProbabilities: Bool { self == .vanilla || self == .saturating }

  /// The sum of the losses on real images and on fakes below which a discriminator has won: each of its judgements is
  /// right with about 97 %, or within a tenth of its label. `nil` for losses that do not tell.
  package var winningDiscriminatorLoss: Double? {
    switch self {
    case .vanilla, .saturating, .hinge: 0.05
    case .lsgan: 0.02
    case .wgan, .wganGP, .began: nil
    }
  }

  /// What `lsgan` wants scores to be: of fakes, of real images, and of fakes in the generator's view; a, b
  /// and c in arXiv 1611.04076.
  package struct Squares: Sendable {
    package var fake: Double
    package var real: Double
    package var wanted: Double

    package init(fake: Double = 0, real: Double = 1, wanted: Double = 1) {
      self.fake = fake
      self.real = real
      self.wanted = wanted
    }
  }

  /// The discriminator's loss on real images or on fakes, without a gradient penalty, as one float32 number.
  /// Users add both, and halve the sum where their paper or reference does.
  ///
  /// - `vanilla`, `saturating`: mean BCE(sigmoid(s), t).
  /// - `lsgan`: mean (s - (a + t (b - a)))^2: t = 1 is b, t = 0 is a.
  /// - `wgan`, `wgan-gp`: -mean s on real images, mean s on fakes.
  /// - `hinge`: mean max(0, 1 - s) on real images, mean max(0, 1 + s) on fakes.
  /// - Parameters:
  ///   - scores: of any shape, float32.
  ///   - labels: t in [0, 1], in the scores' shape; `nil` for 1 on real images and 0 on fakes. Losses without
  ///     labels ignore them.
  /// Traps for `began`, whose discriminator has no scores.
  package func ofDiscriminator(
    _ scores: Tensor, areReal: Bool, labels: Tensor? = nil, squares: Squares = Squares()
  ) -> Tensor {
    let labels = labels ?? scores.filled(with: areReal ? 1 : 0)
    switch self {
    case .vanilla, .saturating: return scores.binaryCrossEntropyWithLogits(labels)
    case .lsgan:
      return scores.meanSquaredError(labels * (squares.real - squares.fake) + squares.fake)
    case .wgan, .wganGP: return areReal ? -scores.mean() : scores.mean()
    case .hinge: return ((areReal ? -scores : scores) + 1).leakyReLU(slope: 0).mean()
    case .began: preconditionFailure("began has reconstructions, not scores")
    }
  }

  /// The generator's loss, as one float32 number.
  ///
  /// - `vanilla`: mean BCE(sigmoid(s), 1), which is -log D(G(z)).
  /// - `saturating`: -mean BCE(sigmoid(s), 0), which is log(1 - D(G(z))).
  /// - `lsgan`: mean (s - c)^2.
  /// - `wgan`, `wgan-gp`, `hinge`: -mean s.
  /// - Parameters:
  ///   - scores: of fakes, of any shape, float32.
  ///   - flipped: real and fake have changed places: 1 and 0, and c is mirrored between a and b.
  /// Traps for `began`.
  package func ofGenerator(
    _ scores: Tensor, flipped: Bool = false, squares: Squares = Squares()
  ) -> Tensor {
    switch self {
    case .vanilla:
      return scores.binaryCrossEntropyWithLogits(scores.filled(with: flipped ? 0 : 1))
    case .saturating:
      return -scores.binaryCrossEntropyWithLogits(scores.filled(with: flipped ? 1 : 0))
    case .lsgan:
      let wanted = flipped ? squares.fake + squares.real - squares.wanted : squares.wanted
      return scores.meanSquaredError(scores.filled(with: wanted))
    case .wgan, .wganGP, .hinge: return -scores.mean()
    case .began: preconditionFailure("began has reconstructions, not scores")
    }
  }

  /// Mean of (|dD/dx| - 1)^2 at points x between real and fake images; what keeps a Wasserstein critic's
  /// slope near 1. The reference names it and never applies it.
  ///
  /// D(x) is the sum of an image's scores; the norm is over all its channels and pixels. Where it is 0,
  /// the penalty is 1 and pulls in no direction.
  /// Source: arXiv 1704.00028, equation 3.
  /// - Parameters:
  ///   - discriminator: the scores of images, in training.
  ///   - real: `[batch, channel, height, width]`, and `fake` the same.
  ///   - weights: `[batch, 1, 1, 1]`, uniform on [0, 1): x = real + weight * (fake - real).
  package static func gradientPenalty(
    of discriminator: (Tensor) -> Tensor, real: Tensor, fake: Tensor, weights: Tensor
  ) -> Tensor {
    let slope = slope(of: discriminator, real: real, fake: fake, weights: weights)
    // The root's derivative at 0 is infinite, and times 0 it is not a number; what is clamped has none.
    let norm = slope.squared().sum(axes: [1, 2, 3]).clamped(to: 1e-30 ... .infinity).squareRoot()
    return (norm - 1).squared().mean()
  }

  /// Mean of |dD/dx|^2 at points x between real and fake images: it keeps a discriminator from becoming steep, and
  /// vanishes where it has nothing left to say. D(x), the norm and the arguments are those of `gradientPenalty`.
  /// Source: arXiv 1902.03984, equation 8; with CycleGAN and least squares in arXiv 2303.16280, section 3.3.
  package static func zeroCenteredPenalty(
    of discriminator: (Tensor) -> Tensor, real: Tensor, fake: Tensor, weights: Tensor
  ) -> Tensor {
    slope(of: discriminator, real: real, fake: fake, weights: weights)
      .squared().sum(axes: [1, 2, 3]).mean()
  }

  /// dD/dx at real + weight * (fake - real), itself differentiable.
  private static func slope(
    of discriminator: (Tensor) -> Tensor, real: Tensor, fake: Tensor, weights: Tensor
  ) -> Tensor {
    let between = (real + weights * (fake - real)).requiringGradient()
    return discriminator(between).gradient(of: between, createGraph: true)
  }
}
