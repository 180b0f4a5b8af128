import Datasets
import Imaging
import Torch
import Training

/// A run that trains a CycleGAN.
package typealias CycleGANRun = TrainingRun<CycleGANTask>

extension CycleGANConfiguration: RunConfiguration {
  package static func accepts(model: String?) -> Bool { model == nil }
}

extension CycleGANLosses: StepLosses {}

/// CycleGAN training on two folders, as `TrainingRun` carries it out.
package final class CycleGANTask: TrainingTask {
  package let configuration: CycleGANConfiguration
  private let device: Device
  private let dataset: UnpairedDataset
  private let sheet: SampleSheet
  private let cycleGAN: CycleGANTrainer

  package init(
    _ configuration: CycleGANConfiguration, settings: RunSettings,
    report: @escaping (TrainingEvent) -> Void
  ) throws {
    self.configuration = configuration
    device = settings.device
    let domains = try TrainingDomains(
      configuration, workers: settings.workers, cacheSize: settings.cache, report: report)
    dataset = domains.dataset
    sheet = domains.sampleSheet(count: 4)
    cycleGAN = CycleGANTrainer(configuration: configuration, device: settings.device)
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

extension CycleGANTrainer: Trainer {
  package func scaleLearningRates(by factor: Double) {
    learningRate = configuration.optimization.learningRate * factor
  }
}
