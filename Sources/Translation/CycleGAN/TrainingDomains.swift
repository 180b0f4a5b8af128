import Datasets
import Files
import Foundation
import Imaging
import Torch
import Training
import Wording

/// Why images cannot be trained on.
package enum DomainError: Error, Equatable, CustomStringConvertible {
  case noUsableImages(folder: String, count: Int)
  /// The first one that a strict run finds.
  case unusableImage(String)
  case severalSizes(folder: String, count: Int, batchSize: Int)
  case penaltyNeedsOneSize(count: Int)
  /// The files' numbers of channels, in words.
  case severalChannels(folder: String, side: DomainSide, words: String)
  case identityNeedsOneCount(a: Int, b: Int)
  /// So many files have floats; their least and greatest value.
  case rangeIsMissing(folder: String, side: DomainSide, count: Int, low: Double, high: Double)
  case noRange(folder: String)
  case shownChannelIsMissing(Int, folder: String, channels: Int)

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
    case .severalChannels(let folder, _, let words): "\(folder): \(words)"
    case .identityNeedsOneCount(let a, let b):
      "the identity loss needs as many channels in A as in B, not \(a) and \(b)"
    case .rangeIsMissing(let folder, _, let count, let low, let high):
      "\(folder): \(counted(count, "file")) with floats from \(ValueRange(low, max(high, low.nextUp)).text); "
        + "nobody has said which values are black and white"
    case .noRange(let folder): "\(folder): the percentiles are one value, and no range"
    case .shownChannelIsMissing(let channel, let folder, let channels):
      "\(folder): there is no channel \(channel) to be shown, only \(channels)"
    }
  }
}

/// One of the two domains.
package enum DomainSide: String, Sendable {
  case a = "A"
  case b = "B"
}

/// The two folders of a run, checked and ready to be drawn from.
struct TrainingDomains {
  let dataset: UnpairedDataset
  /// The settings with what the files have decided.
  let data: DataSettings
  /// Whether any image has more than 8 bits.
  let isDeep: Bool
  private let a: UnpairedDataset.Domain
  private let b: UnpairedDataset.Domain
  private let unseenA: Unseen
  private let unseenB: Unseen

  /// Images that are not trained on; none where there are none.
  private struct Unseen {
    /// In sample sheets.
    let shown: [ImagePage]
    /// In validation.
    let measured: [ImagePage]
  }

  /// The files of both domains, not yet looked into.
  struct Folders {
    /// Of one domain.
    struct Side {
      let training: ImageFolder
      /// That sample sheets show: the one asked for, or the one beside the training's.
      let test: ImageFolder?
      let validation: ImageFolder?
    }

    let a, b: Side

    /// Throws `FileError` for a folder without images and, in a strict run, for one with images of kinds that
    /// cannot be read.
    init(_ data: DataSettings) throws(FileError) {
      func folder(_ path: String) throws(FileError) -> ImageFolder {
        let folder = try ImageFolder(scanning: URL(fileURLWithPath: path))
        if data.strict { try folder.foreign.refuse(in: path, beside: folder.paths.count) }
        return folder
      }
      func side(
        _ path: String, test: String?, validation: String?
      ) throws(FileError) -> Side {
        let beside = Self.testFolder(beside: path).flatMap { try? ImageFolder(scanning: $0) }
        return Side(
          training: try folder(path), test: try test.map(folder) ?? beside,
          validation: try validation.map(folder))
      }
      a = try side(data.folderA, test: data.testA, validation: data.validationA)
      b = try side(data.folderB, test: data.testB, validation: data.validationB)
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

  /// Decodes every image once. Throws `DomainError` if they cannot be trained on, and `CancellationError`
  /// once `shouldStop` is true.
  init(
    _ folders: Folders, _ request: CycleGANRequest, workers: Int,
    cacheSize: CacheSize, processes: ProcessGroup?, shouldStop: () -> Bool,
    report: (TrainingEvent) -> Void
  ) throws {
    let configuration = request.decided
    var data = configuration.data
    let cache = ImageCache(capacity: cacheSize.capacity)
    func check(
      _ side: DomainSide, _ folders: Folders.Side, _ choice: RangeChoice?
    ) throws -> Checked {
      try Self.domain(
        side, folders, configuration, choice, workers: workers, cache: cache, processes: processes,
        shouldStop: shouldStop, report: report)
    }
    let checkedA = try check(.a, folders.a, request.rangeA)
    let checkedB = try check(.b, folders.b, request.rangeB)
    let (a, sizesA) = (checkedA.domain, checkedA.sizes)
    let (b, sizesB) = (checkedB.domain, checkedB.sizes)
    (data.rangeA, data.rangeB) = (checkedA.range, checkedB.range)
    (data.samplesA, data.samplesB) = (checkedA.sampleType, checkedB.sampleType)
    isDeep = checkedA.isDeep || checkedB.isDeep
    self.data = data
    // A process among others has decoded a part of them so far.
    if cacheSize != .off, processes == nil {
      report(.notice(Self.words(for: cache, a.images.count + b.images.count)))
    }
    let sizes = sizesA.union(sizesB)
    if configuration.losses.hasPenalty, sizes.count > 1 {
      throw DomainError.penaltyNeedsOneSize(count: sizes.count)
    }
    (self.a, self.b) = (a, b)
    (unseenA, unseenB) = (checkedA.unseen, checkedB.unseen)
    dataset = UnpairedDataset(
      a: a, b: b, seed: configuration.seed, serial: data.serial, strict: data.strict,
      epochSize: data.epochSize)
  }

  /// One side, and what its files have decided.
  private struct Checked {
    let domain: UnpairedDataset.Domain
    let unseen: Unseen
    /// That reach the networks.
    let sizes: Set<ImageSize>
    let range: ValueRange?
    let sampleType: SampleType?
    let isDeep: Bool
  }

  /// The images of one side.
  private static func domain(
    _ side: DomainSide, _ folders: Folders.Side, _ configuration: CycleGANConfiguration,
    _ choice: RangeChoice?, workers: Int, cache: ImageCache, processes: ProcessGroup?,
    shouldStop: () -> Bool,
    report: (TrainingEvent) -> Void
  ) throws -> Checked {
    let data = configuration.data
    let networks = configuration.networks
    let folder = folders.training
    let path = side == .a ? data.folderA : data.folderB
    let channels = side == .a ? networks.channelsA : networks.channelsB
    if let wrong = data.shownChannels?.first(where: {
      $0 > channels && channels != 1 && channels != 3
    }) {
      throw DomainError.shownChannelIsMissing(wrong, folder: path, channels: channels)
    }
    var preprocessing = data.preprocessing(
      channels: channels, sizeMultiple: networks.generatorAB.sizeMultiple, range: choice?.values)
    // What lies behind transparent pixels depends on the range.
    let isOpen = choice != nil && choice?.values == nil
    let (heldOut, wanted) = Self.split(
      Array(ImagePage.all(in: folder.files, data.reading).prefix(data.maximumImages ?? .max)),
      holdingOut: data.heldOutPercent / 100)
    let images = try CheckedImages(
      wanted, preprocessing: preprocessing, minimumSize: networks.minimumImageSize,
      workers: workers, cache: isOpen ? ImageCache(capacity: 0) : cache, gathersValues: isOpen,
      processes: processes,
      progress: { report(.checking(folder: path, done: $0, total: wanted.count)) },
      shouldStop: shouldStop)
    report(.domainReady(folder: path, count: images.images.count, skipped: images.skipped))
    for remark in images.remarks { report(.notice(remark)) }
    let foreign = folder.foreign.summary(
      used: Set(images.images.map(\.file)).count, broken: images.skipped.count)
    if let foreign { report(.warning("\(path): \(foreign)")) }
    if channels == 1 { report(.notice("\(path): images are converted to gray")) }
    if channels != 1, channels != 3 { report(.notice("\(path): images of \(channels) channels")) }
    if data.strict, let first = images.skipped.first {
      throw DomainError.unusableImage(first.description)
    }
    guard !images.images.isEmpty else {
      throw DomainError.noUsableImages(folder: path, count: wanted.count)
    }
    if configuration.samplesOfStep > 1 && images.outputSizes.count > 1 {
      throw DomainError.severalSizes(
        folder: path, count: images.outputSizes.count, batchSize: configuration.samplesOfStep)
    }
    preprocessing.range = try range(choice, images.survey, side, path)
    if isOpen, let range = preprocessing.range {
      report(.notice("\(path): \(range.text) are black and white"))
    }
    let types = images.survey.types
    let test = folders.test.map { ImagePage.all(in: $0.files, data.reading) }
    let validation = folders.validation.map { ImagePage.all(in: $0.files, data.reading) }
    return Checked(
      domain: UnpairedDataset.Domain(
        images: images.images, preprocessing: preprocessing, cache: cache),
      unseen: Unseen(
        shown: test ?? validation ?? heldOut,
        measured: validation ?? (heldOut.isEmpty ? test ?? [] : heldOut)),
      sizes: images.outputSizes, range: preprocessing.range,
      sampleType: types.count == 1 ? types.first : nil,
      isDeep: images.survey.isDeep)
  }

  /// The values that become black and white; `nil` for the ends of each file's type.
  private static func range(
    _ choice: RangeChoice?, _ survey: ValueSurvey, _ side: DomainSide, _ path: String
  ) throws(DomainError) -> ValueRange? {
    switch choice {
    case .values(let range): return range
    case .percentiles(let low, let high):
      guard let range = survey.range(fromPercentile: low, to: high) else {
        throw .noRange(folder: path)
      }
      return range
    case nil:
      guard survey.countWithoutRange > 0 else { return nil }
      throw .rangeIsMissing(
        folder: path, side: side, count: survey.countWithoutRange,
        low: survey.extremes?.low ?? 0, high: survey.extremes?.high ?? 1)
    }
  }

  /// Of A and B: those that are trained on.
  var imageCounts: [Int] { [a.images.count, b.images.count] }

  private static func words(for cache: ImageCache, _ total: Int) -> String {
    let (count, byteCount) = cache.contents
    let size = memorySize(byteCount)
    return count >= total
      ? "all images are kept in memory (\(size)); each file is decoded once"
      : "\(count) of \(total) images are kept in memory (\(size)); the others are decoded each time"
  }

  /// Every so many-th image is held out, and at least one, if any are to be; at least one is left.
  static func split<Element>(
    _ images: [Element], holdingOut share: Double
  ) -> (heldOut: [Element], rest: [Element]) {
    guard share > 0, images.count > 1 else { return ([], images) }
    let count = min(
      max(Int((Double(images.count) * share).rounded()), 1), images.count - 1)
    let chosen = Set((0..<count).map { (2 * $0 + 1) * images.count / (2 * count) })
    let (heldOut, rest) = images.enumerated().reduce(into: ([Element](), [Element]())) {
      if chosen.contains($1.offset) { $0.0.append($1.element) } else { $0.1.append($1.element) }
    }
    return (heldOut, rest)
  }

  /// Of images that are not trained on, where there are some that can be shown; else of those that are.
  func sampleSheet(count: Int) -> SampleSheet {
    func images(
      _ domain: UnpairedDataset.Domain, _ unseen: Unseen
    ) -> [(name: String, image: Image)] {
      let found = domain.samplingImages(from: unseen.shown, count: count)
      return found.isEmpty ? domain.samplingImages(from: domain.images, count: count) : found
    }
    return SampleSheet(
      a: images(a, unseenA), b: images(b, unseenB), shownChannels: data.shownChannels)
  }

  /// Images that are not trained on, to measure the networks on; `nil` unless there are some on both sides.
  func validationImages(minimumSize: Int) -> ValidationImages? {
    ValidationImages(
      a: a.measuredImages(from: unseenA.measured, count: ValidationImages.mostImages),
      b: b.measuredImages(from: unseenB.measured, count: ValidationImages.mostImages),
      cropSize: a.preprocessing.crops ? data.cropSize : nil, minimumSize: minimumSize,
      sizeMultiple: a.preprocessing.sizeMultiple)
  }
}
