import Datasets
import Foundation
import Imaging
import Synchronization
import Torch

/// How pictures are translated.
public struct TranslationSettings: Sendable {
  /// Shorter side in pixels that pictures are resized to first; `nil` keeps their size.
  public var size: Int?
  /// Pictures of one size that go through the network together.
  public var batchSize = 1
  /// Threads that read, and as many that write.
  public var workers = 2
  public var device = Device.cpu
  public var precision = OptimizationSettings.Precision.auto
  /// Quality of JPEG files, 1 to 100.
  public var quality = 95

  public init() {}
}

/// What became of one picture.
public enum TranslationEvent: Sendable {
  case written(TranslationJob)
  /// The rest goes on.
  case failed(TranslationJob, reason: String)
}

/// Sends pictures through a generator: reading, the network and writing of different pictures overlap.
public struct Translator {
  private let generator: any Module
  private let model: TranslationModel
  private let settings: TranslationSettings
  private let usesBFloat16: Bool

  public init(_ model: TranslationModel, settings: TranslationSettings) {
    generator = model.generator
    generator.move(to: settings.device)
    self.model = model
    self.settings = settings
    usesBFloat16 = settings.precision.usesBFloat16(on: settings.device)
  }

  /// Translates every job and writes its result under a temporary name first.
  ///
  /// - Parameters:
  ///   - shouldStop: asked between pictures; what has begun is finished.
  ///   - report: called on the calling thread, as pictures are finished.
  public func translate(
    _ jobs: [TranslationJob], shouldStop: () -> Bool = { false },
    report: (TranslationEvent) -> Void
  ) {
    let size = settings.size
    let reader = Prefetcher(
      0..<jobs.count, depth: settings.workers + settings.batchSize, workers: settings.workers
    ) { index in
      Source(reading: jobs[index], size: size)
    }
    let writer = ResultWriter(workers: settings.workers, quality: settings.quality)
    var batch: [Source] = []
    while !shouldStop(), let source = try? reader.next() {
      if case .failure(let error) = source.file {
        writer.fail(source.job, "\(error.reason)")
      } else if let first = batch.first, !source.fits(with: first) {
        translate(batch, writer)
        batch = [source]
      } else {
        batch.append(source)
      }
      if batch.count == settings.batchSize {
        translate(batch, writer)
        batch = []
      }
      writer.takeFinished().forEach(report)
    }
    translate(batch, writer)
    writer.finish().forEach(report)
  }

  private func translate(_ batch: [Source], _ writer: ResultWriter) {
    let files = batch.compactMap { try? $0.file.get() }
    guard !files.isEmpty else { return }
    let bitDepth = files[0].image.bitDepth
    let pictures = files.map {
      $0.image.removingAlpha().converted(toChannels: model.configuration.inputChannels)
    }
    let output = output(for: pictures)
    let images = output.images(bitDepth: bitDepth)
    for (index, source) in batch.enumerated() {
      // One picture with a value that is not a number must not spoil the others of its batch.
      guard output.narrowed(axis: 0, index..<(index + 1)).sum().item.isFinite else {
        writer.fail(source.job, "the network's output is not a number")
        continue
      }
      var result = files[index]
      result.image = images[index]
      if let alpha = files[index].image.alpha { result.image = result.image.addingAlpha(alpha) }
      writer.write(result, source.job)
    }
  }

  /// The generator's output for pictures of one size, at that size: `[batch, channel, height, width]`,
  /// float32, on the CPU.
  ///
  /// The pictures are padded by reflection on the right and at the bottom to what the network needs, and
  /// the padding is cut off again.
  func output(for pictures: [Image]) -> Tensor {
    let (height, width) = (pictures[0].height, pictures[0].width)
    let input = Tensor(
      images: pictures.map {
        $0.paddedByReflection(
          top: 0, left: 0, bottom: paddedSize(height) - height, right: paddedSize(width) - width)
      })
    return withoutGradients {
      withBFloat16Autocast(usesBFloat16, on: settings.device) {
        generator(input.moved(to: settings.device), .inference)
      }.narrowed(axis: 2, 0..<height).narrowed(axis: 3, 0..<width).moved(to: .cpu)
        .converted(to: .float32)
    }
  }

  private func paddedSize(_ size: Int) -> Int {
    let multiple = model.configuration.sizeMultiple
    return (max(size, model.configuration.minimumSize) + multiple - 1) / multiple * multiple
  }
}
