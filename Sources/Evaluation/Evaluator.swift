import Datasets
import Files
import Foundation
import Imaging
import Torch
import Wording

/// How images are evaluated.
package struct EvaluationSettings: Sendable {
  /// Shorter side in pixels that images are resized to first; nil keeps their size.
  package var size: Int?
  /// Images of one size that go through a network together.
  package var batchSize = 8
  package var workers = 2
  package var device = Device.cpu
  package var reading = ReadOptions()
  package var comparison = ComparisonSettings()

  package init() {}
}

/// What happens while images are evaluated.
package enum EvaluationEvent: Sendable {
  case progress(String, done: Int, total: Int)
  /// An image that is left out, and why.
  case skipped(FileError)
  /// Something to know.
  case notice(String)
}

/// Compares sets of images.
package struct Evaluator {
  let settings: EvaluationSettings
  /// nil compares by patches.
  let network: FeatureNetwork?
  /// For pairs; nil leaves LPIPS out.
  let perceptual: PerceptualDistance?
  /// For the statistics of real images; nil keeps none.
  let cache: StatisticsCache?
  let report: (EvaluationEvent) -> Void

  package init(
    settings: EvaluationSettings, network: FeatureNetwork?, perceptual: PerceptualDistance?,
    cache: StatisticsCache?, report: @escaping (EvaluationEvent) -> Void
  ) {
    self.settings = settings
    self.network = network
    self.perceptual = perceptual
    self.cache = cache
    self.report = report
  }

  /// Compares translated images with real ones. Throws `FileError` where no image of a side can be used, and where a
  /// network does not take them.
  package func compare(_ made: EvaluatedFolder, with real: EvaluatedFolder) throws -> Comparison {
    let preparation = preparation(for: [made, real], channels: channels(made, real))
    let realStatistics = try cachedStatistics(of: real, preparation)
    let (statistics, _) = try self.statistics(of: made, preparation)
    var pairs = PairedImages(perceptual: perceptual)
    try addPairs(made, real, preparation, &pairs)
    tellOfComparing(statistics, realStatistics)
    var notes = Comparison.notes(made: statistics, real: realStatistics, network: network)
    if settings.size == nil, made.sizes != real.sizes {
      notes.append(
        "the images of both sides differ in size, which the numbers show as well; --size makes them alike"
      )
    }
    return Comparison(
      key: "translated", made: side(made, statistics), real: side(real, realStatistics),
      measurements: SetComparison(
        made: statistics, real: realStatistics, network: network, settings: settings.comparison
      ).measurements() + pairs.measurements, notes: notes + [pairs.note].compactMap { $0 })
  }

  /// With many features it takes minutes, in which nothing else is said.
  func tellOfComparing(_ made: SetStatistics, _ real: SetStatistics) {
    report(
      .notice(
        "comparing \(grouped(made.count)) with \(counted(real.count, "image")), "
          + "by \(counted(made.features.shape[1], "feature"))"))
  }

  func side(_ folder: EvaluatedFolder, _ statistics: SetStatistics) -> Comparison.Side {
    Comparison.Side(path: folder.url.relativePath, images: statistics.count)
  }

  /// Gray becomes color where the other side has it.
  private func channels(_ made: EvaluatedFolder, _ real: EvaluatedFolder) -> Int {
    let counts = [made.channels, real.channels].compactMap { $0 }
    return counts.allSatisfy { $0 == 1 || $0 == 3 } ? counts.max() ?? 3 : counts.last ?? 3
  }

  /// How images of these folders, which are compared with one another, are prepared.
  func preparation(
    for folders: [EvaluatedFolder], channels: Int, range: ValueRange? = nil
  ) -> ImagePreparation {
    let shortest = settings.size.map { [$0] } ?? folders.compactMap(\.shortestSide)
    return ImagePreparation(
      reading: settings.reading, size: settings.size, channels: channels,
      side: ImagePreparation.side(shortest: shortest), hasNetwork: network != nil, range: range)
  }

  /// Those of a set of real images, from the cache where they are in it.
  func cachedStatistics(
    of folder: EvaluatedFolder, _ preparation: ImagePreparation
  ) throws -> SetStatistics {
    guard let cache else { return try statistics(of: folder, preparation).statistics }
    let file = try? cache.file(
      for: folder, network: network,
      settings: ["\(preparation)", "\(settings.comparison.seed)", "\(settings.device)"]
        + (network.map { [$0.identity] } ?? []))
    // What cannot be read is told where it is decoded.
    guard let file else { return try statistics(of: folder, preparation).statistics }
    if let found = cache.read(file, count: folder.paths.count) {
      report(.notice("\(folder.url.relativePath): statistics from the cache, \(file.path)"))
      return found
    }
    let (found, isWhole) = try statistics(of: folder, preparation)
    // Those that were left out are to be told again.
    if isWhole {
      do { try cache.write(found, to: file) } catch {
        report(.notice("the statistics are not kept: \(error)"))
      }
    }
    return found
  }

  /// - Returns: whether all images could be used, as well.
  func statistics(
    of folder: EvaluatedFolder, _ preparation: ImagePreparation
  ) throws -> (statistics: SetStatistics, isWhole: Bool) {
    var description = description(of: folder)
    let isWhole = try forEachBatch(
      of: folder, folder.url.relativePath,
      { index throws(FileError) in
        let file = try preparation.file(folder.file(index))
        return preparation.prepared(file.image, path: folder.paths[index])
      },
      alike: { $0.network.map(\.shape) == $1.network.map(\.shape) },
      { batch in try description.add(batch) })
    return (try finished(description, folder), isWhole)
  }

  func description(of folder: EvaluatedFolder) -> SetDescription {
    SetDescription(
      network: network, expected: folder.paths.count, seed: settings.comparison.seed,
      device: settings.device)
  }

  func finished(
    _ description: SetDescription, _ folder: EvaluatedFolder
  ) throws(FileError) -> SetStatistics {
    guard let statistics = description.finish() else {
      throw FileError(
        path: folder.url.relativePath,
        reason: "none of its \(counted(folder.paths.count, "image")) can be used")
    }
    return statistics
  }

  private func addPairs(
    _ made: EvaluatedFolder, _ real: EvaluatedFolder, _ preparation: ImagePreparation,
    _ pairs: inout PairedImages
  ) throws {
    let places = real.places
    let both = made.places.compactMap { name, place in places[name].map { (place, $0) } }
      .sorted { $0.0 < $1.0 }
    if both.isEmpty { return }
    let reader = Prefetcher(
      0..<both.count, depth: 2 * settings.workers, workers: settings.workers
    ) { [made, real, preparation] index in
      // What cannot be read has been told.
      (
        try? preparation.file(made.file(both[index].0)).image,
        try? preparation.file(real.file(both[index].1)).image
      )
    }
    for index in both.indices {
      guard let (image, truth) = try reader.next() else { break }
      if let image, let truth {
        try pairs.add(image, truth: truth, path: made.paths[both[index].0])
      }
      report(.progress("pairs", done: index + 1, total: both.count))
    }
  }

  /// Of images that go through a network together, and of those that wait.
  private static let (pixelsOfBatch, pixelsAhead) = (1 << 23, 1 << 26)

  /// Makes something of each image of a folder on worker threads and hands it out in order, in batches.
  ///
  /// - Parameters:
  ///   - name: for the progress.
  ///   - alike: whether two can be in one batch.
  /// - Returns: whether nothing was left out, for a `FileError` that `make` threw.
  @discardableResult
  func forEachBatch<Element: Sendable>(
    of folder: EvaluatedFolder, _ name: String,
    _ make: @escaping @Sendable (Int) throws(FileError) -> Element,
    alike: (Element, Element) -> Bool, _ body: ([Element]) throws -> Void
  ) throws -> Bool {
    let count = folder.paths.count
    // Large images come one at a time, or they would fill the memory.
    let area = max(folder.largestArea, 1)
    let batchSize = max(1, min(settings.batchSize, Self.pixelsOfBatch / area))
    let depth = max(1, min(2 * settings.workers + batchSize, Self.pixelsAhead / area))
    let reader = Prefetcher(0..<count, depth: depth, workers: settings.workers) { index in
      Result { () throws(FileError) in try make(index) }
    }
    var isWhole = true
    var batch: [Element] = []
    for index in 0..<count {
      switch try reader.next() {
      case .success(let element):
        if let first = batch.first, batch.count == batchSize || !alike(first, element) {
          try body(batch)
          batch = []
        }
        batch.append(element)
      case .failure(let reason):
        isWhole = false
        report(.skipped(reason))
      case nil: break
      }
      report(.progress(name, done: index + 1, total: count))
    }
    if !batch.isEmpty { try body(batch) }
    return isWhole
  }
}
