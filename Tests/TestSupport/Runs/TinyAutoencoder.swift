import Foundation
import Synthesis
import Torch
import Training

/// An autoencoder's run so small that an epoch takes a blink: seven gray images of 8x8 pixels in batches of three.
package struct TinyAutoencoder {
  package var request = AutoencoderRequest()
  package var settings: RunSettings

  package var configuration: AutoencoderRunConfiguration {
    get { request.configuration }
    set { request.configuration = newValue }
  }

  package var folder: RunFolder { settings.folder }

  /// Writes the images into `root` unless they are there.
  package init(in root: URL, name: String = "run") throws {
    settings = RunSettings(
      folder: RunFolder(root.appendingPathComponent(name)), device: .cpu, workers: 2)
    let images = root.appendingPathComponent("images")
    if !FileManager.default.fileExists(atPath: images.path) {
      try writeImages(7, to: images, height: 8, width: 8, channels: 1)
    }
    configuration.network.hidden = [6]
    configuration.network.filters = 2
    configuration.network.code = 3
    configuration.data.path = images.path
    configuration.data.batchSize = 3
    configuration.schedule.constantEpochs = 2
    configuration.schedule.decayEpochs = 2
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
    try TrainingRun<AutoencoderTask>.carryOut(
      request, settings: settings, resuming: resuming, stoppingAfter: steps, report: report)
  }

  package func results() throws -> [String: Data] { try folder.results() }
  package func metrics() throws -> [[String: Any]] { try folder.metricLines() }

  /// A trainer of the configuration for gray images of 8x8.
  package func makeTrainer(processes: ProcessGroup? = nil) -> AutoencoderTrainer {
    var small = request
    small.channels = 1
    small.size = small.size ?? 8
    return AutoencoderTrainer(configuration: small.decided, device: .cpu, processes: processes)
  }
}
