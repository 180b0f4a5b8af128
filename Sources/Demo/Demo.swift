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
  private let settings: RunSettings

  /// - Parameters:
  ///   - steps: optimization steps; the learning rate falls in the last 40 % of them.
  ///   - folder: where `datasets/demo` and `checkpoints/demo` go; `nil` for the current folder.
  package init(
    seed: UInt64, steps: Int, precision: OptimizationSettings.Precision = .fp32, device: Device,
    workers: Int, in folder: URL? = nil
  ) {
    dataset = DemoDataset(root: URL(fileURLWithPath: "datasets/demo", relativeTo: folder))
    run = RunFolder(URL(fileURLWithPath: "checkpoints/demo", relativeTo: folder))
    var settings = RunSettings(folder: run, device: device, workers: workers)
    settings.maximumSteps = steps
    self.settings = settings
    var configuration = CycleGANConfiguration()
    configuration.seed = seed
    let usual = CycleGANPreset.improved.settings(for: configuration.networks.generator)
    configuration.networks.skips = usual.skips
    configuration.networks.upsampling = usual.upsampling
    configuration.averageWindow = usual.averageWindow
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
    let epochs = (steps + 19) / 20
    configuration.schedule.decayEpochs = epochs * 2 / 5
    configuration.schedule.constantEpochs = epochs - epochs * 2 / 5
    configuration.schedule.saveEvery = .epochs(1_000_000)
    configuration.schedule.logEvery = 20
    self.configuration = configuration
  }

  /// Draws the images, and holds the run's folder from then on.
  ///
  /// Throws `DemoError` if the folder holds a run on other images, `RunError` if it is being trained, and
  /// `CancellationError` once `shouldStop` is true.
  package func drawImages(shouldStop: () -> Bool = { false }) throws -> RunLock {
    let lock = try RunLock(run, makingFolder: true)
    if FileManager.default.fileExists(atPath: run.configuration.path) {
      let earlier = try CycleGANConfiguration.read(from: run.configuration)
      guard earlier.data.folderA == configuration.data.folderA else {
        throw DemoError.otherRun(folder: run.url)
      }
    }
    try dataset.write(workers: settings.workers, shouldStop: shouldStop)
    return lock
  }

  /// Trains from scratch, in place of an earlier demo.
  package func train(
    _ lock: RunLock, shouldStop: () -> Bool, report: @escaping (TrainingEvent) -> Void
  ) throws -> RunOutcome {
    try lock.emptyFolder()
    return try CycleGANRun.carryOut(
      CycleGANRequest(configuration), settings: settings, lock: lock, resuming: false,
      shouldStop: shouldStop, report: report)
  }

  /// Translates the test scenes of both seasons under their own names. Throws `DemoError` for one that
  /// cannot be translated, and `CancellationError` once `shouldStop` is true.
  package func translateTestScenes(shouldStop: () -> Bool = { false }) throws {
    for direction in TranslationDirection.allCases {
      let model = try TranslationModel(at: run.url, direction: direction)
      var settings = translationSettings
      settings.workers = self.settings.workers
      let jobs = try TranslationPlan(
        [direction == .aToB ? dataset.testA : dataset.testB],
        output: translated(direction), format: .same
      ).jobs
      var failure: DemoError?
      Translator(model, settings: settings).translate(jobs, shouldStop: shouldStop) { event in
        if case .failed(let job, let reason) = event {
          failure = .untranslated(job.input, reason: reason)
        }
      }
      if shouldStop() { throw CancellationError() }
      if let failure { throw failure }
    }
  }

  var translationSettings: TranslationSettings {
    var settings = TranslationSettings()
    settings.device = self.settings.device
    settings.precision = configuration.optimization.precision
    return settings
  }

  func translated(_ direction: TranslationDirection) -> URL {
    run.url.appendingPathComponent("translated/\(direction.rawValue)")
  }
}

/// Why the demo cannot be shown.
package enum DemoError: Error, CustomStringConvertible {
  case otherRun(folder: URL)
  case untranslated(URL, reason: String)

  package var description: String {
    switch self {
    case .otherRun(let folder):
      "\(folder.relativePath): this folder holds a run on other images; move it away first"
    case .untranslated(let file, let reason): "\(file.relativePath): \(reason)"
    }
  }
}
