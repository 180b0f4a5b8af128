import Foundation
import Torch

/// An encoder that makes a few numbers, the code, of an image, and a decoder that makes an image of a code.
///
/// Takes images `[batch, channels, size, size]` in [-1, 1] and returns what their codes' means are decoded to, in
/// the same range. Fully connected layers have ReLU between them (arXiv 1312.6114, section 5, with one hidden layer
/// of 500 units each way). Convolutional ones are those of a DCGAN's discriminator and generator without batch norm:
/// the code of an image must not depend on the images beside it.
package final class Autoencoder: Module {
  package let configuration: AutoencoderConfiguration
  private let encoder: Sequential
  package let decoder: AutoencoderDecoder
  /// The logarithm of the standard deviation of a value around the decoder's, `[1]`; of the Gaussian likelihood.
  package let logDeviation: Parameter?

  /// Values of 8 bits are so uncertain by rounding: the deviation of a uniform distribution, 1 / sqrt(12), of steps
  /// of 1/255. A density narrower than that would grow without bound on images that are all the same.
  package static let smallestLogDeviation = -log(255 * 12.0.squareRoot())
  /// About that of images' values around their mean.
  private static let initialLogDeviation = log(0.25)

  init(_ configuration: AutoencoderConfiguration) {
    self.configuration = configuration
    let c = configuration
    switch c.layers {
    case .connected:
      encoder = Sequential(
        linearLayers([c.pixels] + c.hidden + [c.encoderOutputs], slope: 0, dropout: 0))
    case .convolutional:
      encoder = Sequential(
        DCGANDiscriminator.layers(
          DCGANPlan(size: c.size, filters: c.filters), from: c.channels, to: c.encoderOutputs,
          normalization: .none, dropout: 0))
    }
    decoder = AutoencoderDecoder(c)
    logDeviation = c.likelihood == .gaussian ? Parameter(.zeros(shape: [1])) : nil
  }

  package var children: [(name: String, module: any Module)] {
    [("encoder", encoder), ("decoder", decoder)]
  }

  package var parameters: [(name: String, value: Parameter)] {
    logDeviation.map { [("log_deviation", $0)] } ?? []
  }

  package func initializeOwnParameters(_ initialization: Initialization, seed: UInt64) {
    logDeviation?.tensor.copyInPlace(from: .full(Self.initialLogDeviation, shape: [1]))
  }

  /// What an image becomes: a normal distribution with independent numbers, or the numbers alone.
  package struct Code {
    /// `[batch, code]`.
    package let mean: Tensor
    /// The same; `nil` of a plain autoencoder.
    package let logVariance: Tensor?

    package init(mean: Tensor, logVariance: Tensor?) {
      (self.mean, self.logVariance) = (mean, logVariance)
    }
  }

  /// - Parameter x: `[batch, channels, size, size]` in [-1, 1].
  package func code(of x: Tensor, _ mode: Mode) -> Code {
    let batch = x.shape[0]
    let numbers = encoder(configuration.layers == .connected ? x.flattened : x, mode)
      .reshaped([batch, configuration.encoderOutputs])
      // Layers in bfloat16 are precise enough, draws and divergences are not.
      .converted(to: .float32)
    guard configuration.kind == .variational else { return Code(mean: numbers, logVariance: nil) }
    let count = configuration.code
    return Code(
      mean: numbers.narrowed(axis: 1, 0..<count),
      logVariance: numbers.narrowed(axis: 1, count..<2 * count))
  }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    decoder(code(of: x, mode).mean, mode)
  }
}

/// The second half of an autoencoder: codes `[batch, code]` become images `[batch, channels, size, size]` in [-1, 1].
package final class AutoencoderDecoder: Module {
  private let layers: Sequential
  private let shape: [Int]
  private let isConnected: Bool

  init(_ c: AutoencoderConfiguration) {
    isConnected = c.layers == .connected
    shape = [c.channels, c.size, c.size]
    switch c.layers {
    case .connected:
      layers = Sequential(
        linearLayers([c.code] + c.hidden.reversed() + [c.pixels], slope: 0, dropout: 0))
    case .convolutional:
      layers = Sequential(
        DCGANGenerator.layers(
          DCGANPlan(size: c.size, filters: c.filters), from: c.code, to: c.channels,
          normalization: .none, dropout: 0))
    }
  }

  package var children: [(name: String, module: any Module)] { layers.children }

  /// What becomes a value from 0 to 1 by a sigmoid: of each pixel the logit of its probability, or of its mean.
  /// The mean of a Gaussian is held between black and white as in arXiv 1312.6114, appendix C.2.
  package func logits(of code: Tensor, _ mode: Mode) -> Tensor {
    let batch = code.shape[0]
    return layers(isConnected ? code : code.reshaped([batch, code.shape[1], 1, 1]), mode)
      .reshaped([batch] + shape)
  }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    logits(of: x, mode).sigmoid() * 2 - 1
  }
}

extension AutoencoderConfiguration {
  /// What a state dict's names and shapes say about the autoencoder they belong to; `nil` if they are none's.
  ///
  /// Every weight's shape is compared before a network is made, so that it is no larger than its file.
  package init?(inferredFrom shapes: [String: [Int]]) {
    guard let first = shapes["encoder.0.weight"], let last = shapes["decoder.0.weight"],
      first.allSatisfy({ $0 > 0 }), last.allSatisfy({ $0 > 0 }), first.count == last.count
    else { return nil }
    self.init()
    likelihood = shapes["log_deviation"] == nil ? .bernoulli : .gaussian
    if first.count == 2 {
      layers = .connected
      guard let square = SampleModelConfiguration.square(ofValues: first[1]), square.side < 1 << 20
      else { return nil }
      (size, channels) = square
      hidden = []
      while let shape = shapes["encoder.\(2 * hidden.count).weight"], shape.count == 2,
        shapes["encoder.\(2 * hidden.count + 2).weight"] != nil
      {
        hidden.append(shape[0])
      }
      guard !hidden.isEmpty else { return nil }
      code = last[1]
    } else {
      layers = .convolutional
      let halvings = (0..<8).prefix { shapes["decoder.\(3 * $0 + 3).weight"] != nil }.count
      guard first.count == 4, [4, 7].contains(last[2]) else { return nil }
      (filters, channels, code, size) = (first[0], first[1], last[0], last[2] << halvings)
      guard [1, 3].contains(channels), Self.convolutionalSizes.contains(size), filters < 1 << 40
      else { return nil }
    }
    for found in Kind.allCases {
      kind = found
      if fits(shapes) { return }
    }
    return nil
  }

  /// Whether a state dict's weights have the shapes of this network's, which is not made for it.
  package func fits(_ shapes: [String: [Int]]) -> Bool {
    weightShapes.allSatisfy { shapes[$0.name] == $0.shape }
  }

  /// Values that the largest of the decoder's layers has of an image, both ends included.
  package var valuesOfLargestLayer: Int {
    let inside: [Int]
    switch layers {
    case .connected: inside = hidden
    case .convolutional:
      let plan = DCGANPlan(size: size, filters: filters)
      inside = plan.channels.enumerated().map { doublings, channels in
        let side = plan.startSize << doublings
        return channels * side * side
      }
    }
    return inside.reduce(max(code, pixels), max)
  }

  private var weightShapes: [(name: String, shape: [Int])] {
    switch layers {
    case .connected:
      func weights(_ part: String, _ widths: [Int]) -> [(name: String, shape: [Int])] {
        zip(widths, widths.dropFirst()).enumerated().map { index, ends in
          ("\(part).\(2 * index).weight", [ends.1, ends.0])
        }
      }
      return weights("encoder", [pixels] + hidden + [encoderOutputs])
        + weights("decoder", [code] + hidden.reversed() + [pixels])
    case .convolutional:
      let plan = DCGANPlan(size: size, filters: filters)
      let start = plan.startSize
      let widths = plan.channels
      let up = zip(widths, widths.dropFirst() + [channels]).enumerated().map { index, ends in
        ("decoder.\(3 * index + 3).weight", [ends.0, ends.1, 4, 4])
      }
      // After the first convolution, which has no place for a norm.
      let down = zip(widths.reversed(), widths.reversed().dropFirst()).enumerated().map {
        ("encoder.\(3 * $0 + 2).weight", [$1.1, $1.0, 4, 4])
      }
      return [("encoder.0.weight", [filters, channels, 4, 4])] + down
        + [
          ("encoder.\(3 * widths.count - 1).weight", [encoderOutputs, widths[0], start, start]),
          ("decoder.0.weight", [code, widths[0], start, start]),
        ] + up
    }
  }
}
