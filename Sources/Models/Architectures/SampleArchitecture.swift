import Torch

/// What is particular to one architecture of a generator of images from noise and of its judge, in one file for
/// each.
protocol SampleArchitecture: Sendable {
  var initialization: Initialization { get }
  /// How much more a code of several says than the whole latent, when training begins.
  var codeEmphasis: Double { get }

  func generator(_ configuration: SampleModelConfiguration) -> any Module
  func discriminator(_ configuration: SampleModelConfiguration) -> any SampleDiscriminator

  /// - Parameter images: their size and channels in words.
  func summary(of images: String, latent: Int) -> String

  /// What a state dict's names and shapes say about the generator they belong to; nil if they are of another
  /// architecture.
  ///
  /// Every size that is taken over has been seen in a whole shape, so that the network is no larger than
  /// its file. Dropout leaves no trace and does not matter outside training.
  static func configuration(inferredFrom shapes: [String: [Int]]) -> SampleModelConfiguration?

  /// The same of a discriminator. What is taken over has been seen in a whole shape as well.
  static func discriminator(inferredFrom shapes: [String: [Int]]) -> InferredDiscriminator?

  /// What kind of discriminator a file's tensors belong to, in words.
  /// - Parameter outputs: numbers that it returns for an image, if it is no autoencoder.
  static func discriminatorSummary(_ shapes: [String: [Int]], outputs: Int) -> String?
}

extension SampleArchitecture {
  var codeEmphasis: Double { 1 }
}

/// What a state dict's names and shapes say about the discriminator they belong to.
struct InferredDiscriminator {
  let configuration: SampleModelConfiguration
  /// Numbers that the last layer makes.
  let outputs: Int
}

extension SampleModelConfiguration {
  /// The side and channels of a square image with so many values: gray, or color with three times as many, never
  /// both. `nil` for other numbers, and for images of one pixel.
  static func square(ofValues count: Int) -> (side: Int, channels: Int)? {
    func side(_ square: Int) -> Int? {
      let root = Int(Double(square).squareRoot().rounded())
      return root >= 2 && square / root == root && square.isMultiple(of: root) ? root : nil
    }
    if let gray = side(count) { return (gray, 1) }
    return count % 3 == 0 ? side(count / 3).map { ($0, 3) } : nil
  }
}

/// A leaky ReLU with noise and dropout after it, in one place of a network: the names of the layers that follow do
/// not depend on them.
final class HiddenActivation: Module {
  let slope: Double
  private let dropout: Double
  private let noise: Double

  /// - Parameters:
  ///   - slope: below zero; 0 makes it a ReLU.
  ///   - dropout: probability of zeroing an element in training.
  ///   - noise: standard deviation of what is added to an element in training.
  init(slope: Double, dropout: Double, noise: Double = 0) {
    self.slope = slope
    self.dropout = dropout
    self.noise = noise
  }

  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var result = x.leakyReLU(slope: slope)
    guard mode == .training else { return result }
    if noise > 0 { result = result.disturbed(deviation: noise) }
    return dropout > 0 ? result.dropout(probability: dropout) : result
  }
}
