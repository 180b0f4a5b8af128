import Torch

/// What a generator is built from; enough, with its weights, to use it.
package struct GeneratorConfiguration: Codable, Sendable, Equatable {
  /// The shape of the network.
  package enum Architecture: Codable, Sendable, Equatable {
    /// Two strided convolutions, residual blocks at a quarter of the size, two transposed convolutions.
    case resNet(blocks: Int)
    /// An encoder and a decoder with skip connections; `downsamplings` halvings down to the bottleneck.
    case uNet(downsamplings: Int)
  }

  package var architecture = Architecture.resNet(blocks: 9)
  /// Channels after the first convolution; `ngf` in the reference.
  package var baseChannels = 64
  package var inputChannels = 3
  package var outputChannels = 3
  package var normalization = Normalization.instance
  /// Dropout of one half inside the residual blocks, or in the U-Net's inner blocks.
  package var dropout = false

  package init() {}

  /// The network, with weights of zero until `initialize` or `load` fills them.
  package func makeGenerator() -> any Module { architecture.design.network(self) }

  /// Both sides of the input have to be multiples of this.
  package var sizeMultiple: Int { architecture.design.sizeMultiple }

  /// The shortest side the network takes.
  package var minimumSize: Int { architecture.design.minimumSize }

  /// The side that an image of this side is padded to: as large as the network needs, and a multiple of
  /// what it takes.
  package func paddedSize(_ size: Int) -> Int {
    (max(size, minimumSize) + sizeMultiple - 1) / sizeMultiple * sizeMultiple
  }

  /// Multiplications (each with an addition) of all convolutions for each pixel of the input; 756,096 for
  /// the default, which is 49.55 billion for 256x256.
  package var multiplyAddsPerPixel: Double { NetworkScales(of: makeGenerator()).multiplyAddsPerPixel }

  /// Such as "ResNet generator, 9 blocks, 64 filters, instance norm, 3 to 3 channels".
  package var summary: String {
    let norm = normalization == .none ? "no norm" : "\(normalization.rawValue) norm"
    return "\(architecture.design.summary), \(baseChannels) filters, \(norm), "
      + "\(inputChannels) to \(outputChannels) channels" + (dropout ? ", dropout" : "")
  }

  /// What a state dict's names and shapes say about the generator it belongs to; `nil` if it is none.
  package init?(inferredFrom shapes: [String: [Int]]) {
    let found = Architecture.designs.lazy.compactMap { $0.configuration(inferredFrom: shapes) }
    guard let first = found.first else { return nil }
    self = first
  }

  /// What computes the generator's convolutions on a device, such as "oneDNN 2.6.3, Winograd in the
  /// residual blocks"; "libtorch" where it has no help.
  /// - Parameter side: of the images, in pixels; few pixels are not worth Winograd's transforms.
  package func convolutions(on device: Device, side: Int) -> String {
    guard device == .cpu, let library = Backend.convolutionLibrary,
      normalization != .batch, baseChannels % 16 == 0,
      inputChannels <= 4 || inputChannels % 16 == 0
    else { return "libtorch" }
    let layers = architecture.design.winogradLayers(self, side: side)
    return layers.map { "\(library), Winograd in \($0)" } ?? library
  }
}

extension GeneratorConfiguration.Architecture {
  /// What each of them is made of.
  var design: any GeneratorArchitecture {
    switch self {
    case .resNet(let blocks): ResNet(blocks: blocks)
    case .uNet(let downsamplings): UNet(downsamplings: downsamplings)
    }
  }

  /// Those that a weights file is looked for.
  fileprivate static let designs: [any GeneratorArchitecture.Type] = [ResNet.self, UNet.self]
}
