import Datasets
import Files
import Imaging
import Torch
import Training

/// All that is kept of a set of images: enough to compare it with another, without the images.
package struct SetStatistics {
  /// `[images, features]`
  let features: Tensor
  /// At each level of the pyramid some patches of each image, projected: `[images * patches, directions]`, those of
  /// an image side by side.
  let levels: [Tensor]
  /// The images at 16x16 pixels: `[images, channels * 256]`.
  let thumbnails: Tensor

  package var count: Int { features.shape[0] }
}

/// An image ready to be described.
struct PreparedImage: Sendable {
  let path: String
  /// RGB of 8 bits at the image's own size; nil where no network looks at it.
  let network: Image?
  /// The square in its middle, at the side that both sets share.
  let frame: Image
}

/// Describes images one batch after the other.
struct SetDescription {
  static let thumbnailSide = 16

  private let network: FeatureNetwork?
  private let patchesOfImage: Int
  private let device: Device
  private var draws: Draws
  private let seed: UInt64
  private var features: [Tensor] = []
  private var levels: [[Tensor]] = []
  private var thumbnails: [Tensor] = []
  private(set) var count = 0

  /// - Parameters:
  ///   - network: nil makes features of the patches.
  ///   - expected: images that will come, about.
  init(network: FeatureNetwork?, expected: Int, seed: UInt64, device: Device) {
    self.network = network
    self.seed = seed
    self.device = device
    draws = Draws(seed: seed)
    patchesOfImage = PatchStatistics.patches(of: expected)
  }

  /// Images whose `network` parts have one size. Throws where the network does not take them.
  mutating func add(_ images: [PreparedImage]) throws(FileError) {
    guard !images.isEmpty else { return }
    let frames = Tensor(images: images.map(\.frame))
    let projections = withoutGradients {
      TranslationMeasure.projections(of: frames.moved(to: device), seed: seed).map {
        $0.moved(to: .cpu)
      }
    }
    if let network {
      features.append(try network.features(of: images.compactMap(\.network), images[0].path))
    } else {
      features.append(PatchStatistics.features(projections))
    }
    if levels.isEmpty { levels = projections.map { _ in [] } }
    for (level, all) in projections.enumerated() {
      let (patches, directions) = (all.shape[1], all.shape[2])
      let kept = min(patchesOfImage, patches)
      let places = images.indices.flatMap { image in
        draws.subset(of: patches, size: kept).map { image * patches + $0 }
      }
      levels[level].append(all.reshaped([-1, directions]).rows(places))
    }
    let pooled = frames.averagePooled(
      size: frames.shape[2] / Self.thumbnailSide, stride: frames.shape[2] / Self.thumbnailSide)
    thumbnails.append(pooled.reshaped([images.count, -1]))
    count += images.count
  }

  /// Nil where there was no image.
  func finish() -> SetStatistics? {
    guard count > 0 else { return nil }
    return SetStatistics(
      features: .concatenated(features, axis: 0),
      levels: levels.map { .concatenated($0, axis: 0) },
      thumbnails: .concatenated(thumbnails, axis: 0))
  }
}
