import Torch
import Wording

/// What the networks of a GAN are built from: a generator that makes images of noise, and their judge.
package struct SampleModelConfiguration: Codable, Sendable, Equatable {
  package enum Architecture: Codable, Sendable, Equatable {
    /// Strided convolutions, the last hidden layer of the generator with `filters` channels; arXiv
    /// 1511.06434.
    case dcgan(filters: Int)
    /// Fully connected layers of these widths between the two ends; arXiv 1406.2661.
    case mlp(hidden: [Int])
  }

  package var architecture = Architecture.dcgan(filters: 64)
  /// Side of the square images, in pixels.
  package var size = 64
  /// 1 for gray, 3 for color.
  package var channels = 3
  /// Numbers that an image is made of.
  package var latent = 100
  /// Probability that a hidden value is zeroed in training, in the generator and in the discriminator.
  package var generatorDropout = 0.0
  package var discriminatorDropout = 0.0
  /// Of the discriminator's hidden convolutions; the generator's have batch norm.
  package var discriminatorNormalization = Normalization.batch
  /// The discriminator gives images back instead of scores.
  package var discriminatorIsAutoencoder = false

  package init() {}

  /// Sides of images that a DCGAN makes.
  package static let convolutionalSizes = [28, 32, 64, 128]

  /// The network that turns latents `[batch, latent]` into images `[batch, channels, size, size]` in
  /// [-1, 1], with weights of zero until `initialize` or `load` fills them.
  ///
  /// Traps for a DCGAN of a size that is none of `convolutionalSizes`.
  package func makeGenerator() -> any Module { architecture.design.generator(self) }

  /// The network that judges images: raw scores `[batch, 1]`, or images from an autoencoder.
  package func makeDiscriminator() -> any Module { architecture.design.discriminator(self) }

  /// How both networks' weights are drawn before training.
  package var initialization: Initialization { architecture.design.initialization }

  /// Such as "DCGAN generator, 64x64, 3 channels, 64 filters, latent 100".
  package var summary: String {
    architecture.design.summary(
      of: "\(size)x\(size), \(counted(channels, "channel"))", latent: latent)
  }

  /// What a state dict's names and shapes say about the generator of samples they belong to; `nil` if
  /// they are none's.
  package init?(inferredFrom shapes: [String: [Int]]) {
    let found = Architecture.designs.lazy.compactMap { $0.configuration(inferredFrom: shapes) }
    guard let first = found.first else { return nil }
    self = first
  }

  /// What kind of discriminator a file's tensors belong to, in words; for a file that says it is one.
  package static func discriminatorSummary(_ shapes: [String: [Int]]) -> String? {
    Architecture.designs.lazy.compactMap { $0.discriminatorSummary(shapes) }.first
  }
}

extension SampleModelConfiguration.Architecture {
  /// What each of them is made of.
  fileprivate var design: any SampleArchitecture {
    switch self {
    case .dcgan(let filters): DCGAN(filters: filters)
    case .mlp(let hidden): FullyConnected(hidden: hidden)
    }
  }

  /// Those that a weights file is looked for.
  fileprivate static let designs: [any SampleArchitecture.Type] = [DCGAN.self, FullyConnected.self]
}

/// "1 channel", "3 channels".
func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
