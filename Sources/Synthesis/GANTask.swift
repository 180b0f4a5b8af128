import Datasets
import Foundation
import Imaging
import Models
import Torch
import Training

/// A run that trains a DCGAN or a fully connected GAN.
package typealias GANRun = TrainingRun<GANTask>

/// GAN training on one source of images, as `TrainingRun` carries it out.
package final class GANTask: TrainingTask {
  package let configuration: GANConfiguration
  package let epochSize: Int
  package let batchSize: Int
  private let dataset: SquareDataset
  private let gan: GANTrainer
  private let sampler: Sampler
  private let report: (TrainingEvent) -> Void

  /// Samples on a sheet, in rows of as many as columns.
  private static let sheetSide = 8

  package init(
    _ configuration: GANConfiguration, settings: RunSettings,
    report: @escaping (TrainingEvent) -> Void
  ) throws {
    let data = configuration.data
    let source = try ImageSource(
      at: URL(fileURLWithPath: data.path), class: data.className, strict: data.strict,
      workers: settings.workers, reading: data.reading
    ) { report(.checking(folder: data.path, done: $0, total: $1)) }
    for warning in source.warnings { report(.warning(warning)) }

    var resolved = configuration
    resolved.adopt(source)
    dataset = SquareDataset(
      source, size: resolved.networks.size, channels: resolved.networks.channels,
      maximumCount: data.maximumImages, seed: configuration.seed, strict: data.strict,
      background: data.background, cache: ImageCache(capacity: settings.cache.capacity))
    report(.notice("\(data.path): \(source.summary)"))
    report(.notice("learning images of \(resolved.networks.imageWords)"))
    batchSize = min(data.batchSize, dataset.count)
    if batchSize < data.batchSize {
      report(
        .warning(
          "--batch-size: there are fewer images than a batch of \(data.batchSize); training with "
            + (batchSize == 1 ? "the one there is" : "batches of all \(batchSize)")))
    }
    // A few images left over make poor statistics for batch norm; the next epoch shuffles them in.
    epochSize = dataset.count / batchSize * batchSize
    self.configuration = resolved
    self.report = report
    gan = GANTrainer(configuration: resolved, device: settings.device)
    sampler = Sampler(
      gan.average.network, latent: resolved.networks.latent,
      distribution: resolved.latentDistribution, device: settings.device)
  }

  package var trainer: any Trainer { gan }

  package func samples(ofEpoch epoch: Int) -> @Sendable (Int) throws -> SquareSample {
    dataset.samples(ofEpoch: epoch)
  }

  package func warnings(about sample: SquareSample) -> [String] {
    sample.skipped.map(\.description)
  }

  package func step(_ batch: [SquareSample]) -> any StepLosses {
    let real = Tensor(images: batch.map(\.image)).moved(to: gan.device)
    let losses = gan.step(real: real)
    for warning in gan.warnings { report(.warning(warning)) }
    return losses
  }

  /// The same latents each time: those of the first samples that `generate` makes with the run's seed.
  package func drawSamples() -> Image {
    let count = Self.sheetSide * Self.sheetSide
    let latents = (1...count).map { sampler.latent(of: $0, seed: configuration.seed) }
    return .sheet(latents.map(sampler.image), columns: Self.sheetSide)
  }
}

extension SampleModelConfiguration {
  fileprivate var imageWords: String {
    "\(size)x\(size) pixels in \(channels == 1 ? "gray" : "color")"
  }
}
