import Foundation
import TestSupport
import Testing
import Torch

/// Operators on numbers that can be worked out by hand.
struct ArithmeticTests {
  private let a = Tensor([1, -2, 3, 0.5], shape: [2, 2])
  private let b = Tensor([2, 4, -1, 0.25], shape: [2, 2])

  @Test func elementByElement() {
    #expect((a + b).elements == [3, 2, 2, 0.75])
    #expect((a - b).elements == [-1, -6, 4, 0.25])
    #expect((a * b).elements == [2, -8, -3, 0.125])
    #expect((a / b).elements == [0.5, -0.5, -3, 2])
    #expect((a + 1).elements == [2, -1, 4, 1.5])
    #expect((a - 1).elements == [0, -3, 2, -0.5])
    #expect((a * -2).elements == [-2, 4, -6, -1])
    #expect((-a).elements == [-1, 2, -3, -0.5])
    #expect(a.absolute().elements == [1, 2, 3, 0.5])
    #expect(a.squared().elements == [1, 4, 9, 0.25])
    #expect(b.absolute().squareRoot().elements[1...] == [2, 1, 0.5])
    #expect(a.clamped(to: -1...2).elements == [1, -1, 2, 0.5])
  }

  @Test func sizesOfOneBroadcast() {
    let column = Tensor([10, 20], shape: [2, 1])
    #expect((a + column).elements == [11, 8, 23, 20.5])
  }

  @Test func halvesRoundToTheEvenInteger() {
    let halves = Tensor([0.5, 1.5, 2.5, -1.5, 0.51], shape: [5])
    #expect(halves.rounded().elements == [0, 2, 2, -2, 1])
  }

  /// tanh(ln 2) = (2 - 1/2) / (2 + 1/2) = 0.6.
  @Test func tanhOfTheLogarithmOfTwo() {
    let x = Tensor([Float(log(2.0)), 0, Float(-log(2.0))], shape: [3])
    expectClose(x.tanh().elements, [0.6, 0, -0.6], tolerance: 1e-6)
  }

  /// exp(ln 2) = 2, exp(-ln 2) = 1/2.
  @Test func exponentialOfTheLogarithmOfTwo() {
    let x = Tensor([Float(log(2.0)), 0, Float(-log(2.0))], shape: [3])
    expectClose(x.exponential().elements, [2, 1, 0.5], tolerance: 1e-6)
  }

  @Test func leakyReLUScalesOnlyNegatives() {
    #expect(a.leakyReLU(slope: 0.5).elements == [1, -1, 3, 0.5])
    #expect(a.leakyReLU(slope: 0).elements == [1, 0, 3, 0.5])
  }

  @Test func reductionsKeepTheirAxes() {
    let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(x.sum().item == 21)
    #expect(x.mean().item == 3.5)
    #expect(x.sum().shape == [])
    #expect(x.sum(axes: [0]).shape == [1, 3])
    #expect(x.sum(axes: [0]).elements == [5, 7, 9])
    #expect(x.mean(axes: [1]).shape == [2, 1])
    #expect(x.mean(axes: [1]).elements == [2, 5])
  }
}

struct LossTests {
  private let scores = Tensor([0.5, -1], shape: [2])

  /// ((0.5 - 1)^2 + (-1 - 1)^2) / 2 = (0.25 + 4) / 2.
  @Test func meanSquaredErrorAgainstOne() {
    #expect(scores.meanSquaredError(scores.filled(with: 1)).item == 2.125)
  }

  /// (|0.5 - 1| + |-1 - 1|) / 2.
  @Test func l1LossAgainstOne() {
    #expect(scores.l1Loss(scores.filled(with: 1)).item == 1.25)
  }

  /// sigmoid(0) = 1/2 against 1 costs ln 2; sigmoid(ln 3) = 3/4 against 0 costs -ln(1/4) = 2 ln 2.
  @Test func crossEntropyOfHalfAndThreeQuarters() {
    let logits = Tensor([0, Float(log(3.0))], shape: [2])
    let targets = Tensor([1, 0], shape: [2])
    let loss = logits.binaryCrossEntropyWithLogits(targets).item
    expectClose(loss, 1.5 * log(2.0), tolerance: 1e-6)
  }

  /// The same of each, and of sigmoid(ln 3) = 3/4 against 1/2, which costs -(ln(3/4) + ln(1/4)) / 2 = 0.836988.
  @Test func binaryCrossEntropies() {
    let three = Float(log(3.0))
    let costs = Tensor([0, three, three], shape: [3])
      .binaryCrossEntropiesWithLogits(Tensor([1, 0, 0.5], shape: [3]))
    expectClose(costs.elements, [0.693147, 1.386294, 0.836988], tolerance: 1e-6)
  }

  /// -ln(sigmoid(-1000)) = 1000, though sigmoid(-1000) is 0 in float32.
  @Test func crossEntropyDoesNotOverflow() {
    let logits = Tensor([-1000, 1000], shape: [2])
    let loss = logits.binaryCrossEntropyWithLogits(logits.filled(with: 1)).item
    #expect(loss == 500)
  }
}
