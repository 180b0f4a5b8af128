import Foundation
import TestSupport
import Testing
import Torch

@testable import Translation

/// A run that was stopped and gone on with ends like one that never stopped: bit for bit.
struct ResumeTests {
  /// What four epochs of five steps at once end with, the measure of the others.
  private static let whole = Result {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train()
      return try run.results()
    }
  }

  private let whole: [String: Data]

  init() throws { whole = try Self.whole.get() }

  @Test func theWholeRunLeavesEverything() throws {
    // Four networks, the training state in two files and 20 lines.
    #expect(whole.count == 4 + 2 + 20)
  }

  private func expectSame(
    _ run: TinyRun, _ whole: [String: Data], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let results = try run.results()
    #expect(results.keys.sorted() == whole.keys.sorted(), sourceLocation: sourceLocation)
    let different = results.filter { whole[$0.key] != $0.value }.keys.sorted()
    #expect(different == [], sourceLocation: sourceLocation)
  }

  @Test func twoEpochsAndTwoMore() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.schedule.decayEpochs = 0
      #expect(try run.train() == .finished)
      #expect(try run.snapshotNames() == ["epoch-0001", "epoch-0002"])
      run.configuration.schedule.decayEpochs = 2
      #expect(try run.train(resuming: true) == .finished)
      try expectSame(run, whole)
      #expect(
        try run.snapshotNames() == ["epoch-0001", "epoch-0002", "epoch-0003", "epoch-0004"])
    }
  }

  /// At the start of an epoch, inside one, and at its last step.
  @Test(arguments: [1, 8, 10]) func stoppedAfterSomeSteps(steps: Int) throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      #expect(try run.train(stoppingAfter: steps) == .interrupted)
      #expect(try run.metrics().count == steps)
      #expect(try run.train(resuming: true) == .finished)
      try expectSame(run, whole)
    }
  }

  @Test func stoppedAtEveryThirdStepWithOtherWorkers() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      var outcome = try run.train(stoppingAfter: 3)
      for workers in [1, 4, 3, 1, 4, 2] where outcome == .interrupted {
        run.settings.workers = workers
        outcome = try run.train(resuming: true, stoppingAfter: 3)
      }
      #expect(outcome == .finished)
      try expectSame(run, whole)
    }
  }

  @Test func theNumberOfWorkersChangesNothing() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.settings.workers = 5
      try run.train()
      try expectSame(run, whole)
    }
  }

  /// With batches of two the last of an epoch has one image.
  @Test func batchesAreResumedToo() throws {
    try withTemporaryFolder { root in
      var whole = try TinyRun(in: root, name: "whole")
      whole.configuration.data.batchSize = 2
      try whole.train()
      var run = try TinyRun(in: root)
      run.configuration.data.batchSize = 2
      #expect(try run.train(stoppingAfter: 4) == .interrupted)
      try run.train(resuming: true)
      try expectSame(run, whole.results())
      let images = try run.metrics().map { $0["images"] as? Int }
      #expect(images.prefix(6) == [2, 4, 5, 7, 9, 10])
    }
  }

  /// Steps that were logged but are in no snapshot are taken, and logged, again.
  @Test func linesAfterTheSnapshotAreReplaced() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 5)
      let log = try FileHandle(forWritingTo: run.folder.metrics)
      try log.seekToEnd()
      try log.write(contentsOf: Data("{\"step\":6,\"D_A\":1}\n{\"step\":7,\"half".utf8))
      try log.close()
      try run.train(resuming: true)
      try expectSame(run, whole)
    }
  }

  @Test func aFinishedRunHasNothingLeftToDo() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train()
      let results = try run.results()
      #expect(try run.train(resuming: true) == .complete(epochs: 4))
      try expectSame(run, results)
    }
  }

  @Test func anotherSeedIsAnotherRun() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.seed = 8
      try run.train()
      #expect(try run.results()["net_G_A.safetensors"] != whole["net_G_A.safetensors"])
    }
  }

  /// Images can have gone since the run stopped at the fourth of five.
  @Test func aSmallerFolderEndsTheEpoch() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 4)
      for side in ["trainA/04", "trainA/03", "trainA/02", "trainB/03", "trainB/02"] {
        try FileManager.default.removeItem(at: root.appendingPathComponent("\(side).png"))
      }
      #expect(try run.train(resuming: true) == .finished)
      let epochs = try run.metrics().map { $0["epoch"] as? Int }
      #expect(epochs == [1, 1, 1, 1, 2, 2, 3, 3, 4, 4])
    }
  }
}
