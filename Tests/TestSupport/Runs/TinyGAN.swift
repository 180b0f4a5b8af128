import Foundation
import Synthesis
import Torch
import Training

/// A GAN run so small that an epoch takes a blink: nine images in batches of three, networks of two
/// filters.
package struct TinyGAN {
  package var request: GANRequest
  package var settings: RunSettings

  package var configuration: GANConfiguration {
    get { request.configuration }
    set { request.configuration = newValue }
  }

  package var folder: RunFolder { settings.folder }

  /// Writes the images into `root`, 30x32 pixels each, unless they are there.
  package init(
    in root: URL, name: String = "run", model: GANConfiguration.Model = .dcgan,
    loss: AdversarialLoss = .vanilla
  ) throws {
    settings = RunSettings(
      folder: RunFolder(root.appendingPathComponent(name)), device: .cpu, workers: 2)
    let images = root.appendingPathComponent("images")
    if !FileManager.default.fileExists(atPath: images.path) {
      try writeImages(9, to: images, height: 30, width: 32, channels: 1)
    }
    request = GANRequest(model)
    request.size = 28
    configuration.networks.architecture = model == .dcgan ? .dcgan(filters: 2) : .mlp(hidden: [8])
    configuration.networks.latent = 5
    configuration.data.path = images.path
    configuration.data.batchSize = 3
    configuration.losses.loss = loss
    configuration.schedule.constantEpochs = 4
    configuration.schedule.saveEvery = .epochs(2)
    configuration.schedule.logEvery = 1
    configuration.schedule.sampleEvery = 1_000_000
    configuration.seed = 7
  }

  /// - Parameter steps: stops after so many steps of this call; `nil` trains to the end.
  @discardableResult
  package func train(
    resuming: Bool = false, stoppingAfter steps: Int? = nil,
    report: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> RunOutcome {
    try GANRun.carryOut(
      request, settings: settings, resuming: resuming, stoppingAfter: steps, report: report)
  }

  package func results() throws -> [String: Data] { try folder.results() }
  package func metrics() throws -> [[String: Any]] { try folder.metricLines() }

  /// A trainer of the configuration for the gray images.
  package func makeTrainer() -> GANTrainer {
    var gray = request
    gray.channels = 1
    return GANTrainer(configuration: gray.decided, device: .cpu)
  }
}

/// Images of noise in [-1, 1] for one step.
package func noiseImages(_ count: Int, seed: UInt64 = 1) -> Tensor {
  .uniform(shape: [count, 1, 28, 28], seed: seed) * 2 - 1
}
