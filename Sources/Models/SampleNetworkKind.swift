import Torch

/// Which of a GAN's two networks a weights file holds, as it says beside its tensors: the layers of one can be taken
/// for those of the other.
package enum SampleNetworkKind: String {
  case generator
  case discriminator

  package static let metadataKey = "network"
}

extension WeightsFile {
  /// Whether it says that it is a discriminator; files of other programs say nothing.
  package var saysDiscriminator: Bool {
    metadata[SampleNetworkKind.metadataKey] == SampleNetworkKind.discriminator.rawValue
  }
}
