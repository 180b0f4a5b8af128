import Datasets
import Files
import Foundation
import Imaging
import Machine
import Models
import Torch
import Training
import Wording

/// The discriminator of a domain, out of a run: what it thinks of images that were translated into the domain.
package struct DomainJudge {
  package let file: URL
  private let discriminator: any Module
  private let configuration: DiscriminatorConfiguration
  private let loss: AdversarialLoss
  private let range: ValueRange?
  private let device: Device

  /// - Parameters:
  ///   - path: a run's folder, or that of a snapshot in it.
  ///   - direction: of the translation, whose target is judged.
  ///   - epoch: of a run, whose snapshot is taken; `nil` takes the best by validation, else the latest.
  /// Throws `FileError` where there is no run or no discriminator in it, and where its scores have no scale;
  /// `StateDictMismatch` where its tensors are not those of the run's.
  package init(
    at path: URL, direction: TranslationDirection, epoch: WeightsFolder.Epoch?, on device: Device
  ) throws {
    let name = direction == .aToB ? "D_A" : "D_B"
    guard FileKind(of: path) == .folder, let run = RunFolder(of: path) else {
      throw FileError(
        path: path.relativePath,
        reason:
          "only the folder of a run, or of a snapshot in it, has discriminators and says what they are"
      )
    }
    guard let file = WeightsFolder(path).file(of: name, at: epoch) else {
      throw FileError(
        path: path.relativePath,
        reason: "there is no net_\(name) in it, which judges what goes \(direction.rawValue)")
    }
    let settings = try CycleGANConfiguration.read(from: run.configuration)
    guard settings.losses.adversary != .wganGP else {
      throw FileError(
        path: path.relativePath,
        reason: "it was trained with --gan-loss wgan-gp, whose scores have no scale to show")
    }
    let networks = settings.networks
    configuration = networks.discriminatorConfiguration(
      channels: direction == .aToB ? networks.channelsB : networks.channelsA)
    discriminator = configuration.makeDiscriminator()
    try discriminator.load(WeightsFile(file, networks: [name]))
    discriminator.move(to: device)
    loss = settings.losses.adversary
    range = direction == .aToB ? settings.data.rangeB : settings.data.rangeA
    self.file = file
    self.device = device
  }

  /// What it thinks of each place of an image: gray, of the image's size, black for made and white for real.
  ///
  /// - Parameter path: of the image, for the error.
  /// Throws `FileError` for an image that it cannot judge.
  package func opinion(of image: Image, path: String) throws(FileError) -> Image {
    let (height, width) = (image.height, image.width)
    guard min(height, width) >= configuration.minimumSize else {
      throw FileError(
        path: path,
        reason: "\(width)x\(height) is too small for the discriminator, which takes "
          + "\(configuration.minimumSize)x\(configuration.minimumSize) and more")
    }
    guard image.canConvert(toChannels: configuration.inputChannels) else {
      throw FileError(
        path: path,
        reason: "has \(counted(image.colors, "channel")); the discriminator takes "
          + "\(configuration.inputChannels)")
    }
    let needed = TiledGenerator(discriminator, inputChannels: configuration.inputChannels)
      .wholeBytes(pixels: height * width)
    if let free = availableMemory().map({ $0 + Backend.reusableMemory }), needed > free {
      throw FileError(
        path: path,
        reason:
          "the discriminator needs \(memorySize(needed)) for it, of which \(memorySize(free)) are free"
      )
    }
    var given = image.converted(toChannels: configuration.inputChannels)
    given.range = range ?? given.range
    return withoutGradients {
      let scores = discriminator(Tensor(images: [given]).moved(to: device), .inference)
        .moved(to: .cpu).converted(to: .float32)
      return placed(shares(scores), height: height, width: width).images()[0]
    }
  }

  /// From -1 for made to 1 for real.
  private func shares(_ scores: Tensor) -> Tensor {
    switch loss {
    case .vanilla, .saturating: scores.sigmoid() * 2 - 1
    // Made images are to score 0 and real ones 1.
    case .lsgan: scores.clamped(to: 0...1) * 2 - 1
    // Beyond -1 and 1 the loss is content.
    case .hinge, .wgan, .wganGP, .began: scores.clamped(to: -1...1)
    }
  }

  /// A map of scores laid where the patches lie that they are of; at the borders, which no patch has its middle in,
  /// the last ones go on.
  private func placed(_ map: Tensor, height: Int, width: Int) -> Tensor {
    let (step, first) = configuration.placement
    let (rows, columns) = (map.shape[2] * step, map.shape[3] * step)
    let large = map.resizedBilinearly(height: rows, width: columns).reshaped([rows, columns])
    func places(_ count: Int, of all: Int) -> [Int] {
      (0..<count).map { min(max($0 - first, 0), all - 1) }
    }
    let tall = large.rows(places(height, of: rows))
    let whole = tall.permuted([1, 0]).contiguous().rows(places(width, of: columns))
    return whole.permuted([1, 0]).reshaped([1, 1, height, width])
  }
}
