import Foundation
import Models
import TestSupport
import Testing
import Torch

@testable import Synthesis

/// The terms of the evidence lower bound, on numbers worked out by hand.
struct AutoencoderLossTests {
  /// (m^2 + v - 1 - log v) / 2 for (1, 1) and (0, 4): 1/2 + (3 - log 4) / 2 = 1.306853; for (0, 1) twice: 0.
  @Test func divergence() throws {
    let code = Autoencoder.Code(
      mean: Tensor([1, 0, 0, 0], shape: [2, 2]),
      logVariance: Tensor([0, Float(log(4.0)), 0, 0], shape: [2, 2]))
    let found = try #require(code.divergence)
    #expect(found.shape == [2])
    expectClose(found.elements, [1.306853, 0], tolerance: 1e-6)
  }

  /// Its slopes are m by the mean, and (v - 1) / 2 by the logarithm of the variance.
  @Test func slopesOfTheDivergence() throws {
    let mean = Tensor([1, -2], shape: [1, 2]).requiringGradient()
    let logVariance = Tensor([0, Float(log(4.0))], shape: [1, 2]).requiringGradient()
    try #require(Autoencoder.Code(mean: mean, logVariance: logVariance).divergence).sum().backward()
    expectClose(try #require(mean.gradient).elements, [1, -2], tolerance: 1e-6)
    expectClose(try #require(logVariance.gradient).elements, [0, 1.5], tolerance: 1e-6)
  }

  /// m + exp(l / 2) e with l = log 4 and e = 3 is m + 6; its slopes are 1 by m, and exp(l / 2) e / 2 = 3 by l.
  @Test func drawsLetGradientsThrough() throws {
    let mean = Tensor([10], shape: [1, 1]).requiringGradient()
    let logVariance = Tensor([Float(log(4.0))], shape: [1, 1]).requiringGradient()
    let drawn = Autoencoder.Code(mean: mean, logVariance: logVariance)
      .drawn(Tensor([3], shape: [1, 1]))
    expectClose(drawn.elements, [16], tolerance: 1e-5)
    drawn.sum().backward()
    expectClose(try #require(mean.gradient).elements, [1], tolerance: 1e-6)
    expectClose(try #require(logVariance.gradient).elements, [3], tolerance: 1e-5)
  }

  /// A plain code is not drawn and diverges from nothing.
  @Test func plainCodes() {
    let code = Autoencoder.Code(mean: Tensor([2], shape: [1, 1]), logVariance: nil)
    #expect(code.drawn(Tensor([5], shape: [1, 1])).elements == [2])
    #expect(code.divergence == nil)
  }

  /// Two images of two values. The logits 0 and log 3 are the probabilities 1/2 and 3/4. White and black cost
  /// log 2 + log 4 = 2.079442; 1/2 and white cost log 2 + log (4/3) = 0.980829.
  @Test func bernoulli() {
    let three = Float(log(3.0))
    let costs = AutoencoderConfiguration.Likelihood.bernoulli.negativeLog(
      of: Tensor([1, 0, 0.5, 1], shape: [2, 1, 1, 2]),
      logits: Tensor([0, three, 0, three], shape: [2, 1, 1, 2]), logDeviation: nil)
    expectClose(costs.elements, [2.079442, 0.980829], tolerance: 1e-6)
  }

  /// A logit of 200 for a black value costs 200, without overflow.
  @Test func bernoulliOfFarLogits() {
    let costs = AutoencoderConfiguration.Likelihood.bernoulli.negativeLog(
      of: Tensor([0], shape: [1, 1, 1, 1]), logits: Tensor([200], shape: [1, 1, 1, 1]),
      logDeviation: nil)
    expectClose(costs.elements, [200], tolerance: 1e-4)
  }

  /// The logit 0 is the mean 1/2. With d = 1/2 the value 3/4 costs (1/4)^2 / (2 d^2) = 1/8, the value 1/2 nothing,
  /// and each of the two log d + log(2 pi) / 2 = -0.693147 + 0.918939: 0.576583 in all.
  @Test func gaussian() {
    let costs = AutoencoderConfiguration.Likelihood.gaussian.negativeLog(
      of: Tensor([0.75, 0.5], shape: [1, 1, 1, 2]), logits: .zeros(shape: [1, 1, 1, 2]),
      logDeviation: Tensor([Float(log(0.5))], shape: [1]))
    expectClose(costs.elements, [0.576583], tolerance: 1e-6)
  }

  /// By the logarithm of d each value slopes by 1 - (x - m)^2 / d^2: with (1/4)^2 / (1/2)^2 = 1/4 and 0, 7/4 in all.
  @Test func slopeOfTheDeviation() throws {
    let logDeviation = Tensor([Float(log(0.5))], shape: [1]).requiringGradient()
    AutoencoderConfiguration.Likelihood.gaussian.negativeLog(
      of: Tensor([0.75, 0.5], shape: [1, 1, 1, 2]), logits: .zeros(shape: [1, 1, 1, 2]),
      logDeviation: logDeviation
    ).sum().backward()
    expectClose(try #require(logDeviation.gradient).elements, [1.75], tolerance: 1e-5)
  }

  /// The mean of 1 and 3 is 2, also e^-1000 and e^1000 times that; a weight of 0 among two halves.
  @Test func logMeanOfImportanceWeights() {
    let three = log(3.0)
    expectClose(logMeanExp([0, three]), log(2), tolerance: 1e-12)
    expectClose(logMeanExp([-1000, -1000 + three]), -1000 + log(2), tolerance: 1e-9)
    expectClose(logMeanExp([1000, 1000 + three]), 1000 + log(2), tolerance: 1e-9)
    expectClose(logMeanExp([-.infinity, 0]), -log(2), tolerance: 1e-12)
    expectClose(logMeanExp([-7]), -7, tolerance: 1e-12)
    #expect(logMeanExp([-.infinity, -.infinity]) == -.infinity)
  }

  /// The mean of 1, 2 and 6 is 3; their variance 7 (of 14 / 2), the standard error sqrt(7 / 3).
  @Test func meansOfImages() {
    let mean = MeanOfImages([1, 2, 6])
    expectClose(mean.mean, 3, tolerance: 1e-12)
    expectClose(mean.error ?? 0, (7.0 / 3).squareRoot(), tolerance: 1e-12)
    #expect(MeanOfImages([4]).error == nil)
  }
}
