import Foundation
import TestSupport
import Testing
import Torch
import Training

@testable import Synthesis

/// Every loss of `--loss` on two scores, worked out by hand.
struct GANLossTests {
  private func settings(_ loss: AdversarialLoss) -> GANLossSettings {
    var settings = GANLossSettings()
    settings.loss = loss
    return settings
  }

  private func scores(_ values: Float...) -> Tensor { Tensor(values, shape: [values.count, 1]) }

  private func discriminator(
    _ settings: GANLossSettings, real: Tensor, fake: Tensor, realLabel: Double = 1,
    fakeLabel: Double = 0
  ) -> Double {
    settings.discriminatorLoss(
      real: real, fake: fake, realLabels: real.filled(with: realLabel),
      fakeLabels: fake.filled(with: fakeLabel)
    ).item
  }

  /// sigmoid(0) = 1/2, sigmoid(ln 3) = 3/4.
  private var logits: Tensor { scores(0, Float(log(3.0))) }

  /// -log D(x) of 1/2 and 3/4, -log(1 - D(G(z))) of 1/2 and 1/4, each averaged.
  @Test(arguments: [AdversarialLoss.vanilla, .saturating]) func crossEntropy(
    _ loss: AdversarialLoss
  ) {
    let expected = (log(2.0) + log(4.0 / 3)) / 2 + (log(2.0) + log(4.0)) / 2
    expectClose(
      discriminator(settings(loss), real: logits, fake: logits), expected, tolerance: 1e-6)
  }

  /// A smoothed label of 0.9 costs 0.9 * -log p + 0.1 * -log(1 - p).
  @Test func smoothedLabels() {
    let onReal = (log(2.0) + 0.9 * log(4.0 / 3) + 0.1 * log(4.0)) / 2
    let onFake = (log(2.0) + log(4.0)) / 2
    expectClose(
      discriminator(settings(.vanilla), real: logits, fake: logits, realLabel: 0.9),
      onReal + onFake, tolerance: 1e-6)
  }

  /// -log D(G(z)).
  @Test func vanillaGenerator() {
    expectClose(
      settings(.vanilla).generatorLoss(fake: logits).item, (log(2.0) + log(4.0 / 3)) / 2,
      tolerance: 1e-6)
  }

  /// log(1 - D(G(z))).
  @Test func saturatingGenerator() {
    expectClose(
      settings(.saturating).generatorLoss(fake: logits).item, (log(0.5) + log(0.25)) / 2,
      tolerance: 1e-6)
  }

  /// a = 0, b = 1, c = 1: ((0.5 - 1)^2 + (-1 - 1)^2) / 4 + (0.5^2 + 1^2) / 4, and the first again for G.
  @Test func leastSquares() {
    let x = scores(0.5, -1)
    expectClose(
      discriminator(settings(.lsgan), real: x, fake: x), 1.0625 + 0.3125, tolerance: 1e-6)
    expectClose(settings(.lsgan).generatorLoss(fake: x).item, 1.0625, tolerance: 1e-6)
  }

  /// a = -1, b = 1, c = 0: fakes cost ((0.5 + 1)^2 + (-1 + 1)^2) / 4 and G (0.5^2 + 1^2) / 4.
  @Test func leastSquaresWithOtherLabels() {
    var settings = settings(.lsgan)
    (settings.lsganA, settings.lsganB, settings.lsganC) = (-1, 1, 0)
    let x = scores(0.5, -1)
    expectClose(discriminator(settings, real: x, fake: x), 1.0625 + 0.5625, tolerance: 1e-6)
    expectClose(settings.generatorLoss(fake: x).item, 0.3125, tolerance: 1e-6)
  }

  /// A label of 0.5 is half-way between a = -1 and b = 3: ((0.5 - 1)^2 + (-1 - 1)^2) / 4 twice.
  @Test func labelsLieBetweenAAndB() {
    var settings = settings(.lsgan)
    (settings.lsganA, settings.lsganB) = (-1, 3)
    let x = scores(0.5, -1)
    expectClose(
      discriminator(settings, real: x, fake: x, realLabel: 0.5, fakeLabel: 0.5), 2.125,
      tolerance: 1e-6)
  }

  /// Means -0.5 of fakes and 2 of real images.
  @Test(arguments: [AdversarialLoss.wgan, .wganGP]) func wasserstein(_ loss: AdversarialLoss) {
    let (real, fake) = (scores(1, 3), scores(0, -1))
    #expect(discriminator(settings(loss), real: real, fake: fake) == -2.5)
    #expect(settings(loss).generatorLoss(fake: fake).item == 0.5)
  }

  /// max(0, 1 - s) of 0.5 and 2 is 0.5 and 0; max(0, 1 + s) of -0.25 and -2 is 0.75 and 0.
  @Test func hinge() {
    let (real, fake) = (scores(0.5, 2), scores(-0.25, -2))
    #expect(discriminator(settings(.hinge), real: real, fake: fake) == 0.25 + 0.375)
    #expect(settings(.hinge).generatorLoss(fake: fake).item == 1.125)
  }

  /// With labels exchanged a score means the opposite: D(-s) of the flipped game is D(s) of the plain one.
  @Test(arguments: [AdversarialLoss.vanilla, .saturating]) func flippedLabels(
    _ loss: AdversarialLoss
  ) {
    var flipped = settings(loss)
    flipped.flipLabels = true
    expectClose(
      flipped.generatorLoss(fake: -logits).item, settings(loss).generatorLoss(fake: logits).item,
      tolerance: 1e-6)
    expectClose(
      discriminator(flipped, real: -logits, fake: -logits, realLabel: 0, fakeLabel: 1),
      discriminator(settings(loss), real: logits, fake: logits), tolerance: 1e-6)
  }

  /// c = 1 is b; flipped it is a, 0: (0.5^2 + 1^2) / 4.
  @Test func flippedLeastSquares() {
    var flipped = settings(.lsgan)
    flipped.flipLabels = true
    expectClose(flipped.generatorLoss(fake: scores(0.5, -1)).item, 0.3125, tolerance: 1e-6)
  }

  /// Gamma 0.5 and lambda 0.1 for losses 1 of real images and 0.3 of fakes: k = 0 + 0.1 (0.5 - 0.3),
  /// M = 1 + |0.5 - 0.3|; then L_D = 1 - 0.02 * 0.5 for fakes that cost 0.5.
  @Test func began() {
    var balance = BEGANBalance(diversity: 0.5, rate: 0.1)
    let (real, fake) = (Tensor.full(1, shape: []), Tensor.full(0.5, shape: []))
    #expect(balance.discriminatorLoss(real: real, fake: fake).item == 1)
    balance.update(real: 1, fake: 0.3)
    expectClose(balance.k, 0.02, tolerance: 1e-12)
    expectClose(balance.convergence(real: 1, fake: 0.3), 1.2, tolerance: 1e-12)
    expectClose(balance.convergence(real: 1, fake: 0.7), 1.2, tolerance: 1e-12)
    expectClose(
      balance.discriminatorLoss(real: real, fake: fake).item, 0.99, tolerance: 1e-7)
  }

  @Test func beganStaysBetweenNoneAndAll() {
    var balance = BEGANBalance(diversity: 0.5, rate: 10)
    balance.update(real: 0, fake: 1)
    #expect(balance.k == 0)
    balance.update(real: 2, fake: 0)
    #expect(balance.k == 1)
  }

  /// Smoothing by 0.1 leaves the best discriminator the entropy of 0.9.
  @Test func aWinnersLoss() {
    var settings = settings(.vanilla)
    #expect(settings.winningDiscriminatorLoss == 0.05)
    settings.labelSmoothing = 0.1
    func entropy(_ p: Double) -> Double { -p * log(p) - (1 - p) * log(1 - p) }
    expectClose(settings.winningDiscriminatorLoss ?? .nan, entropy(0.9) + 0.05, tolerance: 1e-9)
    settings.labelNoise = 0.25
    // Labels are 0.9 or 0: real ones 0.675 on average, fakes 0.225.
    expectClose(
      settings.winningDiscriminatorLoss ?? .nan, entropy(0.675) + entropy(0.225) + 0.05,
      tolerance: 1e-9)
    #expect(self.settings(.wgan).winningDiscriminatorLoss == nil)
  }
}
