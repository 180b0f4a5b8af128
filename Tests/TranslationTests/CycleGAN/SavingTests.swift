import Files
import Foundation
import TestSupport
import Testing
import Torch

@testable import Training
@testable import Translation

/// When a run saves, and what happens where it cannot.
struct SavingTests {
  /// Five steps in an epoch, so that these fall inside epochs.
  @Test func snapshotsByStepsFallInsideEpochs() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.schedule.saveEvery = .steps(3)
      run.settings.maximumSteps = 8
      try run.train()
      #expect(try run.snapshotNames() == ["step-0000003", "step-0000006", "step-0000008"])
    }
  }

  /// The last step is one of those after which a snapshot is due.
  @Test func aRunThatEndsWithADueSnapshotIsComplete() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.schedule.saveEvery = .steps(5)
      run.configuration.schedule.constantEpochs = 1
      run.configuration.schedule.decayEpochs = 1
      try run.train()
      #expect(try run.snapshotNames() == ["epoch-0001", "epoch-0002"])
      #expect(try run.train(resuming: true) == .complete(epochs: 2))
    }
  }

  /// Each step takes longer than the time between two snapshots.
  @Test func aTimedSnapshotReplacesTheOneBefore() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.schedule.saveEvery = .epochs(1)
      run.configuration.schedule.saveAtLeast = Minutes(1.0 / 6000)
      run.settings.maximumSteps = 9
      var seen: [[String]] = []
      try run.train { event in
        guard case .step = event else { return }
        usleep(20_000)
        seen.append((try? run.snapshotNames()) ?? [])
      }
      // What is there when a step ends, before the snapshot that it makes due.
      #expect(seen[1] == ["step-0000001"])
      #expect(seen[4] == ["step-0000004"])
      #expect(seen[6].contains("epoch-0001") && seen[6].count == 2)
      #expect(try run.snapshotNames() == ["epoch-0001", "step-0000008", "step-0000009"])
    }
  }

  @Test func aRunWithTimedSnapshotsEndsTheSame() throws {
    try withTemporaryFolder { root in
      let plain = try TinyRun(in: root, name: "plain")
      try plain.train()
      var timed = try TinyRun(in: root, name: "timed")
      timed.configuration.schedule.saveEvery = .time(Minutes(1.0 / 6000))
      try timed.train(stoppingAfter: 7)
      try timed.train(resuming: true)
      let last = "snapshots/epoch-0004/net_G_A.safetensors"
      #expect(try plain.results()[last] == timed.results()[last])
    }
  }

  /// The folder of the snapshots is a file for the first three steps.
  @Test func aSnapshotThatFailsIsTriedAgainWhileTrainingGoesOn() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.schedule.saveEvery = .steps(1)
      run.configuration.schedule.logEvery = 2
      run.settings.maximumSteps = 6
      var warnings: [String] = []
      var saved: [String] = []
      try run.train { event in
        let files = FileManager.default
        switch event {
        case .started:
          try? files.removeItem(at: run.folder.snapshots)
          try? Data().write(to: run.folder.snapshots)
        case .step(let step, _) where step.step == 4:
          try? files.removeItem(at: run.folder.snapshots)
        case .warning(let text): warnings.append(text)
        case .savedSnapshot(let url): saved.append(url.lastPathComponent)
        default: break
        }
      }
      #expect(warnings.count == 3)
      #expect(
        warnings.first?.hasPrefix(
          "the snapshot of step 1 cannot be saved: \(run.folder.snapshots.path)") == true)
      #expect(saved == ["step-0000004", "epoch-0001", "step-0000006"])
    }
  }

  @Test func atTheEndAFailedSnapshotIsAnError() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.settings.maximumSteps = 2
      #expect(throws: FileError.self) {
        try run.train { event in
          guard case .started = event else { return }
          try? FileManager.default.removeItem(at: run.folder.snapshots)
          try? Data().write(to: run.folder.snapshots)
        }
      }
    }
  }

  /// Lines that cannot be written come later; sheets find their folder again.
  @Test func logsAndSheetsNeverEndARun() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.schedule.sampleEvery = 2
      run.settings.maximumSteps = 8
      var warnings: [String] = []
      let files = FileManager.default
      try run.train { event in
        switch event {
        case .started:
          try? files.removeItem(at: run.folder.samples)
          try? files.createDirectory(at: run.folder.metrics, withIntermediateDirectories: false)
        case .step(let step, _) where step.step == 5:
          try? files.removeItem(at: run.folder.metrics)
        case .warning(let text): warnings.append(text)
        default: break
        }
      }
      #expect(warnings == ["\(run.folder.metrics.path): Is a directory; training goes on"])
      #expect(try run.metrics().compactMap { $0["step"] as? Int } == Array(1...8))
      #expect(
        files.fileExists(atPath: run.folder.samples.appendingPathComponent("step-0000002.png").path)
      )
    }
  }

  @Test func aFolderThatIsGoneEndsTheRun() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      let error = #expect(throws: RunError.self) {
        try run.train { event in
          guard case .step(let step, _) = event, step.step == 3 else { return }
          try? FileManager.default.removeItem(at: run.folder.url)
        }
      }
      #expect(
        error?.description.hasSuffix("has been removed or moved; training cannot go on") == true)
      #expect(!FileManager.default.fileExists(atPath: run.folder.url.path))
    }
  }

  /// Gradients of 1e30 have squares beyond float32, which Adam keeps: the loss is a number, what the step leaves
  /// is not, and must not become `latest`.
  @Test func aStateThatIsNotFiniteIsNotSaved() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.settings.maximumSteps = 1
      try run.train()
      let latest = try String(
        contentsOfFile: run.folder.latest.appendingPathComponent("training.json").path,
        encoding: .utf8)
      run.configuration.losses.cycleWeightA = 1e30
      run.settings.maximumSteps = 2
      let error = #expect(throws: RunError.self) { try run.train(resuming: true) }
      #expect(
        error?.description
          == "the optimizers' state is not finite in step 2 of epoch 1: training has diverged; the last good "
          + "snapshot is \(run.folder.snapshots.path)/step-0000001")
      #expect(
        try String(
          contentsOfFile: run.folder.latest.appendingPathComponent("training.json").path,
          encoding: .utf8)
          == latest)
    }
  }
}

/// A weight that is an infinity or not a number keeps a snapshot from being written.
struct FiniteWeightsTests {
  @Test(arguments: [Float.nan, .infinity, -.infinity]) func aWeightThatIsNotFinite(_ value: Float)
    throws
  {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      let trainer = CycleGANTrainer(configuration: run.configuration, device: .cpu)
      try makeFolder(at: run.folder.snapshots)
      var progress = TrainingProgress(
        seed: 0,
        schedule: LearningRateSchedule(policy: .linear, constantEpochs: 1, decayEpochs: 1))
      progress.step = 1
      _ = try Snapshot.save(trainer, progress, named: "epoch-0001", in: run.folder)
      let weight = try #require(trainer.generatorBA.trainableParameters.first).tensor
      var values: [Float] = weight.elements
      values[values.count - 1] = value
      weight.copyInPlace(from: Tensor(values, shape: weight.shape))
      let error = #expect(throws: Snapshot.NotFinite.self) {
        try Snapshot.save(trainer, progress, named: "epoch-0002", in: run.folder)
      }
      #expect(error?.what == "a weight of G_B is not a finite number")
      #expect(try run.snapshotNames() == ["epoch-0001"])
    }
  }
}

/// What a snapshot belongs to.
struct SnapshotIdentityTests {
  /// Changes `training.json` of the latest snapshot and tries to go on.
  private func expectRefused(
    _ key: String, _ value: Any, _ reason: String, _ location: SourceLocation = #_sourceLocation
  ) throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 7)
      let file = run.folder.latest.appendingPathComponent("training.json")
      var progress = try #require(
        JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
      if var schedule = progress["schedule"] as? [String: Any], schedule[key] != nil {
        schedule[key] = value
        progress["schedule"] = schedule
      } else {
        progress[key] = value
      }
      try JSONSerialization.data(withJSONObject: progress).write(to: file)
      let log = try Data(contentsOf: run.folder.metrics)
      let error = #expect(throws: FileError.self, sourceLocation: location) {
        try run.train(resuming: true)
      }
      #expect(error?.reason == reason, sourceLocation: location)
      #expect(try Data(contentsOf: run.folder.metrics) == log, sourceLocation: location)
    }
  }

  private func other(_ name: String, _ value: Int, _ stored: Int) -> String {
    "its \(name) is \(value), that of training.safetensors beside it is \(stored): the files belong to "
      + "different snapshots"
  }

  @Test func countersThatCannotBeAreRefused() throws {
    try expectRefused("step", 0, "its counters make no sense: step is 0")
    try expectRefused("step", 1 << 40, "its counters make no sense: step is \(1 << 40)")
    try expectRefused("epoch", 0, "its counters make no sense: epoch is 0")
    try expectRefused("position", -1, "its counters make no sense: position is -1")
    try expectRefused("decayEpochs", -5, "its counters make no sense: decayEpochs is -5")
    try expectRefused("images", 6, "its counters make no sense: images is 6")
  }

  @Test func whatIsOfAnotherSnapshotIsRefused() throws {
    try expectRefused("step", 6, other("step", 6, 7))
    try expectRefused("epoch", 3, other("epoch", 3, 2))
    try expectRefused("seed", 8, other("seed", 8, 7))
  }

  @Test func anotherRunsSeedIsRefused() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      try run.train(stoppingAfter: 3)
      run.configuration.seed = 9
      let other = try TinyRun(in: root, name: "other")
      var stored = run.configuration
      stored.seed = 9
      try other.train(stoppingAfter: 3)
      try JSONEncoder().encode(stored).write(to: run.folder.configuration)
      let error = #expect(throws: FileError.self) { try run.train(resuming: true) }
      #expect(error?.reason == "its seed is 7, the run's is 9: it belongs to another run")
    }
  }

  @Test func anotherRunsNetworksAreRefused() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 3)
      var stored = run.configuration
      stored.networks.generatorFilters = 4
      try JSONEncoder().encode(stored).write(to: run.folder.configuration)
      let error = #expect(throws: FileError.self) { try run.train(resuming: true) }
      #expect(error?.reason == "it was saved with other networks than those in config.json")
    }
  }

  @Test func otherImagesAreWarnedOf() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      try run.train(stoppingAfter: 3)
      run.configuration.record = try CycleGANConfiguration.read(from: run.folder.configuration)
        .record
      var warnings: [String] = []
      func note(_ event: TrainingEvent) {
        if case .warning(let text) = event { warnings.append(text) }
      }
      try run.train(resuming: true, stoppingAfter: 1, report: note)
      #expect(warnings == [])
      let folder = root.appendingPathComponent("trainA")
      let first = try #require(FileManager.default.contentsOfDirectory(atPath: folder.path).first)
      try FileManager.default.copyItem(
        at: folder.appendingPathComponent(first), to: folder.appendingPathComponent("more.png"))
      try run.train(resuming: true, stoppingAfter: 1, report: note)
      #expect(
        warnings == [
          "the images are not those that the run was trained on so far: names or sizes of files differ"
        ])
    }
  }

  /// The run is killed after step 7 with the snapshot of step 5, and goes on from there.
  @Test func linesOfStepsThatAreTakenAgainAreMovedAside() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 7)
      let log = run.folder.metrics
      let all = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
      try FileManager.default.removeItem(at: run.folder.latest)
      try FileManager.default.createSymbolicLink(
        atPath: run.folder.latest.path, withDestinationPath: "snapshots/epoch-0001")
      try appendToFile(at: log, Data("{\"step\": 8, \"cut".utf8))
      try run.train(resuming: true, stoppingAfter: 1)
      let kept = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
      #expect(Array(kept.prefix(5)) == Array(all.prefix(5)))
      #expect(kept.count == 6)
      let aside = try String(
        contentsOf: run.folder.url.appendingPathComponent("metrics-5.jsonl"), encoding: .utf8)
      #expect(aside.split(separator: "\n") == all.suffix(2) + ["{\"step\": 8, \"cut"])
    }
  }
}
