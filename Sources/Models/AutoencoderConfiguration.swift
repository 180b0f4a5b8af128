import Torch
import Wording

/// What an autoencoder is built from.
package struct AutoencoderConfiguration: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// A code is a distribution; arXiv 1312.6114.
    case variational
    /// A code is a few numbers.
    case plain
  }

  /// What an image's values are taken for, given its code.
  package enum Likelihood: String, Codable, Sendable, CaseIterable {
    /// Each is 1 with the probability that the decoder gives it, and 0 otherwise.
    case bernoulli
    /// Each is around the decoder's by one learned standard deviation.
    case gaussian
  }

  package enum Layers: String, Codable, Sendable, CaseIterable {
    case connected, convolutional
  }

  package var kind = Kind.variational
  package var likelihood = Likelihood.bernoulli
  package var layers = Layers.connected
  /// Widths of the encoder's hidden layers, of which the decoder has the reverse; of connected layers.
  package var hidden = [500]
  /// Channels of the layers next to the image, which double each time the side halves; of convolutional ones.
  package var filters = 32
  /// Side of the square images, in pixels.
  package var size = 28
  /// 1 for gray, 3 for color.
  package var channels = 1
  /// Numbers that an image becomes.
  package var code = 8

  package init() {}

  /// Sides of images that convolutional layers take.
  package static let convolutionalSizes = SampleModelConfiguration.convolutionalSizes
  /// The largest side that has connected layers unless others are asked for: MNIST's, as in the paper.
  package static let largestConnectedSize = 28

  package var pixels: Int { channels * size * size }

  /// What the encoder ends in: the means of a code, and of a variational one the logarithms of its variances.
  var encoderOutputs: Int { kind == .variational ? 2 * code : code }

  /// With weights of zero until `initialize` or `load` fills them. Traps for convolutional layers of a size that is
  /// none of `convolutionalSizes`.
  package func makeNetwork() -> Autoencoder { Autoencoder(self) }

  /// How the weights are drawn before training.
  package var initialization: Initialization {
    layers == .connected ? .xavier(gain: 1) : .kaiming(gain: 1)
  }

  /// Such as "variational autoencoder, 28x28, 1 channel, hidden 500, code 8, bernoulli".
  package var summary: String {
    let inside =
      switch layers {
      case .connected: "hidden " + hidden.map(String.init).joined(separator: ",")
      case .convolutional: "\(filters) filters"
      }
    return
      "\(kind.rawValue) autoencoder, \(size)x\(size), \(counted(channels, "channel")), \(inside), code \(code), "
      + likelihood.rawValue
  }
}
