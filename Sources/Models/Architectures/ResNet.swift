import Torch

/// The generator of CycleGAN: a 7x7 convolution, two strided ones, residual blocks at a quarter of the
/// size, two transposed convolutions and a last 7x7 convolution with tanh.
///
/// Takes `[batch, inputChannels, height, width]` in [-1, 1] and returns the same with `outputChannels`.
/// Source: arXiv 1703.10593, appendix 7.2; `ResnetGenerator` in networks.py, whose state-dict keys these are.
struct ResNet: GeneratorArchitecture {
  let blocks: Int

  let sizeMultiple = 4
  /// Reflection and instance norm need more than one pixel at a quarter of the size.
  let minimumSize = 8

  var summary: String { "ResNet generator, \(blocks) blocks" }

  func network(_ c: GeneratorConfiguration) -> any Module {
    // The names in the comments are the ones for 9 blocks.
    let (filters, norm) = (c.baseChannels, c.normalization)
    func activated(_ convolution: any Module, _ channels: Int) -> [any Module] {
      [convolution, norm.layer(channels: channels), LeakyReLU.relu()]
    }
    func down(_ channels: Int) -> [any Module] {
      activated(
        Conv2d(
          inputChannels: channels, outputChannels: channels * 2, kernelSize: 3, stride: 2,
          padding: 1, bias: norm.needsConvolutionBias), channels * 2)
    }
    func up(_ channels: Int) -> [any Module] {
      let bias = norm.needsConvolutionBias
      let layer: any Module =
        switch c.upsampling {
        case .transposed:
          ConvTranspose2d(
            inputChannels: channels, outputChannels: channels / 2, kernelSize: 3, stride: 2,
            padding: 1, outputPadding: 1, bias: bias)
        case .smoothed:
          SmoothedConvTranspose2d(
            inputChannels: channels, outputChannels: channels / 2, bias: bias)
        case .bilinear:
          BilinearConv2d(
            inputChannels: channels, outputChannels: channels / 2, kernelSize: 3, bias: bias)
        }
      return activated(layer, channels / 2)
    }
    /// What goes around them comes from the activation before them and is added behind their last one; it
    /// leaves the numbers of all layers as they are.
    func withSkip(around layers: [any Module]) -> [any Module] {
      c.skips == .features ? [Skip(.sum, around: layers)] : layers
    }
    let blocks: [any Module] = (0..<blocks).map { _ in  // model.10 to model.18
      residualBlock(channels: filters * 4, norm, dropout: c.dropout)
    }
    // model.7 to model.21, and model.4 to model.24 around them.
    let atQuarter = down(filters * 2) + blocks + up(filters * 4)
    let atHalf = down(filters) + withSkip(around: atQuarter) + up(filters * 2)
    var layers: [any Module] = [ReflectionPad2d(3)]  // model.0
    layers += activated(
      Conv2d(
        inputChannels: c.inputChannels, outputChannels: filters, kernelSize: 7,
        bias: norm.needsConvolutionBias), filters)
    layers += withSkip(around: atHalf)
    layers += [
      ReflectionPad2d(3),
      Conv2d(  // model.26
        inputChannels: filters, outputChannels: c.outputChannels, kernelSize: 7, bias: true),
      Tanh(),
    ]
    return Named("model", Sequential(layers))
  }

  /// x + F(x), where F is two 3x3 convolutions with reflection padding; nothing follows the sum.
  private func residualBlock(
    channels: Int, _ norm: Normalization, dropout: Bool
  ) -> any Module {
    func half() -> [any Module] {
      [
        ReflectionPad2d(1),
        Conv2d(
          inputChannels: channels, outputChannels: channels, kernelSize: 3,
          bias: norm.needsConvolutionBias),
        norm.layer(channels: channels),
      ]
    }
    // The second convolution is conv_block.5, or conv_block.6 with dropout before it.
    return Skip(
      .sum,
      around: half() + [LeakyReLU.relu()] + (dropout ? [Dropout(probability: 0.5)] : []) + half(),
      name: "conv_block")
  }

  static func configuration(inferredFrom shapes: [String: [Int]]) -> GeneratorConfiguration? {
    guard let first = shapes["model.1.weight"], first.count == 4, first[0] > 0, first[1] > 0,
      first[2...] == [7, 7]
    else { return nil }
    let filters = first[0]
    guard shapes["model.4.weight"] == [filters * 2, filters, 3, 3],
      shapes["model.7.weight"] == [filters * 4, filters * 2, 3, 3]
    else { return nil }
    let blockShape = [filters * 4, filters * 4, 3, 3]
    var blocks = 0
    while shapes["model.\(10 + blocks).conv_block.1.weight"] == blockShape { blocks += 1 }
    // The last convolution stands after two groups of three layers and a padding; its whole shape has to
    // fit as well.
    guard let last = shapes["model.\(10 + blocks + 7).weight"], last.count == 4, last[0] > 0,
      last[1...] == [filters, 7, 7]
    else { return nil }
    var result = GeneratorConfiguration()
    result.architecture = .resNet(blocks: blocks)
    result.baseChannels = filters
    result.inputChannels = first[1]
    result.outputChannels = last[0]
    result.normalization = Normalization(inferredFrom: shapes, firstConvolution: "model.1")
    // A transposed convolution's weight has its input's channels first.
    if shapes["model.\(10 + blocks).weight"] == [filters * 2, filters * 4, 3, 3] {
      result.upsampling = .bilinear
    }
    result.dropout = shapes["model.10.conv_block.6.weight"] == blockShape
    return result
  }

  /// The blocks see maps of four times the channels at a quarter of the size, padded by one pixel.
  func winogradLayers(_ c: GeneratorConfiguration, side: Int) -> String? {
    guard blocks > 0,
      Backend.convolvesByWinograd(
        batch: 1, channels: 4 * c.baseChannels, height: side / 4 + 2, width: side / 4 + 2)
    else { return nil }
    return "the residual blocks"
  }
}
