import Datasets
import Files
import Foundation
import Imaging
import Training
import Wording

/// Why images cannot be trained on.
package enum DomainError: Error, Equatable, CustomStringConvertible {
  case noUsableImages(folder: String, count: Int)
  /// The first one that a strict run finds.
  case unusableImage(String)
  case severalSizes(folder: String, count: Int, batchSize: Int)
  case penaltyNeedsOneSize(count: Int)

  package var description: String {
    switch self {
    case .noUsableImages(let folder, let count):
      "\(folder): none of its \(count) images can be used"
    case .unusableImage(let description): description
    case .severalSizes(let folder, let count, let batchSize):
      "\(folder): its images have \(count) sizes after preprocessing; a batch of \(batchSize) needs one"
    case .penaltyNeedsOneSize(let count):
      "the gradient penalty looks between images of one size, and after preprocessing these "
        + "have \(count)"
    }
  }
}

/// The two folders of a run, checked and ready to be drawn from.
struct TrainingDomains {
  let dataset: UnpairedDataset
  private let a: UnpairedDataset.Domain
  private let b: UnpairedDataset.Domain
  private let data: DataSettings

  /// The files of both folders, not yet looked into.
  struct Folders {
    let a, b: ImageFolder

    /// Throws `FileError` for a folder without images and, in a strict run, for one with images of kinds that
    /// cannot be read.
    init(_ data: DataSettings) throws(FileError) {
      func folder(_ path: String) throws(FileError) -> ImageFolder {
        let folder = try ImageFolder(scanning: URL(fileURLWithPath: path))
        if data.strict { try folder.foreign.refuse(in: path, beside: folder.relativePaths.count) }
        return folder
      }
      a = try folder(data.folderA)
      b = try folder(data.folderB)
    }
  }

  /// Decodes every image once. Throws `DomainError` if they cannot be trained on, and `CancellationError`
  /// once `shouldStop` is true.
  init(
    _ folders: Folders, _ configuration: CycleGANConfiguration, workers: Int,
    cacheSize: CacheSize, shouldStop: () -> Bool, report: (TrainingEvent) -> Void
  ) throws {
    data = configuration.data
    let networks = configuration.networks
    let cache = ImageCache(capacity: cacheSize.capacity)
    func check(
      _ folder: ImageFolder, _ path: String, _ channels: Int
    ) throws -> (UnpairedDataset.Domain, Set<ImageSize>) {
      try Self.domain(
        folder, path, configuration, channels: channels, workers: workers, cache: cache,
        shouldStop: shouldStop, report: report)
    }
    let (a, sizesA) = try check(folders.a, data.folderA, networks.channelsA)
    let (b, sizesB) = try check(folders.b, data.folderB, networks.channelsB)
    if cacheSize != .off { report(.notice(Self.words(for: cache, a.files.count + b.files.count))) }
    let sizes = sizesA.union(sizesB)
    if configuration.losses.hasPenalty, sizes.count > 1 {
      throw DomainError.penaltyNeedsOneSize(count: sizes.count)
    }
    (self.a, self.b) = (a, b)
    dataset = UnpairedDataset(
      a: a, b: b, seed: configuration.seed, serial: data.serial, strict: data.strict,
      epochSize: data.epochSize)
  }

  /// The images of one side and the sizes that reach the networks.
  private static func domain(
    _ folder: ImageFolder, _ path: String, _ configuration: CycleGANConfiguration, channels: Int,
    workers: Int, cache: ImageCache, shouldStop: () -> Bool, report: (TrainingEvent) -> Void
  ) throws -> (UnpairedDataset.Domain, Set<ImageSize>) {
    let data = configuration.data
    let networks = configuration.networks
    let preprocessing = data.preprocessing(
      channels: channels, sizeMultiple: networks.generatorAB.sizeMultiple)
    let wanted = Array(folder.files.prefix(data.maximumImages ?? .max))
    let images = try CheckedImages(
      wanted, preprocessing: preprocessing, minimumSize: networks.minimumImageSize,
      workers: workers, cache: cache,
      progress: { report(.checking(folder: path, done: $0, total: wanted.count)) },
      shouldStop: shouldStop)
    report(.domainReady(folder: path, count: images.files.count, skipped: images.skipped))
    for remark in images.remarks { report(.notice(remark)) }
    let foreign = folder.foreign.summary(
      used: images.files.count, broken: images.skipped.count)
    if let foreign { report(.warning("\(path): \(foreign)")) }
    if channels != 3 { report(.notice("\(path): images are converted to gray")) }
    if data.strict, let first = images.skipped.first {
      throw DomainError.unusableImage(first.description)
    }
    guard !images.files.isEmpty else {
      throw DomainError.noUsableImages(folder: path, count: wanted.count)
    }
    if data.batchSize > 1 && images.outputSizes.count > 1 {
      throw DomainError.severalSizes(
        folder: path, count: images.outputSizes.count, batchSize: data.batchSize)
    }
    let domain = UnpairedDataset.Domain(
      files: images.files, preprocessing: preprocessing, cache: cache)
    return (domain, images.outputSizes)
  }

  private static func words(for cache: ImageCache, _ total: Int) -> String {
    let (count, byteCount) = cache.contents
    let size = memorySize(byteCount)
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
