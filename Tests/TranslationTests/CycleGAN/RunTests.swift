import Files
import Foundation
import Imaging
import TestSupport
import Testing
import Torch
import Training

@testable import Translation

/// What a run tells, writes and refuses.
struct RunTests {
  /// DESIGN.md, "The files".
  @Test func metricsHaveTheirKeys() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 6)
      let lines = try run.metrics()
      let keys: Set = [
        "step", "epoch", "images", "lr", "G_A", "G_B", "D_A", "D_B", "cycle_A", "cycle_B", "idt_A",
        "idt_B", "seconds_per_step", "seconds_waiting_for_data", "seconds_elapsed", "seconds_left",
      ]
      #expect(lines.count == 6)
      #expect(lines.allSatisfy { Set($0.keys) == keys })
      #expect(lines.map { $0["step"] as? Int } == [1, 2, 3, 4, 5, 6])
      #expect(lines.map { $0["epoch"] as? Int } == [1, 1, 1, 1, 1, 2])
      #expect(lines.map { $0["images"] as? Int } == [1, 2, 3, 4, 5, 6])
      #expect(lines.allSatisfy { $0["lr"] as? Double == 0.0002 })
      let seconds = lines.compactMap { $0["seconds_per_step"] as? Double }
      let waiting = lines.compactMap { $0["seconds_waiting_for_data"] as? Double }
      #expect(seconds.count == 6 && seconds.allSatisfy { $0 > 0 })
      #expect(zip(waiting, seconds).allSatisfy { $0 >= 0 && $0 <= $1 })
    }
  }

  /// Two epochs at the full rate, then two thirds and one third of it.
  @Test func theLearningRateFollowsTheSchedule() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train()
      let rates = try run.metrics().compactMap { $0["lr"] as? Double }
      #expect(rates.count == 20)
      for (index, rate) in rates.enumerated() {
        let factor = [1, 1, 2.0 / 3, 1.0 / 3][index / 5]
        expectClose(rate, 0.0002 * factor, tolerance: 1e-12)
      }
    }
  }

  @Test func onlySomeStepsAreLogged() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.schedule.logEvery = 3
      var logged: [Bool] = []
      try run.train(stoppingAfter: 7) {
        if case .step(_, let isLogged) = $0 { logged.append(isLogged) }
      }
      #expect(logged == [false, false, true, false, false, true, false])
      #expect(try run.metrics().map { $0["step"] as? Int } == [3, 6])
    }
  }

  @Test func theConfigurationIsWrittenAndReadBack() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 1)
      var stored = try CycleGANConfiguration.read(from: run.folder.configuration)
      #expect(stored.record.data != nil)
      stored.record = RunRecord()
      // What the files store is found out.
      let bytes = SampleType(.unsigned, bits: 8)
      #expect(stored.data.samplesA == bytes && stored.data.samplesB == bytes)
      (stored.data.samplesA, stored.data.samplesB) = (nil, nil)
      #expect(stored == run.configuration)
    }
  }

  @Test func samplesAreWrittenWithSnapshots() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.schedule.sampleEvery = nil
      run.configuration.schedule.saveEvery = .epochs(2)
      var saved: [String] = []
      try run.train {
        if case .savedSamples(let file) = $0 { saved.append(file.lastPathComponent) }
        if case .savedSnapshot(let folder) = $0 { saved.append(folder.lastPathComponent) }
      }
      #expect(saved == ["epoch-0002", "epoch-0002.png", "epoch-0004", "epoch-0004.png"])
      let file = run.folder.samples.appendingPathComponent("epoch-0004.png")
      let sheet = try ImageFile.read(from: file).image
      // Four columns of images of 16x16, eight times as large, with four pixels around each.
      #expect(sheet.width == 4 * (128 + 4) + 4)
      // A line of text, and for A and B a line with four pixels around and four images below their names.
      let line = Image.textHeight
      #expect(sheet.height == line + 2 * (line + 8 + 4 * (line + 128 + 8)))
    }
  }

  @Test func stepsEndARunInsideAnEpoch() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.settings.maximumSteps = 7
      #expect(try run.train() == .finished)
      #expect(try run.metrics().count == 7)
      #expect(try run.snapshotNames() == ["epoch-0001", "step-0000007"])
    }
  }

  /// With a learning rate of 1e30 the first step is the last whose losses are numbers: the squares of
  /// scores that follow are beyond float32.
  @Test func aLossThatIsNotANumberKeepsTheSnapshots() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.schedule.constantEpochs = 1
      run.configuration.schedule.decayEpochs = 0
      try run.train()
      let before = try run.results()
      run.configuration.schedule.constantEpochs = 2
      run.configuration.optimization.learningRate = 1e30
      let error = #expect(throws: RunError.self) { try run.train(resuming: true) }
      #expect(
        error?.description
          == "the loss D_A is not a number in step 7 of epoch 2: training has diverged; the last good snapshot "
          + "is \(run.folder.snapshots.path)/epoch-0001")
      #expect(try run.snapshotNames() == ["epoch-0001"])
      let after = try run.results()
      #expect(before.filter { after[$0.key] != $0.value }.isEmpty)
    }
  }

  @Test func initialWeightsAreTaken() throws {
    try withTemporaryFolder { root in
      let first = try TinyRun(in: root, name: "first")
      try first.train(stoppingAfter: 2)
      let only = root.appendingPathComponent("weights")
      try FileManager.default.createDirectory(at: only, withIntermediateDirectories: true)
      let file = "net_G_B.safetensors"
      try FileManager.default.copyItem(
        at: first.folder.latest.appendingPathComponent(file), to: only.appendingPathComponent(file))
      let trainer = CycleGANTrainer(configuration: first.configuration, device: .cpu)
      let fresh = trainer.generatorAB.stateDict.map { $0.tensor.elements }
      try trainer.loadInitialWeights(from: only)
      let saved = try SafeTensors.read(from: only.appendingPathComponent(file)).byName
      #expect(trainer.generatorBA.stateDict.allSatisfy { saved[$0.name]?.bytes == $0.tensor.bytes })
      #expect(trainer.generatorAB.stateDict.map { $0.tensor.elements } == fresh)
    }
  }

  @Test func initialWeightsThatAreNotThereAreNamed() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.settings.initialWeights = root
      let error = #expect(throws: FileError.self) { try run.train() }
      #expect(
        error?.description
          == "\(root.path): it holds none of net_G_A, net_G_B, net_D_A, net_D_B "
          + "(.safetensors, .pth)")
      #expect(!FileManager.default.fileExists(atPath: run.folder.url.path))
    }
  }
}
