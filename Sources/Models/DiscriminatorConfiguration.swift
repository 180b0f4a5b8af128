import Torch

/// What a discriminator is built from.
package struct DiscriminatorConfiguration: Codable, Sendable, Equatable {
  /// The shape of the network.
  package enum Architecture: Codable, Sendable, Equatable {
    /// PatchGAN: one score for each overlapping patch; 3 layers see patches of 70x70 pixels.
    case patch(layers: Int)
    /// One score for each pixel, from 1x1 convolutions.
    case pixel
  }

  package var architecture = Architecture.patch(layers: 3)
  /// Channels after the first convolution; `ndf` in the reference.
  package var baseChannels = 64
  package var inputChannels = 3
  package var normalization = Normalization.instance
  /// Whether every convolution's weight is divided by its largest singular value; see `SpectralConv2d`.
  package var spectralNorm = false

  package init() {}

  func layer(_ convolution: Conv2d) -> any Module {
    spectralNorm ? SpectralConv2d(convolution) : convolution
  }

  /// The shortest side of an image the network can judge.
  package var minimumSize: Int { architecture.design.minimumSize }

  /// Where scores lie in the image: pixels from the middle of one patch to the next, and the first pixel of the
  /// square of that side around the middle of the first.
  package var placement: (step: Int, first: Int) {
    let strides = architecture.design.strides
    let step = strides.reduce(1, *)
    // A kernel of 4 with a padding of 1 moves the middle by half of what lies between two values before it.
    let moves = strides.indices.reduce(0) { $0 + strides[..<$1].reduce(1, *) }
    return (step, (1 + moves - step) / 2)
  }

  /// The network, with weights of zero until `initialize` or `load` fills them.
  package func makeDiscriminator() -> any Module { architecture.design.network(self) }

  /// Multiplications (each with an addition) of all convolutions for each pixel of the input, borders not
  /// counted.
  package var multiplyAddsPerPixel: Double {
    NetworkScales(of: makeDiscriminator()).multiplyAddsPerPixel
  }

  /// What a state dict's names and shapes say about the discriminator it belongs to, such as "patch
  /// discriminator, 3 layers, 64 filters, 3 channels"; `nil` if it is none.
  package static func summary(of shapes: [String: [Int]]) -> String? {
    Architecture.designs.lazy.compactMap { $0.summary(of: shapes) }.first
  }
}

/// What is particular to one architecture of a discriminator, in one file for each.
protocol DiscriminatorArchitecture: Sendable {
  /// The shortest side the network takes.
  var minimumSize: Int { get }

  /// Of the convolutions with kernels of 4 and a padding of 1; those of one pixel move nothing.
  var strides: [Int] { get }

  /// The tree of layers, with the reference's state-dict names.
  func network(_ configuration: DiscriminatorConfiguration) -> any Module

  /// Nil for tensors that are not this architecture's.
  static func summary(of shapes: [String: [Int]]) -> String?
}

extension DiscriminatorConfiguration.Architecture {
  /// What each of them is made of.
  fileprivate var design: any DiscriminatorArchitecture {
    switch self {
    case .patch(let layers): PatchDiscriminator(layers: layers)
    case .pixel: PixelDiscriminator()
    }
  }

  /// Those that a weights file is looked for.
  fileprivate static let designs: [any DiscriminatorArchitecture.Type] = [
    PatchDiscriminator.self, PixelDiscriminator.self,
  ]
}
