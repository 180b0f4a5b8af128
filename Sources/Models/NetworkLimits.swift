import Files
import Torch
import Wording

/// How large the networks of GANs and autoencoders are at most: what options can ask for, and what is believed of a
/// weights file, whose header anybody can write.
package enum NetworkLimits {
  /// Of the sides of images, in pixels.
  package static let sizes = 2...1024
  /// Of connected layers, latents and codes.
  package static let widths = 1...65536
  package static let hiddenLayers = 1...64
  /// Of the convolutional layers next to the image.
  package static let filters = 1...4096

  /// One of a network's sizes: what there are so many of.
  typealias Found = (words: String, value: Int, limits: ClosedRange<Int>)

  /// Throws `FileError` for a network of a file that is larger than any that is made here, or than the memory.
  static func check(_ sizes: [Found], of file: WeightsFile) throws(FileError) {
    guard let large = sizes.first(where: { $0.value > $0.limits.upperBound }) else {
      try file.checkMemory()
      return
    }
    throw FileError(
      path: file.url.relativePath,
      reason: "its network has \(grouped(large.value)) \(large.words); at most "
        + "\(grouped(large.limits.upperBound)) are possible")
  }

  static func found(inHidden widths: [Int]) -> [Found] {
    [
      ("hidden layers", widths.count, hiddenLayers),
      ("values in a layer", widths.max() ?? 0, self.widths),
    ]
  }
}

extension SampleModelConfiguration {
  /// Throws `FileError` for what a weights file says of its network, before the network is made, if that is larger than
  /// what the options of training can ask for, or than the memory.
  package func checkLimits(of file: WeightsFile) throws(FileError) {
    let layers: [NetworkLimits.Found] =
      switch architecture {
      case .dcgan(let filters): [("filters", filters, NetworkLimits.filters)]
      case .mlp(let hidden): NetworkLimits.found(inHidden: hidden)
      case .joined: []
      }
    try NetworkLimits.check(
      [
        ("pixels on a side of its images", size, NetworkLimits.sizes),
        ("numbers in a latent", latent, NetworkLimits.widths),
      ] + layers, of: file)
  }
}

extension AutoencoderConfiguration {
  /// The same of an autoencoder.
  package func checkLimits(of file: WeightsFile) throws(FileError) {
    let layers: [NetworkLimits.Found] =
      switch self.layers {
      case .connected: NetworkLimits.found(inHidden: hidden)
      case .convolutional: [("filters", filters, NetworkLimits.filters)]
      }
    try NetworkLimits.check(
      [
        ("pixels on a side of its images", size, NetworkLimits.sizes),
        ("numbers in a code", code, NetworkLimits.widths),
      ] + layers, of: file)
  }
}
