import Datasets
import Foundation
import Imaging
import Training
import Wording

/// The two folders of a run, checked and ready to be drawn from.
struct TrainingDomains {
  let dataset: UnpairedDataset
  private let a: UnpairedDataset.Domain
  private let b: UnpairedDataset.Domain
  private let data: DataSettings

  /// Finds and decodes every image. Throws `FileError` for a folder without usable images and,
  /// for a strict run, `TrainingError` for the first unusable one.
  init(
    _ configuration: CycleGANConfiguration, workers: Int, cacheSize: CacheSize,
    report: (TrainingEvent) -> Void
  ) throws {
    data = configuration.data
    let networks = configuration.networks
    let cache = ImageCache(capacity: cacheSize.capacity)
    let (a, sizesA) = try Self.domain(
      data.folderA, configuration, channels: networks.channelsA, workers: workers, cache: cache,
      report: report)
    let (b, sizesB) = try Self.domain(
      data.folderB, configuration, channels: networks.channelsB, workers: workers, cache: cache,
      report: report)
    if cacheSize != .off { report(.notice(Self.words(for: cache, a.files.count + b.files.count))) }
    if configuration.losses.adversary == .wganGP, sizesA.union(sizesB).count > 1 {
      throw TrainingError(
        "--gan-loss: the gradient penalty of wgan-gp looks between images of one size, and after "
          + "preprocessing these have \(sizesA.union(sizesB).count); use --preprocess resize-and-crop"
      )
    }
    (self.a, self.b) = (a, b)
    dataset = UnpairedDataset(
      a: a, b: b, seed: configuration.seed, serial: data.serial, strict: data.strict,
      epochSize: data.epochSize)
  }

  /// The images of one side and the sizes that reach the networks.
  private static func domain(
    _ path: String, _ configuration: CycleGANConfiguration, channels: Int, workers: Int,
    cache: ImageCache, report: (TrainingEvent) -> Void
  ) throws -> (UnpairedDataset.Domain, Set<ImageSize>) {
    let data = configuration.data
    let networks = configuration.networks
    let preprocessing = data.preprocessing(
      channels: channels, sizeMultiple: networks.generatorAB.sizeMultiple)
    let folder = try ImageFolder(scanning: URL(fileURLWithPath: path))
    let wanted = Array(folder.files.prefix(data.maximumImages ?? .max))
    let images = try CheckedImages(
      wanted, preprocessing: preprocessing, minimumSize: networks.minimumImageSize,
      workers: workers, cache: cache
    ) { report(.checking(folder: path, done: $0, total: wanted.count)) }
    report(.domainReady(folder: path, count: images.files.count, skipped: images.skipped))
    if channels != 3 { report(.notice("\(path): images are converted to gray")) }
    if data.strict, let first = images.skipped.first {
      throw TrainingError(first.description)
    }
    guard !images.files.isEmpty else {
      throw TrainingError("\(path): none of its \(wanted.count) images can be used")
    }
    if data.batchSize > 1 && images.outputSizes.count > 1 {
      throw TrainingError(
        "\(path): its images have \(images.outputSizes.count) sizes after preprocessing; "
          + "--batch-size \(data.batchSize) needs one, as --preprocess resize-and-crop makes")
    }
    let domain = UnpairedDataset.Domain(
      files: images.files, preprocessing: preprocessing, cache: cache)
    return (domain, images.outputSizes)
  }

  private static func words(for cache: ImageCache, _ total: Int) -> String {
    let (count, byteCount) = cache.contents
    let size = gibibytes(byteCount, decimals: 2)
    return count >= total
      ? "all images are kept in memory (\(size)); each file is decoded once"
      : "\(count) of \(total) images are kept in memory (\(size)); the others are decoded each time"
  }

  /// The first images of the folders testA and testB beside trainA and trainB; without those, the first
  /// that are trained on.
  func sampleSheet(count: Int) -> SampleSheet {
    func images(_ domain: UnpairedDataset.Domain, _ folder: String) -> [Image] {
      let testing =
        Self.testFolder(beside: folder).flatMap { try? ImageFolder(scanning: $0).files } ?? []
      let found = domain.samplingImages(from: testing, count: count)
      return found.isEmpty ? domain.samplingImages(from: domain.files, count: count) : found
    }
    return SampleSheet(a: images(a, data.folderA), b: images(b, data.folderB))
  }

  /// `testA` for `trainA`, and the same for any other ending.
  private static func testFolder(beside folder: String) -> URL? {
    let url = URL(fileURLWithPath: folder)
    let name = url.lastPathComponent
    guard name.hasPrefix("train") else { return nil }
    return url.deletingLastPathComponent()
      .appendingPathComponent("test" + name.dropFirst("train".count))
  }
}
