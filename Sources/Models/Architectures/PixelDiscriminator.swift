import Torch

/// One score for each pixel, from 1x1 convolutions: it judges colors, not shapes.
///
/// Takes `[batch, inputChannels, height, width]` and returns raw scores `[batch, 1, height, width]`.
/// Source: arXiv 1611.07004, section 6.1.2; `PixelDiscriminator` in networks.py.
package final class PixelDiscriminator: Module {
  private let net: Sequential

  package init(inputChannels: Int, baseChannels: Int, normalization: Normalization) {
    let bias = normalization.needsConvolutionBias
    net = Sequential([
      Conv2d(inputChannels: inputChannels, outputChannels: baseChannels, kernelSize: 1, bias: true),
      LeakyReLU(slope: 0.2),
      Conv2d(
        inputChannels: baseChannels, outputChannels: baseChannels * 2, kernelSize: 1, bias: bias),
      normalization.layer(channels: baseChannels * 2),
      LeakyReLU(slope: 0.2),
      Conv2d(inputChannels: baseChannels * 2, outputChannels: 1, kernelSize: 1, bias: bias),
    ])
  }

  package var children: [(name: String, module: any Module)] { [("net", net)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { net(x, mode) }
}
