import Foundation
import TestSupport
import Testing
import Training

@testable import Translation

@Suite struct ValidationRunTests {
  /// A run with images beside those it trains on, which validates after every epoch of five steps.
  private func makeRun(in root: URL) throws -> TinyRun {
    var run = try TinyRun(in: root)
    try writeImages(3, to: root.appendingPathComponent("testA"), first: 80, height: 20, width: 20)
    try writeImages(2, to: root.appendingPathComponent("testB"), first: 90, height: 20, width: 24)
    run.configuration.validation.everyEpochs = 1
    return run
  }

  private func lines(_ run: TinyRun) throws -> [[String: Double]] {
    try String(contentsOf: run.folder.validation, encoding: .utf8).split(separator: "\n").map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Double])
    }
  }

  private func target(_ link: URL) throws -> String {
    URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: link.path))
      .lastPathComponent
  }

  @Test func everyEpochIsMeasuredAndTheBestIsKept() throws {
    try withTemporaryFolder { root in
      var run = try makeRun(in: root)
      run.configuration.schedule.keepLast = 1
      run.configuration.schedule.keepEvery = 3
      var best: [Int] = []
      var count = 0
      try run.train { event in
        if case .validated(_, let isBest) = event {
          count += 1
          if isBest { best.append(count) }
        }
      }
      let lines = try lines(run)
      #expect(lines.map { $0["epoch"] } == [1, 2, 3, 4])
      #expect(lines.map { $0["step"] } == [5, 10, 15, 20])
      #expect(
        lines[0].keys.sorted() == [
          "change_G_A", "change_G_B", "cycle_A", "cycle_B", "distance_G_A", "distance_G_B",
          "edges_G_A", "edges_G_B", "epoch", "step",
        ])
      #expect(best.first == 1)
      let chosen = try target(run.folder.best)
      #expect(chosen == "epoch-000\(best.last ?? 0)")
      #expect(Set(try run.snapshotNames()) == [chosen, "epoch-0003", "epoch-0004"])
      // It is taken unless another one is asked for.
      let model = try TranslationModel(at: run.folder.url, direction: .aToB)
      #expect(model.file.deletingLastPathComponent().lastPathComponent == "best")
      let latest = try TranslationModel(at: run.folder.url, direction: .aToB, epoch: .latest)
      #expect(latest.file.deletingLastPathComponent().lastPathComponent == "latest")
    }
  }

  /// What no snapshot is due for is saved because it is the best: the first is.
  @Test func theBestIsSavedInAnyCase() throws {
    try withTemporaryFolder { root in
      var run = try makeRun(in: root)
      run.configuration.schedule.saveEvery = .epochs(100)
      try run.train(stoppingAfter: 7)
      #expect(try run.snapshotNames() == ["epoch-0001", "step-0000007"])
      #expect(try target(run.folder.best) == "epoch-0001")
    }
  }

  /// Snapshots of steps that somebody went back behind are written again: none of them is the best meanwhile.
  @Test func aRunThatGoesBackForgetsALaterBest() throws {
    try withTemporaryFolder { root in
      let run = try makeRun(in: root)
      try run.train(stoppingAfter: 16)
      let files = FileManager.default
      for (link, name) in [(run.folder.latest, "epoch-0001"), (run.folder.best, "epoch-0003")] {
        try files.removeItem(at: link)
        try files.createSymbolicLink(
          atPath: link.path, withDestinationPath: "snapshots/\(name)")
      }
      var before: String?
      try run.train(resuming: true, stoppingAfter: 1) { event in
        if case .started = event { before = try? target(run.folder.best) }
      }
      #expect(before == "epoch-0001")
      #expect(try lines(run).map { $0["step"] } == [5])
    }
  }

  /// A snapshot that was saved for the time makes way for the next one, but not where it is the best.
  @Test func theBestStaysWhereItWasSavedForTheTime() throws {
    try withTemporaryFolder { root in
      var run = try makeRun(in: root)
      run.configuration.schedule.saveEvery = .time(Minutes(1.0 / 6000))
      run.configuration.validation.criterion = .distance
      try run.train { event in
        // The first best is found after its snapshot.
        guard case .savedSnapshot = event, (try? target(run.folder.best)) != nil else { return }
        #expect(throws: Never.self) {
          _ = try Snapshot(url: run.folder.best).readProgress()
        }
      }
      #expect(throws: Never.self) { _ = try Snapshot(url: run.folder.best).readProgress() }
      #expect(try run.snapshotNames().count <= 3)
    }
  }

  @Test(arguments: [3, 5, 8, 10, 15])
  func aStoppedRunValidatesTheSame(_ steps: Int) throws {
    try withTemporaryFolder { root in
      let whole = try makeRun(in: root)
      try whole.train()
      var stopped = try makeRun(in: root)
      stopped.settings.folder = RunFolder(root.appendingPathComponent("stopped"))
      try stopped.train(stoppingAfter: steps)
      try stopped.train(resuming: true)
      #expect(try lines(stopped) == lines(whole))
      #expect(try target(stopped.folder.best) == target(whole.folder.best))
    }
  }

  /// Asked for after the second of five images that are measured after step 5.
  @Test func anEndDoesNotWaitForValidation() throws {
    try withTemporaryFolder { root in
      let whole = try makeRun(in: root)
      try whole.train()
      var stopped = try makeRun(in: root)
      stopped.settings.folder = RunFolder(root.appendingPathComponent("stopped"))
      var (step, asked) = (0, 0)
      let outcome = try CycleGANRun.carryOut(
        CycleGANRequest(stopped.configuration), settings: stopped.settings, resuming: false,
        shouldStop: {
          if step == 5 { asked += 1 }
          // The first time comes before the measuring.
          return asked == 4
        },
        report: { event in
          if case .step = event { step += 1 }
          if case .validated = event { Issue.record("it was validated") }
        })
      #expect(outcome == .interrupted)
      #expect(try stopped.metrics().count == 5)
      #expect(try stopped.snapshotNames() == ["epoch-0001"])
      try stopped.train(resuming: true)
      #expect(try lines(stopped) == lines(whole))
      #expect(try stopped.results() == whole.results())
    }
  }

  /// Nothing would measure the last networks later.
  @Test func theEndIsMeasured() throws {
    try withTemporaryFolder { root in
      let whole = try makeRun(in: root)
      try whole.train()
      var asked = try makeRun(in: root)
      asked.settings.folder = RunFolder(root.appendingPathComponent("asked"))
      var (step, count) = (0, 0)
      _ = try CycleGANRun.carryOut(
        CycleGANRequest(asked.configuration), settings: asked.settings, resuming: false,
        shouldStop: {
          if step == 20 { count += 1 }
          return count > 1
        },
        report: { event in if case .step = event { step += 1 } })
      #expect(try lines(asked) == lines(whole))
      #expect(try asked.results() == whole.results())
    }
  }

  @Test func automaticValidationNeedsImagesAndTime() throws {
    try withTemporaryFolder { root in
      let run = try makeRun(in: root)
      var request = CycleGANRequest(run.configuration)
      request.validateEvery = nil
      func configuration() throws -> CycleGANConfiguration {
        try CycleGANTask(
          request, settings: run.settings, restore: { _ in }, shouldStop: { false },
          report: { _ in }
        ).configuration
      }
      // Three images of A, 20 steps for each.
      #expect(try configuration().validation.everyEpochs == 5)
      #expect(try configuration().validation.leastSteps == 60)
      try FileManager.default.removeItem(at: root.appendingPathComponent("testB"))
      request.configuration.validation = ValidationSettings()
      #expect(try configuration().validation.everyEpochs == 0)
    }
  }

  /// Of ten files 20 % are two: those in the middle of each half.
  @Test func heldOutFilesAreSpread() {
    let files = (0..<10).map { URL(fileURLWithPath: "\($0)") }
    let (heldOut, rest) = TrainingDomains.split(files, holdingOut: 0.2)
    #expect(heldOut == [files[2], files[7]])
    #expect(rest == [0, 1, 3, 4, 5, 6, 8, 9].map { files[$0] })
    #expect(TrainingDomains.split(files, holdingOut: 0).heldOut == [])
    #expect(TrainingDomains.split(files, holdingOut: 0.01).heldOut.count == 1)
    #expect(TrainingDomains.split(Array(files.prefix(1)), holdingOut: 0.5).rest.count == 1)
    #expect(TrainingDomains.split(Array(files.prefix(2)), holdingOut: 0.9).rest.count == 1)
  }
}
