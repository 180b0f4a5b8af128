import Torch

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
  package func makeGenerator() -> any Module {
    switch architecture {
    case .dcgan(let filters):
      return DCGANGenerator(
        plan: DCGANPlan(size: size, filters: filters), channels: channels, latent: latent,
        dropout: generatorDropout)
    case .mlp(let hidden):
      return MLPGenerator(
        size: size, channels: channels, latent: latent, hidden: hidden, dropout: generatorDropout)
    }
  }

  /// The network that judges images: raw scores `[batch, 1]`, or images from an autoencoder.
  package func makeDiscriminator() -> any Module {
    switch architecture {
    case .dcgan(let filters):
      let plan = DCGANPlan(size: size, filters: filters)
      return discriminatorIsAutoencoder
        ? DCGANAutoencoder(
          plan: plan, channels: channels, latent: latent, dropout: discriminatorDropout,
          normalization: discriminatorNormalization)
        : DCGANDiscriminator(
          plan: plan, channels: channels, dropout: discriminatorDropout,
          normalization: discriminatorNormalization)
    case .mlp(let hidden):
      return discriminatorIsAutoencoder
        ? MLPAutoencoder(
          size: size, channels: channels, latent: latent, hidden: hidden,
          dropout: discriminatorDropout)
        : MLPDiscriminator(
          size: size, channels: channels, hidden: hidden, dropout: discriminatorDropout)
    }
  }

  /// N(0, 0.02) for convolutions, section 4 of the paper; Xavier's for fully connected layers.
  package var initialization: Initialization {
    switch architecture {
    case .dcgan: return .normal(gain: 0.02)
    case .mlp: return .xavier(gain: 1)
    }
  }

  /// Such as "DCGAN generator, 64x64, 3 channels, 64 filters, latent 100".
  package var summary: String {
    let images = "\(size)x\(size), \(counted(channels, "channel"))"
    switch architecture {
    case .dcgan(let filters):
      return "DCGAN generator, \(images), \(filters) filters, latent \(latent)"
    case .mlp(let hidden):
      let widths = hidden.map(String.init).joined(separator: ",")
      return "fully connected generator, \(images), hidden \(widths), latent \(latent)"
    }
  }
}

/// "1 channel", "3 channels".
func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
