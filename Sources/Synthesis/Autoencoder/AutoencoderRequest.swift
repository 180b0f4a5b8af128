import Datasets
import Models
import Training

/// What is asked of a run of `autoencoder train`. What is `nil` follows from the images.
package struct AutoencoderRequest: RunRequest {
  package var configuration: AutoencoderRunConfiguration
  /// Side of the network's images.
  package var size: Int?
  /// 1 or 3.
  package var channels: Int?
  package var layers: AutoencoderConfiguration.Layers?
  package var likelihood: AutoencoderConfiguration.Likelihood?

  package init() { configuration = AutoencoderRunConfiguration() }

  /// Leaves nothing open.
  package init(_ decided: AutoencoderRunConfiguration) {
    configuration = decided
    let network = decided.network
    (size, channels) = (network.size, network.channels)
    (layers, likelihood) = (network.layers, network.likelihood)
  }

  /// Whether the images have to be looked at before the network can be made.
  var dependsOnImages: Bool { size == nil || channels == nil }

  /// Decides what the images decide: small ones keep their size, and others get the smallest that convolutional
  /// layers take and that loses nothing, but no larger than 64.
  func fitted(to source: ImageSource) -> AutoencoderRequest {
    guard dependsOnImages else { return self }
    let typical = source.typicalImage()
    let side = max(typical.side, NetworkLimits.sizes.lowerBound)
    let large = AutoencoderConfiguration.convolutionalSizes.first { $0 >= side } ?? 64
    let isSmall = side <= AutoencoderConfiguration.largestConnectedSize
    let isConnected = layers.map { $0 == .connected } ?? isSmall
    var result = self
    result.size = size ?? min(isConnected ? side : large, 64)
    result.channels = channels ?? typical.channels
    return result
  }

  /// Everything, with a default where the images have not been looked at.
  package var decided: AutoencoderRunConfiguration {
    var result = configuration
    let size = size ?? result.network.size
    let channels = channels ?? result.network.channels
    result.network.size = size
    result.network.channels = channels
    result.network.layers =
      layers
      ?? (size <= AutoencoderConfiguration.largestConnectedSize ? .connected : .convolutional)
    let isBlackAndWhite = channels == 1 || result.threshold != nil
    result.network.likelihood = likelihood ?? (isBlackAndWhite ? .bernoulli : .gaussian)
    return result
  }
}
