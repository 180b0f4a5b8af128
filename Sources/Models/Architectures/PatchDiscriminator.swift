import Torch

/// PatchGAN: strided 4x4 convolutions and one score for each of the overlapping patches they see.
///
/// Takes `[batch, inputChannels, height, width]` and returns raw scores `[batch, 1, h, w]`; 256x256 gives
/// 30x30 for 3 layers, whose patches are 70x70. Source: arXiv 1611.07004, section 3.2.2;
/// `NLayerDiscriminator` in networks.py, whose state-dict keys these are.
struct PatchDiscriminator: DiscriminatorArchitecture {
  let layers: Int

  /// Each of the `layers` strided convolutions halves the side, the two after them take one pixel each,
  /// and instance norm needs more than one pixel: 24 for 3 layers.
  var minimumSize: Int { layers == 0 ? 3 : 3 << layers }

  /// The first halves the side, as do those up to the last of `layers`; then one and the scores' keep it.
  var strides: [Int] { [2] + (1...max(layers, 1)).map { $0 < layers ? 2 : 1 } + [1] }

  func network(_ c: DiscriminatorConfiguration) -> any Module {
    func channels(_ layer: Int) -> Int { c.baseChannels * min(1 << min(layer, 3), 8) }
    func convolution(_ from: Int, _ to: Int, stride: Int, bias: Bool) -> any Module {
      c.layer(
        Conv2d(
          inputChannels: from, outputChannels: to, kernelSize: 4, stride: stride, padding: 1,
          bias: bias))
    }
    var modules: [any Module] = [
      convolution(c.inputChannels, c.baseChannels, stride: strides[0], bias: true),
      LeakyReLU(slope: 0.2),
    ]
    for layer in 1...max(layers, 1) {
      modules += [
        convolution(
          channels(layer - 1), channels(layer), stride: strides[layer],
          bias: c.normalization.needsConvolutionBias),
        c.normalization.layer(channels: channels(layer)), LeakyReLU(slope: 0.2),
      ]
    }
    modules.append(convolution(channels(max(layers, 1)), 1, stride: 1, bias: true))
    return Named("model", Sequential(modules))
  }

  static func summary(of shapes: [String: [Int]]) -> String? {
    guard let first = shapes["model.0.weight"], first.count == 4, first[2...] == [4, 4] else {
      return nil
    }
    // The first convolution and the two after the last strided one are always there.
    let convolutions = shapes.values.filter { $0.count == 4 }.count
    return
      "patch discriminator, \(convolutions - 2) layers, \(first[0]) filters, \(first[1]) channels"
  }
}
