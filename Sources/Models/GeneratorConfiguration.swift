import Torch

/// What a generator is built from; enough, with its weights, to use it.
package struct GeneratorConfiguration: Codable, Sendable, Equatable {
  /// The shape of the network.
  package enum Architecture: Codable, Sendable, Equatable {
    /// Two strided convolutions, residual blocks at a quarter of the size, two transposed convolutions.
    case resNet(blocks: Int)
    /// An encoder and a decoder with skip connections; `downsamplings` halvings down to the bottleneck.
    case uNet(downsamplings: Int)
  }

  package var architecture = Architecture.resNet(blocks: 9)
  /// Channels after the first convolution; `ngf` in the reference.
  package var baseChannels = 64
  package var inputChannels = 3
  package var outputChannels = 3
  package var normalization = Normalization.instance
  /// Dropout of one half inside the residual blocks, or in the U-Net's inner blocks.
  package var dropout = false

  package init() {}

  /// Both sides of the input have to be multiples of this.
  package var sizeMultiple: Int {
    switch architecture {
    case .resNet: return 4
    case .uNet(let downsamplings): return 1 << downsamplings
    }
  }

  /// The shortest side the network takes: reflection and instance norm need more than one pixel inside.
  package var minimumSize: Int {
    switch architecture {
    case .resNet: return 8
    case .uNet(let downsamplings): return 1 << downsamplings
    }
  }

  /// The network, with weights of zero until `initialize` or `load` fills them.
  package func makeGenerator() -> any Module {
    switch architecture {
    case .resNet(let blocks):
      return ResNetGenerator(
        inputChannels: inputChannels, outputChannels: outputChannels, baseChannels: baseChannels,
        blocks: blocks, normalization: normalization, dropout: dropout)
    case .uNet(let downsamplings):
      return UNetGenerator(
        inputChannels: inputChannels, outputChannels: outputChannels, baseChannels: baseChannels,
        downsamplings: downsamplings, normalization: normalization, dropout: dropout)
    }
  }

  /// Multiplications (each with an addition) of all convolutions for each pixel of the input; 756,096 for
  /// the default, which is 49.55 billion for 256x256.
  package var multiplyAddsPerPixel: Double {
    let f = Double(baseChannels)
    let ends = Double(inputChannels + outputChannels)
    switch architecture {
    case .resNet(let blocks):
      // Two 7x7 at full size; 3x3 down and up to a half, to a quarter; two 3x3 in each block.
      let blockWork = Double(blocks) * 2 * 9 * 16 * f * f / 16
      return 49 * f * ends + 2 * (9 * 2 * f * f / 4 + 9 * 8 * f * f / 16) + blockWork
    case .uNet(let downsamplings):
      // 4x4 down and up at each size; the way up reads twice the channels, but for the bottleneck.
      return (1..<downsamplings).reduce(16 * f * (ends + Double(outputChannels)) / 4) {
        work, level in
        let outer = f * Double(min(1 << (level - 1), 8))
        let inner = f * Double(min(1 << level, 8))
        let wayUp = level == downsamplings - 1 ? 1.0 : 2.0
        return work + 16 * outer * inner * (1 + wayUp) / Double(1 << (2 * (level + 1)))
      }
    }
  }
}
