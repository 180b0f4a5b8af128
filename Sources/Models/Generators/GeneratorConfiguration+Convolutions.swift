import Torch

extension GeneratorConfiguration {
  /// What computes the generator's convolutions on a device, such as "oneDNN 2.6.3, Winograd in the
  /// residual blocks"; "libtorch" where it has no help.
  public func convolutions(on device: Device) -> String {
    guard device == .cpu, let library = Backend.convolutionLibrary,
      normalization.takesChannelBlocks, baseChannels % 16 == 0,
      inputChannels <= 4 || inputChannels % 16 == 0
    else { return "libtorch" }
    // The blocks have four times the first layer's channels, enough for Winograd to pay but in pictures of
    // few pixels.
    if case .resNet(1...) = architecture { return "\(library), Winograd in the residual blocks" }
    return library
  }
}
