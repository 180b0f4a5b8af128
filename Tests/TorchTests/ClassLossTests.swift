import Foundation
import TestSupport
import Testing
import Torch

/// What networks that name classes are made of.
struct ClassLossTests {
  /// log(1 + 3) = log 4; without overflow, log(2 exp(1000)) = 1000 + log 2.
  @Test func logSumExp() {
    let x = Tensor([0, Float(log(3.0)), 1000, 1000], shape: [2, 2])
    let found = x.logSumExp(axis: 1)
    #expect(found.shape == [2, 1])
    expectClose(found.elements[0].asDouble, log(4.0), tolerance: 1e-6)
    expectClose(found.elements[1].asDouble, 1000 + log(2.0), tolerance: 1e-4)
  }

  /// The probabilities are 1/4 and 3/4. The first row's class is the second, which costs log 4/3, the second row's the
  /// first, which costs log 4. No softmax stands before it: that would give log of others.
  @Test func crossEntropy() {
    let logits = Tensor([0, Float(log(3.0)), 0, Float(log(3.0))], shape: [2, 2])
      .requiringGradient()
    let loss = logits.crossEntropyWithLogits(Tensor([0, 1, 1, 0], shape: [2, 2]))
    expectClose(loss.item, (log(4.0 / 3) + log(4.0)) / 2, tolerance: 1e-6)
    // (probability - target) / rows
    loss.backward()
    expectClose(
      logits.gradient?.elements ?? [], [0.125, -0.125, -0.375, 0.375], tolerance: 1e-6)
  }

  /// Two outputs of two pieces: x + y and 2x; -y and 3. At (1, 2) they are 3 and 2, -2 and 3; at (5, -4) 1 and 10, 4
  /// and 3.
  @Test func maxout() throws {
    let layer = Maxout(inputs: 2, outputs: 2, pieces: 2)
    try layer.load(
      [
        "weight": Tensor([1, 1, 2, 0, 0, -1, 0, 0], shape: [4, 2]),
        "bias": Tensor([0, 0, 0, 3], shape: [4]),
      ], from: "here")
    let found = layer(Tensor([1, 2, 5, -4], shape: [2, 2]), .training)
    #expect(found.shape == [2, 2])
    #expect(found.elements == [3, 3, 10, 4])
  }

  @Test func theLargestAlongAnAxis() {
    let x = Tensor([1, 5, 3, -2, -7, -1], shape: [2, 3])
    #expect(x.maximum(axis: 1).elements == [5, -1])
    #expect(x.maximum(axis: 0).elements == [1, 5, 3])
  }
}

extension Float {
  fileprivate var asDouble: Double { Double(self) }
}
