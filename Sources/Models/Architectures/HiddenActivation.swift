import Torch

/// A leaky ReLU with dropout after it, in one place of a network: the names of the layers that follow do
/// not depend on dropout.
final class HiddenActivation: Module {
  private let slope: Double
  private let dropout: Double

  /// - Parameters:
  ///   - slope: below zero; 0 makes it a ReLU.
  ///   - dropout: probability of zeroing an element in training.
  init(slope: Double, dropout: Double) {
    self.slope = slope
    self.dropout = dropout
  }

  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let activated = x.leakyReLU(slope: slope)
    return mode == .training && dropout > 0 ? activated.dropout(probability: dropout) : activated
  }
}
