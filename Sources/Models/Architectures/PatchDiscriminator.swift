import Torch

/// PatchGAN: strided 4x4 convolutions and one score for each of the overlapping patches they see.
///
/// Takes `[batch, inputChannels, height, width]` and returns raw scores `[batch, 1, h, w]`; 256x256 gives
/// 30x30 for 3 layers, whose patches are 70x70. Source: arXiv 1611.07004, section 3.2.2;
/// `NLayerDiscriminator` in networks.py, whose state-dict keys these are.
package final class PatchDiscriminator: Module {
  private let model: Sequential

  package init(
    inputChannels: Int, baseChannels: Int, layers layerCount: Int, normalization: Normalization
  ) {
    func channels(_ layer: Int) -> Int { baseChannels * min(1 << min(layer, 3), 8) }
    func convolution(
      _ from: Int, _ to: Int, stride: Int, bias: Bool
    ) -> Conv2d {
      Conv2d(
        inputChannels: from, outputChannels: to, kernelSize: 4, stride: stride, padding: 1,
        bias: bias)
    }
    var layers: [any Module] = [
      convolution(inputChannels, baseChannels, stride: 2, bias: true),
      LeakyReLU(slope: 0.2),
    ]
    // The last of these keeps the size.
    for layer in 1...max(layerCount, 1) {
      layers += [
        convolution(
          channels(layer - 1), channels(layer), stride: layer < layerCount ? 2 : 1,
          bias: normalization.needsConvolutionBias),
        normalization.layer(channels: channels(layer)), LeakyReLU(slope: 0.2),
      ]
    }
    layers.append(convolution(channels(max(layerCount, 1)), 1, stride: 1, bias: true))
    model = Sequential(layers)
  }

  package var children: [(name: String, module: any Module)] { [("model", model)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    model(x, mode)
  }
}
