import Foundation
import TestSupport
import Testing
import Torch
import Training

/// Adversarial losses of two scores, worked out by hand.
struct AdversarialLossTests {
  private let scores = Tensor([0.5, -1], shape: [1, 1, 1, 2])

  private func onReal(_ loss: AdversarialLoss, _ scores: Tensor) -> Double {
    loss.ofDiscriminator(scores, areReal: true).item
  }

  private func onFake(_ loss: AdversarialLoss, _ scores: Tensor) -> Double {
    loss.ofDiscriminator(scores, areReal: false).item
  }

  /// ((0.5 - 1)^2 + (-1 - 1)^2) / 2 and (0.5^2 + 1^2) / 2.
  @Test func leastSquares() {
    #expect(onReal(.lsgan, scores) == 2.125)
    #expect(onFake(.lsgan, scores) == 0.625)
    #expect(AdversarialLoss.lsgan.ofGenerator(scores).item == 2.125)
  }

  /// sigmoid(0) = 1/2 and sigmoid(ln 3) = 3/4: -ln of those for real, of 1/2 and 1/4 for fake.
  @Test func crossEntropy() {
    let logits = Tensor([0, Float(log(3.0))], shape: [1, 1, 1, 2])
    expectClose(onReal(.vanilla, logits), (log(2.0) + log(4.0 / 3)) / 2, tolerance: 1e-6)
    expectClose(onFake(.vanilla, logits), (log(2.0) + log(4.0)) / 2, tolerance: 1e-6)
  }

  @Test func wasserstein() {
    #expect(onReal(.wganGP, scores) == 0.25)
    #expect(onFake(.wganGP, scores) == -0.25)
    #expect(AdversarialLoss.wganGP.ofGenerator(scores).item == 0.25)
  }

  /// max(0, 1 - s) is 0.5 and 2, max(0, 1 + s) is 1.5 and 0.
  @Test func hinge() {
    #expect(onReal(.hinge, scores) == 1.25)
    #expect(onFake(.hinge, scores) == 0.75)
    #expect(AdversarialLoss.hinge.ofGenerator(scores).item == 0.25)
  }
}

struct GradientPenaltyTests {
  private let quarters = Tensor.full(0.25, shape: [2, 1, 1, 1])

  /// The slope of 0.5 x is 0.5 in each of 3 x 2 x 6 = 36 values, whose norm is 0.5 * 6 = 3 for each
  /// image: (3 - 1)^2.
  @Test func theNormIsOverAllOfAImage() {
    let penalty = AdversarialLoss.gradientPenalty(
      of: { $0 * 0.5 }, real: .zeros(shape: [2, 3, 2, 6]),
      fake: .full(1, shape: [2, 3, 2, 6]),
      weights: quarters)
    expectClose(penalty.item, 4, tolerance: 1e-5)
  }

  /// The slope of x^2 is 2x. From real 1 to fake 3 the points are 1 + 0.25 * 2 = 1.5 and 1 + 1 = 2, the
  /// slopes 3 and 4: ((3 - 1)^2 + (4 - 1)^2) / 2 = 6.5.
  @Test func pointsLieBetweenRealAndFake() {
    let penalty = AdversarialLoss.gradientPenalty(
      of: { $0.squared() }, real: .full(1, shape: [2, 1, 1, 1]),
      fake: .full(3, shape: [2, 1, 1, 1]), weights: Tensor([0.25, 0.5], shape: [2, 1, 1, 1]))
    expectClose(penalty.item, 6.5, tolerance: 1e-5)
  }

  /// D(x) = w x on one pixel: (|w| - 1)^2 has the slope 2 (|w| - 1) sign(w). At w = 0 D has no slope, and 0
  /// is one of |w|'s subgradients.
  @Test(arguments: [(Float(-3), 4.0, Float(-4)), (0, 1, 0)])
  func thePenaltyReachesTheWeights(weight: Float, value: Double, slope: Float) {
    let w = Tensor([weight], shape: [1]).requiringGradient()
    let penalty = AdversarialLoss.gradientPenalty(
      of: { $0 * w }, real: .zeros(shape: [1, 1, 1, 1]),
      fake: .full(1, shape: [1, 1, 1, 1]),
      weights: .full(0.5, shape: [1, 1, 1, 1]))
    penalty.backward()
    expectClose(penalty.item, value, tolerance: 1e-5)
    expectClose(w.gradient?.elements ?? [], [slope], tolerance: 1e-5)
  }

  /// The slope of x^2 is 2x: at the points 1.5 and 2 it is 3 and 4, and the mean of their squares 12.5.
  @Test func theZeroCenteredPenalty() {
    let penalty = AdversarialLoss.zeroCenteredPenalty(
      of: { $0.squared() }, real: .full(1, shape: [2, 1, 1, 1]),
      fake: .full(3, shape: [2, 1, 1, 1]), weights: Tensor([0.25, 0.5], shape: [2, 1, 1, 1]))
    expectClose(penalty.item, 12.5, tolerance: 1e-5)
    // 36 slopes of 1/2 in each image.
    let large = AdversarialLoss.zeroCenteredPenalty(
      of: { $0 * 0.5 }, real: .zeros(shape: [2, 3, 2, 6]),
      fake: .full(1, shape: [2, 3, 2, 6]), weights: quarters)
    expectClose(large.item, 9, tolerance: 1e-5)
  }

  /// D(x) = w x: w^2 has the slope 2 w.
  @Test func theZeroCenteredPenaltyReachesTheWeights() {
    let w = Tensor([-3], shape: [1]).requiringGradient()
    AdversarialLoss.zeroCenteredPenalty(
      of: { $0 * w }, real: .zeros(shape: [1, 1, 1, 1]),
      fake: .full(1, shape: [1, 1, 1, 1]), weights: .full(0.5, shape: [1, 1, 1, 1])
    ).backward()
    expectClose(w.gradient?.elements ?? [], [-6], tolerance: 1e-5)
  }
}
