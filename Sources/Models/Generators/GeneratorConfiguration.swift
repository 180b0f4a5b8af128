import Torch

/// What a generator is built from; enough, with its weights, to use it.
public struct GeneratorConfiguration: Codable, Sendable, Equatable {
  /// The shape of the network.
  public enum Architecture: Codable, Sendable, Equatable {
    /// Two strided convolutions, residual blocks at a quarter of the size, two transposed convolutions.
    case resNet(blocks: Int)
    /// An encoder and a decoder with skip connections; `downsamplings` halvings down to the bottleneck.
    case uNet(downsamplings: Int)
  }

  public var architecture = Architecture.resNet(blocks: 9)
  /// Channels after the first convolution; `ngf` in the reference.
  public var baseChannels = 64
  public var inputChannels = 3
  public var outputChannels = 3
  public var normalization = Normalization.instance
  /// Dropout of one half inside the residual blocks, or in the U-Net's inner blocks.
  public var dropout = false

  public init() {}

  /// Both sides of the input have to be multiples of this.
  public var sizeMultiple: Int {
    switch architecture {
    case .resNet: return 4
    case .uNet(let downsamplings): return 1 << downsamplings
    }
  }

  /// The shortest side the network takes: reflection and instance norm need more than one pixel inside.
  public var minimumSize: Int {
    switch architecture {
    case .resNet: return 8
    case .uNet(let downsamplings): return 1 << downsamplings
    }
  }

  /// The network, with weights of zero until `initialize` or `load` fills them.
  public func makeGenerator() -> any Module {
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
}
