/// What a discriminator is built from.
public struct DiscriminatorConfiguration: Codable, Sendable, Equatable {
  /// The shape of the network.
  public enum Architecture: Codable, Sendable, Equatable {
    /// PatchGAN: one score for each overlapping patch; 3 layers see patches of 70x70 pixels.
    case patch(layers: Int)
    /// One score for each pixel, from 1x1 convolutions.
    case pixel
  }

  public var architecture = Architecture.patch(layers: 3)
  /// Channels after the first convolution; `ndf` in the reference.
  public var baseChannels = 64
  public var inputChannels = 3
  public var normalization = Normalization.instance

  public init() {}
}
