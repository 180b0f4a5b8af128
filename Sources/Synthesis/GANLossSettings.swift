import Foundation
import Torch
import Training

/// The adversarial loss with its constants, and the tricks that change its labels.
package struct GANLossSettings: Codable, Sendable, Equatable {
  package var loss = AdversarialLoss.vanilla
  /// Labels of `lsgan`: of fakes, of real images, and what the generator wants; arXiv 1611.04076.
  package var lsganA = 0.0
  package var lsganB = 1.0
  package var lsganC = 1.0
  /// Largest weight of a `wgan` critic; arXiv 1701.07875.
  package var weightClip = 0.01
  /// Weight of the gradient penalty of `wgan-gp`; lambda in arXiv 1704.00028.
  package var penaltyWeight = 10.0
  /// Gamma of `began`: the wanted ratio of L(G(z)) to L(x); arXiv 1703.10717.
  package var beganDiversity = 0.5
  /// Step size of its k, lambda_k in the paper.
  package var beganRate = 0.001
  /// What the discriminator's label of real images falls short of 1.
  package var labelSmoothing = 0.0
  /// Share of the discriminator's labels that are exchanged, real for fake and fake for real.
  package var labelNoise = 0.0
  /// Real images have the label of fakes, and fakes that of real ones, in both networks' losses.
  package var flipLabels = false
  /// Real images and fakes go through the discriminator in one batch.
  package var jointBatches = false

  package init() {}

  private var squares: AdversarialLoss.Squares {
    AdversarialLoss.Squares(fake: lsganA, real: lsganB, wanted: lsganC)
  }

  /// What the paper of `lsgan` multiplies its squares by; CycleGAN's does not in the generators' loss.
  private func weighted(_ term: Tensor) -> Tensor { loss == .lsgan ? term * 0.5 : term }

  /// What the discriminator minimizes, without a gradient penalty, as one float32 number. Traps for `began`.
  /// - Parameters:
  ///   - real: scores of real images, `[batch, 1]`, and `fake` those of fakes.
  ///   - realLabels: the label of each, from 0 to 1; 1 is real. Losses without labels ignore them.
  func discriminatorLoss(
    real: Tensor, fake: Tensor, realLabels: Tensor, fakeLabels: Tensor
  ) -> Tensor {
    weighted(
      loss.ofDiscriminator(real, areReal: true, labels: realLabels, squares: squares)
        + loss.ofDiscriminator(fake, areReal: false, labels: fakeLabels, squares: squares))
  }

  /// What the generator minimizes, from the scores of fakes. Traps for `began`.
  func generatorLoss(fake: Tensor) -> Tensor {
    weighted(loss.ofGenerator(fake, flipped: flipLabels, squares: squares))
  }

  /// Below this the discriminator has won. `nil` for losses that do not tell.
  ///
  /// Labels that are not 0 or 1 keep the loss of the best discriminator from zero: one that is r on average
  /// costs its entropy, or half its variance times (b - a)^2.
  var winningDiscriminatorLoss: Double? {
    guard let winning = loss.winningDiscriminatorLoss else { return nil }
    let smooth = 1 - labelSmoothing
    switch loss {
    case .lsgan:
      let scale = (lsganB - lsganA) * (lsganB - lsganA)
      // A label is `smooth` or 0, with the same variance for real images and for fakes; the sum is halved.
      return labelNoise * (1 - labelNoise) * smooth * smooth * scale + winning / 2 * scale
    case .vanilla, .saturating:
      return entropy((1 - labelNoise) * smooth) + entropy(labelNoise * smooth) + winning
    default: return winning
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
