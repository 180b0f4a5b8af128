import Torch

extension GeneratorConfiguration {
  /// What computes the generator's convolutions on a device, such as "oneDNN 2.6.3, Winograd in the
  /// residual blocks"; "libtorch" where it has no help.
  /// - Parameter side: of the images, in pixels; few pixels are not worth Winograd's transforms.
  package func convolutions(on device: Device, side: Int) -> String {
    guard device == .cpu, let library = Backend.convolutionLibrary,
      normalization != .batch, baseChannels % 16 == 0,
      inputChannels <= 4 || inputChannels % 16 == 0
    else { return "libtorch" }
    // The blocks see maps of four times the channels at a quarter of the size, padded by one pixel.
    if case .resNet(1...) = architecture,
      Backend.convolvesByWinograd(
        batch: 1, channels: 4 * baseChannels, height: side / 4 + 2, width: side / 4 + 2)
    {
      return "\(library), Winograd in the residual blocks"
    }
    return library
  }
}
