import Foundation
import Torch
import Training
import Translation

/// A run so small that an epoch takes a blink: five images of A, four of B, networks of two channels.
package struct TinyRun {
  package let root: URL
  package var configuration = CycleGANConfiguration()
  package var settings: RunSettings

  package var folder: RunFolder { settings.folder }

  /// Writes the images into `root`, 20x20 pixels each.
  package init(in root: URL, name: String = "run") throws {
    self.root = root
    settings = RunSettings(
      folder: RunFolder(root.appendingPathComponent(name)), device: .cpu, workers: 2)
    let (a, b) = (root.appendingPathComponent("trainA"), root.appendingPathComponent("trainB"))
    if !FileManager.default.fileExists(atPath: a.path) {
      try writeImages(5, to: a, height: 20, width: 20)
      try writeImages(4, to: b, first: 50, height: 20, width: 20)
    }
    configuration.data.folderA = a.path
    configuration.data.folderB = b.path
    configuration.data.loadSize = 18
    configuration.data.cropSize = 16
    configuration.networks.blocks = 1
    configuration.networks.generatorFilters = 2
    configuration.networks.discriminatorLayers = 1
    configuration.networks.discriminatorFilters = 2
    configuration.losses.poolSize = 3
    configuration.schedule.constantEpochs = 2
    configuration.schedule.decayEpochs = 2
    configuration.schedule.saveEvery = .epochs(1)
    // Tests look at all of them.
    configuration.schedule.keepLast = 0
    configuration.schedule.logEvery = 1
    configuration.schedule.sampleEvery = 1_000_000
    configuration.optimization.precision = .fp32
    configuration.seed = 7
  }

  /// Makes a run and trains it.
  /// - Parameter steps: stops after so many steps of this call; `nil` trains to the end.
  @discardableResult
  package func train(
    resuming: Bool = false, stoppingAfter steps: Int? = nil,
    report: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> RunOutcome {
    try CycleGANRun.carryOut(
      CycleGANRequest(configuration), settings: settings, resuming: resuming,
      stoppingAfter: steps, report: report)
  }

  /// The names in the folder of snapshots, hidden ones included, sorted.
  package func snapshotNames() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.snapshots.path).sorted()
  }

  package func results() throws -> [String: Data] { try folder.results() }
  package func metrics() throws -> [[String: Any]] { try folder.metricLines() }
}

extension TrainingRun {
  /// - Parameter steps: asks for an end after so many steps of this call.
  package static func carryOut(
    _ request: Task.Request, settings: RunSettings, resuming: Bool, stoppingAfter steps: Int?,
    report: @escaping (TrainingEvent) -> Void
  ) throws -> RunOutcome {
    var taken = 0
    return try carryOut(
      request, settings: settings, resuming: resuming, shouldStop: { taken == steps },
      report: { event in
        if case .step = event { taken += 1 }
        report(event)
      })
  }
}
