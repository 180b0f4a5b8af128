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
    /// Fully connected layers for the latent, for the class and for both; arXiv 1411.1784, section 4.1.
    case joined
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
  /// `nil` for networks that know of no classes or codes.
  package var condition: SampleCondition?

  package init() {}

  /// Numbers that the generator takes: the latent, and behind it a class or codes.
  package var generatorInputs: Int { latent + (condition?.generatorInputs ?? 0) }

  /// Numbers that the discriminator returns for an image, unless it is an autoencoder.
  var discriminatorOutputs: Int { condition?.discriminatorOutputs ?? 1 }

  /// Sides of images that a DCGAN makes.
  package static let convolutionalSizes = [28, 32, 64, 128]

  /// The network that turns latents `[batch, generatorInputs]` into images `[batch, channels, size, size]` in
  /// [-1, 1], with weights of zero until `initialize` or `load` fills them.
  ///
  /// Traps for a DCGAN of a size that is none of `convolutionalSizes`.
  package func makeGenerator() -> any Module { architecture.design.generator(self) }

  /// The network that judges images: raw scores `[batch, 1]`, what its condition asks for, or images from an
  /// autoencoder.
  package func makeDiscriminator() -> any SampleDiscriminator {
    architecture.design.discriminator(self)
  }

  /// How both networks' weights are drawn before training.
  package var initialization: Initialization { architecture.design.initialization }

  /// Enlarges the weights by which a generator begins to hear a code of several, until the code says as much as the
  /// whole latent, or so many times as much as the architecture needs: of n numbers from N(0, 1) the squares add up to n,
  /// and of zeros and a 1 to 1.
  ///
  /// Else images are told apart by their latents first, and codes come to mean what is left: the purity of handwritten
  /// digits is 0.63 to 0.84 then, by the seed, and 0.93 to 0.99 with it (`Tests/Benchmarks`).
  /// - Parameter generator: with the weights of `initialization`; one without codes stays as it is.
  package func emphasizeCodes(of generator: any Module) {
    guard let codes = condition?.codes.placed.filter({ $0.code.width > 1 }), !codes.isEmpty,
      let weight = generator.namedParameters().first?.value.tensor
    else { return }
    // The weights of transposed convolutions have their inputs first.
    let axis = weight.shape.count == 2 ? 1 : 0
    let scale = architecture.design.codeEmphasis * Double(latent).squareRoot()
    withoutGradients {
      for (_, places) in codes {
        let own = weight.narrowed(
          axis: axis, latent + places.lowerBound..<latent + places.upperBound)
        own.copyInPlace(from: own * scale)
      }
    }
  }

  /// Such as "DCGAN generator, 64x64, 3 channels, 64 filters, latent 100".
  package var summary: String {
    architecture.design.summary(
      of: "\(size)x\(size), \(counted(channels, "channel"))", latent: latent)
      + (condition.map { ", \($0.summary)" } ?? "")
  }

  /// What a state dict's names and shapes say about the generator of samples they belong to; `nil` if
  /// they are none's.
  ///
  /// - Parameter condition: what the file says of it: its classes or codes are among the inputs that the shapes tell.
  package init?(inferredFrom shapes: [String: [Int]], condition: SampleCondition? = nil) {
    let found = Architecture.designs.lazy.compactMap { $0.configuration(inferredFrom: shapes) }
    guard let first = found.first else { return nil }
    self = first
    self.condition = condition
    // Networks with a place of their own for the class have counted it already.
    if architecture != .joined { latent -= condition?.generatorInputs ?? 0 }
    guard latent > 0 else { return nil }
  }

  /// The same of a discriminator that names classes or codes; `nil` if the shapes are not those of one with this
  /// condition.
  package init?(discriminatorInferredFrom shapes: [String: [Int]], condition: SampleCondition) {
    let found = Architecture.designs.lazy.compactMap { $0.discriminator(inferredFrom: shapes) }
    guard let first = found.first, first.outputs == condition.discriminatorOutputs else {
      return nil
    }
    self = first.configuration
    self.condition = condition
  }

  /// What kind of discriminator a file's tensors belong to, in words; for a file that says it is one.
  package static func discriminatorSummary(
    _ shapes: [String: [Int]], condition: SampleCondition?
  ) -> String? {
    Architecture.designs.lazy.compactMap {
      $0.discriminatorSummary(shapes, outputs: condition?.discriminatorOutputs ?? 1)
    }.first.map { $0 + (condition.map { ", \($0.summary)" } ?? "") }
  }
}

extension SampleModelConfiguration.Architecture {
  /// What each of them is made of.
  fileprivate var design: any SampleArchitecture {
    switch self {
    case .dcgan(let filters): DCGAN(filters: filters)
    case .mlp(let hidden): FullyConnected(hidden: hidden)
    case .joined: JoinedFullyConnected()
    }
  }

  /// Those that a weights file is looked for.
  fileprivate static let designs: [any SampleArchitecture.Type] = [
    DCGAN.self, JoinedFullyConnected.self, FullyConnected.self,
  ]
}
