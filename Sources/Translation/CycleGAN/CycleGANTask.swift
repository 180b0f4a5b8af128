import Datasets
import Imaging
import Torch
import Training

/// A run that trains a CycleGAN.
package typealias CycleGANRun = TrainingRun<CycleGANTask>

/// CycleGAN training on two folders, as `TrainingRun` carries it out.
package final class CycleGANTask: TrainingTask {
  package let configuration: CycleGANConfiguration
  private let device: Device
  private let dataset: UnpairedDataset
  private let sheet: SampleSheet
  private let cycleGAN: CycleGANTrainer

  package init(
    _ request: CycleGANRequest, settings: RunSettings, restore: (any Trainer) throws -> Void,
    shouldStop: () -> Bool, report: @escaping (TrainingEvent) -> Void
  ) throws {
    configuration = try request.following(settings.initialWeights).decided
    device = settings.device
    // Missing folders are found before networks are made, which takes a while.
    let folders = try TrainingDomains.Folders(configuration.data)
    cycleGAN = CycleGANTrainer(configuration: configuration, device: device)
    try restore(cycleGAN)
    let domains = try TrainingDomains(
      folders, configuration, workers: settings.workers, cacheSize: settings.cache,
      shouldStop: shouldStop, report: report)
    dataset = domains.dataset
    sheet = domains.sampleSheet(count: 4)
  }

  package var trainer: any Trainer { cycleGAN }
  package var epochSize: Int { dataset.count }
  package var batchSize: Int { configuration.data.batchSize }

  package func samples(ofEpoch epoch: Int) -> @Sendable (Int) throws -> UnpairedSample {
    let epoch = dataset.epoch(epoch)
    return { try epoch.sample(at: $0) }
  }

  package func warnings(about sample: UnpairedSample) -> [String] {
    sample.skipped.map(\.description)
  }

  package func step(_ batch: [UnpairedSample]) -> any StepLosses {
    cycleGAN.step(
      realA: Tensor(images: batch.map(\.a)).moved(to: device),
      realB: Tensor(images: batch.map(\.b)).moved(to: device))
  }

  package func drawSamples() -> Image { sheet.draw(with: cycleGAN) }
}
