import Foundation
import Torch
import Training

/// What the two networks of a GAN minimize. Scores are the discriminator's raw outputs s, `[batch, 1]`.
package enum GANLoss: String, Codable, Sendable, CaseIterable {
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
  var hasProbabilities: Bool { self == .vanilla || self == .saturating }
}

extension GANLossSettings {
  /// What the discriminator minimizes, without a gradient penalty, as one float32 number.
  ///
  /// - `vanilla`, `saturating`: mean BCE(sigmoid(s), t) on real images, plus the same on fakes.
  /// - `lsgan`: mean (s - (a + t (b - a)))^2 / 2, the same way: t = 1 is b, t = 0 is a.
  /// - `wgan`, `wgan-gp`: mean s on fakes - mean s on real images.
  /// - `hinge`: mean max(0, 1 - s) on real images + mean max(0, 1 + s) on fakes.
  /// - Parameters:
  ///   - realLabels: t of each real image, `[batch, 1]` in [0, 1]; 1 is real. Losses without labels
  ///     ignore them.
  ///   - fakeLabels: the same for the fakes.
  /// Traps for `began`, whose discriminator has no scores.
  func discriminatorLoss(
    real: Tensor, fake: Tensor, realLabels: Tensor, fakeLabels: Tensor
  ) -> Tensor {
    switch loss {
    case .vanilla, .saturating:
      return real.binaryCrossEntropyWithLogits(realLabels)
        + fake.binaryCrossEntropyWithLogits(fakeLabels)
    case .lsgan:
      func target(_ labels: Tensor) -> Tensor { labels * (lsganB - lsganA) + lsganA }
      return (real.meanSquaredError(target(realLabels)) + fake.meanSquaredError(target(fakeLabels)))
        * 0.5
    case .wgan, .wganGP: return fake.mean() - real.mean()
    case .hinge:
      return (-real + 1).leakyReLU(slope: 0).mean() + (fake + 1).leakyReLU(slope: 0).mean()
    case .began: preconditionFailure("began has reconstructions, not scores")
    }
  }

  /// What the generator minimizes.
  ///
  /// - `vanilla`: mean BCE(sigmoid(s), 1), which is -log D(G(z)).
  /// - `saturating`: -mean BCE(sigmoid(s), 0), which is log(1 - D(G(z))).
  /// - `lsgan`: mean (s - c)^2 / 2.
  /// - `wgan`, `wgan-gp`, `hinge`: -mean s.
  /// With `flipLabels` real and fake change places: 1 and 0, and c is mirrored between a and b.
  /// - Parameter fake: scores of fakes. Traps for `began`.
  func generatorLoss(fake: Tensor) -> Tensor {
    switch loss {
    case .vanilla:
      return fake.binaryCrossEntropyWithLogits(fake.filled(with: flipLabels ? 0 : 1))
    case .saturating:
      return -fake.binaryCrossEntropyWithLogits(fake.filled(with: flipLabels ? 1 : 0))
    case .lsgan:
      let wanted = flipLabels ? lsganA + lsganB - lsganC : lsganC
      return fake.meanSquaredError(fake.filled(with: wanted)) * 0.5
    case .wgan, .wganGP, .hinge: return -fake.mean()
    case .began: preconditionFailure("began has reconstructions, not scores")
    }
  }

  /// Below this the discriminator has won: each of its judgements is right with about 97 %. `nil` for
  /// losses that do not tell.
  ///
  /// Labels that are not 0 or 1 keep the loss of the best discriminator from zero: one that is r on average
  /// costs its entropy, or half its variance times (b - a)^2.
  var winningDiscriminatorLoss: Double? {
    let smooth = 1 - labelSmoothing
    let scale = (lsganB - lsganA) * (lsganB - lsganA)
    switch loss {
    case .vanilla, .saturating:
      return entropy((1 - labelNoise) * smooth) + entropy(labelNoise * smooth) + 0.05
    case .lsgan:
      // A label is `smooth` or 0, with the same variance for real images and for fakes.
      return labelNoise * (1 - labelNoise) * smooth * smooth * scale + 0.01 * scale
    case .hinge: return 0.05
    case .wgan, .wganGP, .began: return nil
    }
  }
}

/// Of a coin that shows heads with probability `p`, in nats.
private func entropy(_ p: Double) -> Double {
  [p, 1 - p].reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
}

/// BEGAN's balance between the two networks. L(v) = mean |v - D(v)| is the loss of the autoencoder.
///
/// Source: arXiv 1703.10717, section 3.4.
struct BEGANBalance: Equatable {
  /// How much the discriminator cares for reconstructing fakes badly; begins at 0, stays in [0, 1].
  private(set) var k = 0.0
  let diversity: Double
  let rate: Double

  /// L_D = L(x) - k L(G(z))
  func discriminatorLoss(real: Tensor, fake: Tensor) -> Tensor { real - fake * k }

  /// k = k + lambda (gamma L(x) - L(G(z)))
  mutating func update(real: Double, fake: Double) {
    k = min(max(k + rate * (diversity * real - fake), 0), 1)
  }

  /// M = L(x) + |gamma L(x) - L(G(z))|, which falls as training converges.
  func convergence(real: Double, fake: Double) -> Double { real + abs(diversity * real - fake) }

  mutating func restore(k: Double) { self.k = min(max(k, 0), 1) }
}
