import Torch

/// What is particular to one architecture of a generator of images from noise and of its judge, in one file for
/// each.
protocol SampleArchitecture: Sendable {
  var initialization: Initialization { get }

  func generator(_ configuration: SampleModelConfiguration) -> any Module
  func discriminator(_ configuration: SampleModelConfiguration) -> any Module

  /// - Parameter images: their size and channels in words.
  func summary(of images: String, latent: Int) -> String

  /// What a state dict's names and shapes say about the generator they belong to; nil if they are of another
  /// architecture.
  ///
  /// Every size that is taken over has been seen in a whole shape, so that the network is no larger than
  /// its file. Dropout leaves no trace and does not matter outside training.
  static func configuration(inferredFrom shapes: [String: [Int]]) -> SampleModelConfiguration?

  /// What kind of discriminator a file's tensors belong to, in words.
  static func discriminatorSummary(_ shapes: [String: [Int]]) -> String?
}

/// A leaky ReLU with dropout after it, in one place of a network: the names of the layers that follow do
/// not depend on dropout.
final class HiddenActivation: Module {
  let slope: Double
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
