import Torch

/// The generator of CycleGAN: a 7x7 convolution, two strided ones, residual blocks at a quarter of the
/// size, two transposed convolutions and a last 7x7 convolution with tanh.
///
/// Takes `[batch, inputChannels, height, width]` in [-1, 1] and returns the same with `outputChannels`;
/// both sides have to be multiples of 4 and at least 8. Source: arXiv 1703.10593, appendix 7.2;
/// `ResnetGenerator` in networks.py, whose state-dict keys these are.
package final class ResNetGenerator: Module {
  private let model: Sequential

  package init(
    inputChannels: Int, outputChannels: Int, baseChannels: Int, blocks: Int,
    normalization: Normalization, dropout: Bool
  ) {
    // The names in the comments are the ones for 9 blocks.
    let bias = normalization.needsConvolutionBias
    let inner = baseChannels * 4
    var layers: [any Module] = [
      ReflectionPad2d(3),  // model.0
      Conv2d(
        inputChannels: inputChannels, outputChannels: baseChannels, kernelSize: 7, bias: bias),
      normalization.layer(channels: baseChannels),
      LeakyReLU.relu(),
    ]
    for channels in [baseChannels, baseChannels * 2] {  // model.4, model.7
      layers += [
        Conv2d(
          inputChannels: channels, outputChannels: channels * 2, kernelSize: 3, stride: 2,
          padding: 1, bias: bias),
        normalization.layer(channels: channels * 2),
        LeakyReLU.relu(),
      ]
    }
    for _ in 0..<blocks {  // model.10 to model.18
      layers.append(
        ResidualBlock(channels: inner, normalization: normalization, dropout: dropout))
    }
    for channels in [inner, baseChannels * 2] {  // model.19, model.22
      layers += [
        ConvTranspose2d(
          inputChannels: channels, outputChannels: channels / 2, kernelSize: 3, stride: 2,
          padding: 1, outputPadding: 1, bias: bias),
        normalization.layer(channels: channels / 2),
        LeakyReLU.relu(),
      ]
    }
    layers += [
      ReflectionPad2d(3),
      Conv2d(  // model.26
        inputChannels: baseChannels, outputChannels: outputChannels, kernelSize: 7, bias: true),
      Tanh(),
    ]
    model = Sequential(layers)
  }

  package var children: [(name: String, module: any Module)] { [("model", model)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    model(x, mode)
  }
}

/// x + F(x), where F is two 3x3 convolutions with reflection padding; nothing follows the sum.
final class ResidualBlock: Module {
  private let convolutions: Sequential

  init(channels: Int, normalization: Normalization, dropout: Bool) {
    func half() -> [any Module] {
      [
        ReflectionPad2d(1),
        Conv2d(
          inputChannels: channels, outputChannels: channels, kernelSize: 3,
          bias: normalization.needsConvolutionBias),
        normalization.layer(channels: channels),
      ]
    }
    // The second convolution is conv_block.5, or conv_block.6 with dropout before it.
    convolutions = Sequential(
      half() + [LeakyReLU.relu()] + (dropout ? [Dropout(probability: 0.5)] : []) + half())
  }

  var children: [(name: String, module: any Module)] { [("conv_block", convolutions)] }

  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    convolutions(x, mode, adding: x)
  }
}
