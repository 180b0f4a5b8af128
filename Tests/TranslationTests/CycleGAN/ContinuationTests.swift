import Files
import Foundation
import TestSupport
import Testing
import Torch

@testable import Training
@testable import Translation

/// What going on with a run may change, says and leaves alone.
struct ContinuationTests {
  /// Fails if images are decoded.
  private func notDecoding(_ event: TrainingEvent) {
    if case .checking = event { Issue.record("images are decoded") }
  }

  @Test func aCompleteRunIsLeftAlone() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train()
      let before = try Data(contentsOf: run.folder.configuration)
      try FileManager.default.removeItem(at: root.appendingPathComponent("trainA"))
      #expect(try run.train(resuming: true, report: notDecoding) == .complete(epochs: 4))
      #expect(try Data(contentsOf: run.folder.configuration) == before)
    }
  }

  /// Two epochs are done and the third is begun.
  @Test(arguments: [10, 11]) func aRunIsNotMadeShorterThanItIs(steps: Int) throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      try run.train(stoppingAfter: steps)
      let before = try Data(contentsOf: run.folder.configuration)
      run.configuration.schedule.constantEpochs = 1
      run.configuration.schedule.decayEpochs = steps == 10 ? 0 : 1
      let error = #expect(throws: RunError.self) {
        try run.train(resuming: true, report: notDecoding)
      }
      #expect(error?.description.contains("cannot end after") == true)
      #expect(try Data(contentsOf: run.folder.configuration) == before)
    }
  }

  /// A limit of steps holds for its call only.
  @Test func stepsAreOfOneCall() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.settings.maximumSteps = 3
      #expect(try run.train() == .finished)
      #expect(try run.train(resuming: true, report: notDecoding) == .reachedMaximum(steps: 3))
      run.configuration = try CycleGANConfiguration.read(from: run.folder.configuration)
      run.settings.maximumSteps = nil
      #expect(try run.train(resuming: true) == .finished)
      #expect(try run.metrics().count == 20)
    }
  }

  /// Two epochs at the full rate and two of decay have ended with a third of it. With four at the full rate
  /// the fifth has two thirds, (1 - 1 / 3).
  @Test func aRateThatRisesIsReported() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      try run.train()
      run.configuration.schedule.constantEpochs = 4
      var rises: [[Double]] = []
      try run.train(resuming: true, stoppingAfter: 1) {
        if case .learningRateRises(let from, let to, let epoch) = $0 {
          rises.append([from, to, Double(epoch)])
        }
      }
      #expect(rises.count == 1)
      expectClose(rises.first?[0] ?? 0, 0.0002 / 3, tolerance: 1e-12)
      expectClose(rises.first?[1] ?? 0, 0.0002 * 2 / 3, tolerance: 1e-12)
      #expect(rises.first?[2] == 5)
    }
  }

  @Test func aRunThatGoesOnAsPlannedReportsNoRise() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 12)
      try run.train(resuming: true) {
        if case .learningRateRises = $0 { Issue.record("the rate does not rise") }
      }
    }
  }

  /// What a kill while saving leaves goes at the next start; files of other names stay.
  @Test func leftoversAreRemoved() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 1)
      let snapshots = run.folder.snapshots
      for name in [".step-0000002-\(UUID().uuidString)", ".old-\(UUID().uuidString)"] {
        try FileManager.default.copyItem(
          at: run.folder.latest.resolvingSymlinksInPath(),
          to: snapshots.appendingPathComponent(name))
      }
      try FileManager.default.createSymbolicLink(
        atPath: run.folder.url.appendingPathComponent(".latest-\(UUID().uuidString)").path,
        withDestinationPath: "snapshots/step-0000002")
      try Data().write(to: snapshots.appendingPathComponent(".mine"))
      #expect(try run.train(resuming: true, stoppingAfter: 1) == .interrupted)
      #expect(try run.snapshotNames() == [".mine", "step-0000001", "step-0000002"])
      let left = try FileManager.default.contentsOfDirectory(atPath: run.folder.url.path)
      #expect(left.filter { $0.hasPrefix(".") } == [])
    }
  }

  /// Killed between the two renames that put a snapshot in the place of another of its name.
  @Test func theOnlyCopyOfASnapshotIsRestored() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 3)
      try FileManager.default.moveItem(
        at: run.folder.snapshots.appendingPathComponent("step-0000003"),
        to: run.folder.snapshots.appendingPathComponent(".step-0000003.old-\(UUID().uuidString)"))
      #expect(try run.train(resuming: true) == .finished)
      #expect(try run.metrics().count == 20)
    }
  }

  /// Asked to end while images are decoded: no step is taken and nothing is written.
  @Test func anEndBeforeTheFirstStepWritesNothing() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      var isChecking = false
      #expect(throws: CancellationError.self) {
        try CycleGANRun.carryOut(
          CycleGANRequest(run.configuration), settings: run.settings, resuming: false,
          shouldStop: { isChecking },
          report: { if case .checking = $0 { isChecking = true } })
      }
      #expect(isChecking)
      #expect(!FileManager.default.fileExists(atPath: run.folder.url.path))
    }
  }

  /// What is wrong with a folder or with weights is said before images are decoded.
  @Test func cheapChecksComeFirst() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.settings.initialWeights = root.appendingPathComponent("none")
      let missing = #expect(throws: FileError.self) { try run.train(report: notDecoding) }
      #expect(missing?.reason == "there is no such run, folder or file")

      var other = try TinyRun(in: root, name: "other")
      other.configuration.networks.generatorFilters = 4
      try other.train(stoppingAfter: 1)
      run.settings.initialWeights = other.folder.latest
      #expect(throws: StateDictMismatch.self) { try run.train(report: notDecoding) }

      run.settings.initialWeights = nil
      let file = root.appendingPathComponent("file")
      try Data().write(to: file)
      run.settings.folder = RunFolder(file.appendingPathComponent("run"))
      let unwritable = #expect(throws: FileError.self) { try run.train(report: notDecoding) }
      #expect(unwritable?.reason == "Not a directory")
      #expect(throws: RunError.self) { try run.train(resuming: true, report: notDecoding) }
    }
  }

  @Test func aRunIsNotBegunTwice() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 1)
      let error = #expect(throws: RunError.self) { try run.train(report: notDecoding) }
      #expect(error?.description == "\(run.folder.url.path) holds a run already")
    }
  }
}
