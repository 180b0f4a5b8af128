import Files
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

  /// Connections around the inner layers of a ResNet, which have no weights: the names and shapes of a file's
  /// tensors are the same with and without them.
  package enum Skips: String, Codable, Sendable, CaseIterable {
    /// As in the reference.
    case none
    /// The first layer's features are added to those before the last convolution, and those at half the size
    /// to those that come back to it.
    case features
  }

  /// How a ResNet comes back to the image's size.
  package enum Upsampling: String, Codable, Sendable, CaseIterable {
    /// Transposed convolutions, as in the reference.
    case transposed
    /// The same with a filter behind each; see `SmoothedConvTranspose2d`. Names and shapes of the weights are the same.
    case smoothed
    /// Interpolation, then a convolution; see `BilinearConv2d`. The names of the weights are the same, their first two
    /// sizes have changed places.
    case bilinear
  }

  package var architecture = Architecture.resNet(blocks: 9)
  package var upsampling = Upsampling.transposed
  package var skips = Skips.none
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
  package var multiplyAddsPerPixel: Double {
    NetworkScales(of: makeGenerator()).multiplyAddsPerPixel
  }

  /// Such as "ResNet generator, 9 blocks, 64 filters, instance norm, 3 to 3 channels".
  package var summary: String {
    let norm = normalization == .none ? "no norm" : "\(normalization.rawValue) norm"
    return "\(architecture.design.summary), \(baseChannels) filters, \(norm), "
      + "\(inputChannels) to \(outputChannels) channels" + (dropout ? ", dropout" : "")
      + (skips == .none ? "" : ", skips \(skips.rawValue)")
      + (upsampling == .transposed ? "" : ", \(upsampling.rawValue) up-sampling")
  }

  /// What a state dict's names and shapes say about the generator it belongs to; `nil` if it is none.
  package init?(inferredFrom shapes: [String: [Int]]) {
    let found = Architecture.designs.lazy.compactMap { $0.configuration(inferredFrom: shapes) }
    guard let first = found.first else { return nil }
    self = first
  }

  /// What a weights file says of the network: what its tensors do not show, and every up-sampling but the reference's.
  package var metadata: [String: String] {
    var words: [String: String] = [:]
    if skips != .none { words[Self.skipsKey] = skips.rawValue }
    if upsampling != .transposed { words[Self.upsamplingKey] = upsampling.rawValue }
    return words
  }

  private static let skipsKey = "skips"
  private static let upsamplingKey = "upsampling"

  /// What a weights file says about the generator it belongs to, by its tensors and by the metadata beside
  /// them; `nil` if it is none. A file that says nothing has no skips, and transposed convolutions where their
  /// shapes are in it.
  ///
  /// Throws `FileError` where the metadata is not understood or does not fit the tensors.
  package static func found(
    in shapes: [String: [Int]], _ metadata: [String: String], path: String
  ) throws(FileError) -> GeneratorConfiguration? {
    guard var found = GeneratorConfiguration(inferredFrom: shapes) else { return nil }
    func choice<Choice: RawRepresentable<String>>(
      _ key: String, notOfResNet plain: Choice
    ) throws(FileError) -> Choice? where Choice: Equatable {
      guard let word = metadata[key] else { return nil }
      guard let choice = Choice(rawValue: word) else {
        throw FileError(
          path: path,
          reason: "its metadata says \(key) '\(word)', which this program does not know")
      }
      guard choice == plain || found.architecture.isResNet else {
        throw FileError(
          path: path,
          reason:
            "its metadata says \(key) '\(word)', which only a ResNet has, but its tensors are those "
            + "of a U-Net")
      }
      return choice
    }
    if let skips = try choice(skipsKey, notOfResNet: Skips.none) { found.skips = skips }
    if let upsampling = try choice(upsamplingKey, notOfResNet: Upsampling.transposed) {
      guard (upsampling == .bilinear) == (found.upsampling == .bilinear) else {
        throw FileError(
          path: path,
          reason:
            "its metadata says upsampling '\(upsampling.rawValue)', but its tensors are those of "
            + "'\(found.upsampling.rawValue)'")
      }
      found.upsampling = upsampling
    }
    return found
  }

  /// Throws `FileError` where weights are those of a generator that computes something else with the same
  /// tensors.
  package func check(_ metadata: [String: String], path: String) throws(FileError) {
    let unsaid = upsampling == .smoothed ? Upsampling.transposed : upsampling
    for (key, other, own) in [
      (Self.skipsKey, metadata[Self.skipsKey] ?? Skips.none.rawValue, skips.rawValue),
      (
        Self.upsamplingKey, metadata[Self.upsamplingKey] ?? unsaid.rawValue, upsampling.rawValue
      ),
    ] where other != own {
      throw FileError(
        path: path,
        reason: "its weights were trained with --\(key) \(other), and this network has \(own)")
    }
  }

  /// What computes the generator's convolutions on a device, such as "oneDNN 2.6.3, Winograd in the
  /// residual blocks"; "libtorch" where it has no help. Says as well why the layers between them run on one
  /// thread, if they do.
  /// - Parameter side: of the images, in pixels; few pixels are not worth Winograd's transforms.
  package func convolutions(
    on device: Device, side: Int, loopObstacle: String? = Backend.loopObstacle
  ) -> String {
    guard device == .cpu, let library = Backend.convolutionLibrary, fitsBlocks else {
      return "libtorch"
    }
    let layers = architecture.design.winogradLayers(self, side: side)
    return library + (layers.map { ", Winograd in \($0)" } ?? "")
      + (loopObstacle.map { "; loops over feature maps on one thread: \($0)" } ?? "")
  }

  /// Channel blocks hold 16 channels, and normalize each image by itself.
  private var fitsBlocks: Bool {
    normalization != .batch && baseChannels % Self.block == 0
      && (inputChannels <= 4 || inputChannels % Self.block == 0)
  }

  private static let block = 16

  /// Which setting would let this program's own convolutions compute the network: "16 or 32 filters instead of 24";
  /// `nil` where they do, or where none would.
  package func remedyForSlowConvolutions(on device: Device) -> String? {
    guard device == .cpu, Backend.convolutionLibrary != nil, !fitsBlocks else { return nil }
    if normalization == .batch { return "instance norm instead of batch norm" }
    // With fewer than one block there is little to gain.
    guard baseChannels % Self.block != 0, baseChannels > Self.block else { return nil }
    let below = baseChannels / Self.block * Self.block
    return "\(below) or \(below + Self.block) filters instead of \(baseChannels)"
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

  package var isResNet: Bool {
    if case .resNet = self { true } else { false }
  }

  /// Those that a weights file is looked for.
  fileprivate static let designs: [any GeneratorArchitecture.Type] = [ResNet.self, UNet.self]
}
