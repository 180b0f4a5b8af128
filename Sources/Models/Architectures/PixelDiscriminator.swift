import Torch

/// One score for each pixel, from 1x1 convolutions: it judges colors, not shapes.
///
/// Takes `[batch, inputChannels, height, width]` and returns raw scores `[batch, 1, height, width]`.
/// Source: arXiv 1611.07004, section 6.1.2; `PixelDiscriminator` in networks.py.
struct PixelDiscriminator: DiscriminatorArchitecture {
  /// Instance norm needs more than one pixel.
  let minimumSize = 2
  let strides: [Int] = []

  func network(_ c: DiscriminatorConfiguration) -> any Module {
    let (filters, bias) = (c.baseChannels, c.normalization.needsConvolutionBias)
    func convolution(_ from: Int, _ to: Int, bias: Bool) -> any Module {
      c.layer(Conv2d(inputChannels: from, outputChannels: to, kernelSize: 1, bias: bias))
    }
    return Named(
      "net",
      Sequential([
        convolution(c.inputChannels, filters, bias: true), LeakyReLU(slope: 0.2),
        convolution(filters, filters * 2, bias: bias),
        c.normalization.layer(channels: filters * 2), LeakyReLU(slope: 0.2),
        convolution(filters * 2, 1, bias: bias),
      ]))
  }

  static func summary(of shapes: [String: [Int]]) -> String? {
    guard let first = shapes["net.0.weight"], first.count == 4 else { return nil }
    return "pixel discriminator, \(first[0]) filters, \(first[1]) channels"
  }
}
