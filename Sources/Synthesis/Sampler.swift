import Imaging
import Torch

/// Makes images with a generator, each from its own latent alone.
package struct Sampler {
  private let generator: any Module
  /// Numbers that an image is made of.
  package let latent: Int
  private let distribution: LatentDistribution
  private let device: Device

  /// A trained generator's sampler.
  package init(_ model: SampleModel, device: Device) {
    model.generator.move(to: device)
    self.init(
      model.generator, latent: model.configuration.latent, distribution: model.latentDistribution,
      device: device)
  }

  /// - Parameter generator: on `device` already.
  init(
    _ generator: any Module, latent: Int, distribution: LatentDistribution, device: Device
  ) {
    self.generator = generator
    self.latent = latent
    self.distribution = distribution
    self.device = device
  }

  /// What the sample of a number, from 1, is made of.
  package func latent(of number: Int, seed: UInt64) -> [Float] {
    distribution.sample(number, size: latent, seed: seed)
  }

  /// The image of a latent, 8 bits. One at a time: kernels for other batch sizes round differently, and an
  /// image must not depend on how many are asked for.
  package func image(_ latent: [Float]) -> Image {
    withoutGradients {
      generator(Tensor(latent, shape: [1, latent.count]).moved(to: device), .inference)
        .moved(to: .cpu).images()[0]
    }
  }
}

extension Image {
  /// Images of one size in rows of `columns`, with two pixels of white between and around them; gray ones
  /// as color. Traps without images.
  package static func sheet(_ images: [Image], columns: Int) -> Image {
    let rows = stride(from: 0, to: images.count, by: columns).map { start in
      Array(images[start..<min(start + columns, images.count)])
    }
    return .grid(rows.map { $0.map { $0.converted(toChannels: 3) } }, spacing: 2)
  }
}
