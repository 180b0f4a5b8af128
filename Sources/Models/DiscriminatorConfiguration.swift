import Torch

/// What a discriminator is built from.
package struct DiscriminatorConfiguration: Codable, Sendable, Equatable {
  /// The shape of the network.
  package enum Architecture: Codable, Sendable, Equatable {
    /// PatchGAN: one score for each overlapping patch; 3 layers see patches of 70x70 pixels.
    case patch(layers: Int)
    /// One score for each pixel, from 1x1 convolutions.
    case pixel
  }

  package var architecture = Architecture.patch(layers: 3)
  /// Channels after the first convolution; `ndf` in the reference.
  package var baseChannels = 64
  package var inputChannels = 3
  package var normalization = Normalization.instance

  package init() {}

  /// The shortest side of an image the network can judge.
  ///
  /// Each of the `layers` strided convolutions halves the side, the two after them take one pixel each,
  /// and instance norm needs more than one pixel: 24 for 3 layers.
  package var minimumSize: Int {
    switch architecture {
    case .patch(let layers): return layers == 0 ? 3 : 3 << layers
    case .pixel: return 2
    }
  }

  /// The network, with weights of zero until `initialize` or `load` fills them.
  package func makeDiscriminator() -> any Module {
    switch architecture {
    case .patch(let layers):
      return PatchDiscriminator(
        inputChannels: inputChannels, baseChannels: baseChannels, layers: layers,
        normalization: normalization)
    case .pixel:
      return PixelDiscriminator(
        inputChannels: inputChannels, baseChannels: baseChannels, normalization: normalization)
    }
  }

  /// Multiplications (each with an addition) of all convolutions for each pixel of the input, borders not
  /// counted.
  package var multiplyAddsPerPixel: Double {
    let f = Double(baseChannels)
    switch architecture {
    case .pixel: return Double(inputChannels) * f + 2 * f * f + 2 * f
    case .patch(let layers):
      var work = 16 * Double(inputChannels) * f / 4
      for layer in 1...max(layers, 1) {
        let from = f * Double(min(1 << (layer - 1), 8))
        let to = f * Double(min(1 << min(layer, 3), 8))
        work += 16 * from * to / Double(1 << (2 * min(layer + 1, layers)))
      }
      let last = f * Double(min(1 << min(layers, 3), 8))
      return work + 16 * last / Double(1 << (2 * layers))
    }
  }
}
