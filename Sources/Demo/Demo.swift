import Datasets
import Files
import Foundation
import Imaging
import Torch
import Training
import Translation

/// The whole of the tool's main job on images it draws itself: train on two unpaired domains, translate
/// test scenes, and compare them with the truth.
package struct Demo {
  package let dataset: DemoDataset
  package let run: RunFolder
  private let configuration: CycleGANConfiguration
  private let device: Device
  private let workers: Int

  /// - Parameters:
  ///   - steps: optimization steps; the learning rate falls in the last 40 % of them.
  ///   - folder: where `datasets/demo` and `checkpoints/demo` go; `nil` for the current folder.
  package init(
    seed: UInt64, steps: Int, precision: OptimizationSettings.Precision = .fp32, device: Device,
    workers: Int, in folder: URL? = nil
  ) {
    dataset = DemoDataset(root: URL(fileURLWithPath: "datasets/demo", relativeTo: folder))
    run = RunFolder(URL(fileURLWithPath: "checkpoints/demo", relativeTo: folder))
    self.device = device
    self.workers = workers
    var configuration = CycleGANConfiguration()
    configuration.seed = seed
    configuration.networks.blocks = 4
    configuration.networks.generatorFilters = 16
    configuration.networks.discriminatorFilters = 32
    configuration.data.folderA = dataset.trainA.path
    configuration.data.folderB = dataset.trainB.path
    configuration.data.preprocessing = .none
    configuration.data.loadSize = DemoDataset.imageSize
    configuration.data.cropSize = DemoDataset.imageSize
    // Short epochs, so that the learning rate falls smoothly.
    configuration.data.epochSize = 20
    configuration.optimization.learningRate = 4e-4
    configuration.optimization.precision = precision
    configuration.optimization.maximumSteps = steps
    let epochs = (steps + 19) / 20
    configuration.optimization.decayEpochs = epochs * 2 / 5
    configuration.optimization.constantEpochs = epochs - epochs * 2 / 5
    self.configuration = configuration
  }

  /// Draws the images. Throws `TrainingError` if the run's folder holds a run on other images.
  package func drawImages() throws {
    if FileManager.default.fileExists(atPath: run.configuration.path) {
      let earlier = try CycleGANConfiguration.read(from: run.configuration)
      guard earlier.data.folderA == configuration.data.folderA else {
        throw TrainingError(
          "\(run.url.relativePath): this folder holds a run on other images; move it away first")
      }
    }
    try dataset.write(workers: workers)
  }

  /// Trains from scratch, in place of an earlier demo.
  package func train(
    shouldStop: () -> Bool, report: @escaping (TrainingEvent) -> Void
  ) throws -> CycleGANRun.Outcome {
    var settings = RunSettings(folder: run, device: device, workers: workers)
    settings.saveEvery = .max
    settings.logEvery = 20
    if FileManager.default.fileExists(atPath: run.url.path) {
      do {
        try FileManager.default.removeItem(at: run.url)
      } catch {
        throw FileError(path: run.url.relativePath, cause: error)
      }
    }
    return try CycleGANRun(
      configuration: configuration, settings: settings, resuming: false, report: report
    ).train(shouldStop: shouldStop)
  }

  /// Translates the test scenes of both seasons under their own names.
  package func translateTestScenes() throws {
    for direction in TranslationDirection.allCases {
      let model = try TranslationModel(at: run.url, direction: direction)
      var settings = translationSettings
      settings.workers = workers
      let jobs = try TranslationJob.plan(
        [direction == .aToB ? dataset.testA : dataset.testB],
        output: translated(direction), format: .same)
      var failure: String?
      Translator(model, settings: settings).translate(jobs) { event in
        if case .failed(let job, let reason) = event {
          failure = "\(job.input.relativePath): \(reason)"
        }
      }
      if let failure { throw TrainingError(failure) }
    }
  }

  var translationSettings: TranslationSettings {
    var settings = TranslationSettings()
    settings.device = device
    settings.precision = configuration.optimization.precision
    return settings
  }

  func translated(_ direction: TranslationDirection) -> URL {
    run.url.appendingPathComponent("translated/\(direction.rawValue)")
  }
}
