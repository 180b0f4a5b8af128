import Foundation
import TestSupport
import Testing
import Torch
import Training

@testable import Translation

/// Adversarial losses of two scores, worked out by hand.
struct AdversarialLossTests {
  private let scores = Tensor([0.5, -1], shape: [1, 1, 1, 2])

  /// ((0.5 - 1)^2 + (-1 - 1)^2) / 2 and (0.5^2 + 1^2) / 2.
  @Test func leastSquares() {
    let adversary = LossSettings.Adversary.lsgan
    #expect(adversary.loss(scores, .real).item == 2.125)
    #expect(adversary.loss(scores, .fake).item == 0.625)
  }

  /// sigmoid(0) = 1/2 and sigmoid(ln 3) = 3/4: -ln of those for real, of 1/2 and 1/4 for fake.
  @Test func crossEntropy() {
    let adversary = LossSettings.Adversary.vanilla
    let logits = Tensor([0, Float(log(3.0))], shape: [1, 1, 1, 2])
    let (real, fake) = (adversary.loss(logits, .real).item, adversary.loss(logits, .fake).item)
    expectClose(real, (log(2.0) + log(4.0 / 3)) / 2, tolerance: 1e-6)
    expectClose(fake, (log(2.0) + log(4.0)) / 2, tolerance: 1e-6)
  }

  @Test func wasserstein() {
    let adversary = LossSettings.Adversary.wganGP
    #expect(adversary.loss(scores, .real).item == 0.25)
    #expect(adversary.loss(scores, .fake).item == -0.25)
  }

  @Test(arguments: LossSettings.Adversary.allCases)
  func lossesAreFloat32(_ adversary: LossSettings.Adversary) {
    let loss = adversary.loss(scores.converted(to: .bfloat16), .real)
    #expect(loss.dtype == .float32)
    #expect(loss.elementCount == 1)
  }
}

struct GradientPenaltyTests {
  /// D(x) = f(x), pixel by pixel.
  private final class Critic: Module {
    private let f: (Tensor) -> Tensor

    init(_ f: @escaping (Tensor) -> Tensor) { self.f = f }

    func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { f(x) }
  }

  private let quarters = Tensor.full(0.25, shape: [2, 1, 1, 1])

  /// The slope of 0.5 x is 0.5 in each of 3 x 2 x 6 = 36 values, whose norm is 0.5 * 6 = 3 for each
  /// image: (3 - 1)^2.
  @Test func theNormIsOverAllOfAImage() {
    let penalty = gradientPenalty(
      of: Critic { $0 * 0.5 }, real: .zeros(shape: [2, 3, 2, 6]),
      fake: .full(1, shape: [2, 3, 2, 6]),
      weights: quarters)
    expectClose(penalty.item, 4, tolerance: 1e-5)
  }

  /// The slope of x^2 is 2x. From real 1 to fake 3 the points are 1 + 0.25 * 2 = 1.5 and 1 + 1 = 2, the
  /// slopes 3 and 4: ((3 - 1)^2 + (4 - 1)^2) / 2 = 6.5.
  @Test func pointsLieBetweenRealAndFake() {
    let penalty = gradientPenalty(
      of: Critic { $0.squared() }, real: .full(1, shape: [2, 1, 1, 1]),
      fake: .full(3, shape: [2, 1, 1, 1]), weights: Tensor([0.25, 0.5], shape: [2, 1, 1, 1]))
    expectClose(penalty.item, 6.5, tolerance: 1e-5)
  }

  /// D(x) = w x on one pixel: (|w| - 1)^2 has the slope 2 (|w| - 1) sign(w). At w = 0 D has no slope, and 0
  /// is one of |w|'s subgradients.
  @Test(arguments: [(Float(-3), 4.0, Float(-4)), (0, 1, 0)])
  func thePenaltyReachesTheWeights(weight: Float, value: Double, slope: Float) {
    let w = Tensor([weight], shape: [1]).requiringGradient()
    let penalty = gradientPenalty(
      of: Critic { $0 * w }, real: .zeros(shape: [1, 1, 1, 1]),
      fake: .full(1, shape: [1, 1, 1, 1]),
      weights: .full(0.5, shape: [1, 1, 1, 1]))
    penalty.backward()
    expectClose(penalty.item, value, tolerance: 1e-5)
    expectClose(w.gradient?.elements ?? [], [slope], tolerance: 1e-5)
  }
}

struct CycleGANLossesTests {
  private let losses = CycleGANLosses(
    dA: 1, gA: 2, cycleA: 3, identityA: 4, dB: 5, gB: 6, cycleB: 7, identityB: 8)

  /// REFERENCE.md, section 1.6.
  @Test func namesAreInTheReferencesOrder() {
    let names = ["D_A", "G_A", "cycle_A", "idt_A", "D_B", "G_B", "cycle_B", "idt_B"]
    #expect(losses.named.map(\.name) == names)
    #expect(losses.named.map(\.value) == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func theGeneratorsTotalLeavesTheDiscriminatorsOut() {
    #expect(losses.generatorTotal == 2 + 3 + 4 + 6 + 7 + 8)
  }
}
