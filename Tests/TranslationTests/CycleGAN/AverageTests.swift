import Files
import Foundation
import Models
import TestSupport
import Testing
import Torch
import Training

@testable import Translation

/// The averaged generators of a run: what they are, where they are kept, and what is taken for them.
struct AverageTests {
  private func makeRun(in root: URL, name: String = "run") throws -> TinyRun {
    var run = try TinyRun(in: root, name: name)
    run.configuration.averageWindow = 0.5
    run.configuration.networks.skips = .features
    return run
  }

  private func weights(_ folder: URL, _ network: String) throws -> [String: Tensor] {
    let file = folder.appendingPathComponent(Snapshot.networkFile(network))
    return try SafeTensors.read(from: file).byName
  }

  /// With a window of 1/2, step t keeps 1 - 2 / t of the average: nothing in steps 1 and 2, then 1/3, 1/2, 3/5,
  /// so that the weights w of steps 1 to 5 leave 3/5 (1/2 (1/3 w2 + 2/3 w3) + 1/2 w4) + 2/5 w5.
  @Test(arguments: ["G_A", "G_B"])
  func theAverageIsThatOfTheSnapshots(_ name: String) throws {
    try withTemporaryFolder { root in
      var run = try makeRun(in: root)
      run.configuration.schedule.saveEvery = .steps(1)
      try run.train(stoppingAfter: 5)
      let shares: [Double] = [0, 0.1, 0.2, 0.3, 0.4]
      // The last step of the epoch is named after it.
      let names = (1...4).map { "step-000000\($0)" } + ["epoch-0001"]
      #expect(try run.snapshotNames() == names.sorted())
      let steps = try names.map {
        try weights(run.folder.snapshots.appendingPathComponent($0), name)
      }
      let average = try weights(run.folder.latest, "\(name)_ema")
      #expect(average.count == steps[4].count)
      for (key, found) in average {
        let expected = zip(shares, steps).reduce(found.filled(with: 0)) { $0 + $1.1[key]! * $1.0 }
        expectClose(found, expected, tolerance: 1e-7)
      }
      // They are no copies: weights of 0.02 move by about the rate, 0.0002, in a step.
      let newest = steps[4]["model.1.weight"]!
      #expect((average["model.1.weight"]! - newest).absolute().mean().item > 1e-5)
    }
  }

  /// Stopped at any step and gone on with, all files are the same, bit for bit.
  @Test(arguments: [1, 3, 5]) func resumedAveragesAreTheSame(_ steps: Int) throws {
    try withTemporaryFolder { root in
      let whole = try makeRun(in: root, name: "whole")
      #expect(try whole.train(stoppingAfter: 8) == .interrupted)
      let run = try makeRun(in: root)
      #expect(try run.train(stoppingAfter: steps) == .interrupted)
      #expect(try run.train(resuming: true, stoppingAfter: 8 - steps) == .interrupted)
      let (expected, results) = (try whole.results(), try run.results())
      #expect(results.keys.contains("net_G_A_ema.safetensors"))
      #expect(results.keys.contains("net_G_B_ema.safetensors"))
      #expect(Set(results.keys) == Set(expected.keys))
      #expect(results.filter { expected[$0.key] != $0.value }.keys.sorted() == [])
    }
  }

  /// Averaging is looking on: the losses and weights are those of a run without.
  @Test func averagingChangesNoTraining() throws {
    try withTemporaryFolder { root in
      let run = try makeRun(in: root)
      try run.train(stoppingAfter: 6)
      var plain = try makeRun(in: root, name: "plain")
      plain.configuration.averageWindow = 0
      try plain.train(stoppingAfter: 6)
      let (with, without) = (try run.results(), try plain.results())
      #expect(Set(with.keys).subtracting(without.keys).count == 2)
      for name in ["net_G_A.safetensors", "net_D_B.safetensors", "metrics line 5"] {
        #expect(with[name] == without[name] && with[name] != nil, "\(name)")
      }
    }
  }

  /// A file of an earlier snapshot in a later one's folder.
  private func mix(_ run: TinyRun, _ network: String) throws {
    let name = Snapshot.networkFile(network)
    let files = FileManager.default
    try files.removeItem(at: run.folder.latest.appendingPathComponent(name))
    try files.copyItem(
      at: run.folder.snapshots.appendingPathComponent("epoch-0001/\(name)"),
      to: run.folder.latest.appendingPathComponent(name))
  }

  @Test func anOlderAverageDoesNotResume() throws {
    try withTemporaryFolder { root in
      let run = try makeRun(in: root)
      try run.train(stoppingAfter: 7)
      try mix(run, "G_A_ema")
      let error = #expect(throws: FileError.self) { try run.train(resuming: true) }
      let file = run.folder.latest.appendingPathComponent("net_G_A_ema.safetensors")
      #expect(error?.path == file.path)
      #expect(
        error?.reason
          == "it was saved after step 5, training.json beside it after step 7: the files "
          + "belong to different snapshots")
    }
  }

  @Test func translationTakesTheAverageOfTheWeightsBesideIt() throws {
    try withTemporaryFolder { root in
      let run = try makeRun(in: root)
      try run.train(stoppingAfter: 7)
      func model(_ direction: TranslationDirection, averaged: Bool = true) throws
        -> TranslationModel
      {
        try TranslationModel(at: run.folder.url, direction: direction, averaged: averaged)
      }
      let average = try model(.aToB)
      #expect(average.file.lastPathComponent == "net_G_A_ema.safetensors")
      #expect(average.notices == [] && average.warnings == [])
      #expect(average.configuration.skips == .features)
      #expect(try model(.aToB, averaged: false).file.lastPathComponent == "net_G_A.safetensors")
      try mix(run, "G_A_ema")
      let mixed = try model(.aToB)
      #expect(mixed.file.lastPathComponent == "net_G_A.safetensors")
      #expect(
        mixed.warnings == [
          "net_G_A_ema.safetensors is of step 5, net_G_A.safetensors beside it of step 7: not its "
            + "average; taking the last step's weights"
        ])
      // The other direction is as it was.
      #expect(try model(.bToA).file.lastPathComponent == "net_G_B_ema.safetensors")
      // One that is missing is told as long as there is another.
      func remove(_ name: String) throws {
        try FileManager.default.removeItem(
          at: run.folder.latest.appendingPathComponent(Snapshot.networkFile(name)))
      }
      try remove("G_B_ema")
      let alone = try model(.bToA)
      #expect(alone.file.lastPathComponent == "net_G_B.safetensors")
      #expect(
        alone.warnings == [
          "there is no net_G_B_ema beside net_G_A_ema.safetensors; taking the last step's weights"
        ])
      #expect(try model(.bToA, averaged: false).warnings == [])
      try remove("G_A_ema")
      #expect(try model(.bToA).warnings == [])
    }
  }

  /// Without averages in its folder a run begins with copies of the weights; with some, it takes them.
  @Test func weightsToBeginWithAreAveragedFromTheFirstStep() throws {
    try withTemporaryFolder { root in
      let run = try makeRun(in: root)
      try run.train(stoppingAfter: 3)
      let trainer = CycleGANTrainer(configuration: run.configuration, device: .cpu)
      try trainer.loadInitialWeights(from: run.folder.url)
      let saved = try weights(run.folder.latest, "G_A_ema")["model.1.weight"]!
      #expect(trainer.averageAB?.network.stateDict[0].tensor.elements == saved.elements)
      for name in ["G_A_ema", "G_B_ema"] {
        try FileManager.default.removeItem(
          at: run.folder.latest.appendingPathComponent(Snapshot.networkFile(name)))
      }
      let other = CycleGANTrainer(configuration: run.configuration, device: .cpu)
      try other.loadInitialWeights(from: run.folder.url)
      let latest = try weights(run.folder.latest, "G_A")["model.1.weight"]!
      #expect(other.averageAB?.network.stateDict[0].tensor.elements == latest.elements)
    }
  }
}

/// Runs of generators with skips.
struct SkipRunTests {
  /// Weights of a network with skips mean something else in one without, though their names and shapes fit.
  @Test func weightsOfOtherSkipsAreNotBegunWith() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.networks.skips = .features
      try run.train(stoppingAfter: 1)
      let plain = CycleGANTrainer(
        configuration: try TinyRun(in: root).configuration, device: .cpu)
      let error = #expect(throws: FileError.self) {
        try plain.loadInitialWeights(from: run.folder.url)
      }
      #expect(error?.path.hasSuffix("net_G_A.safetensors") == true)
      #expect(
        error?.reason
          == "its weights were trained with --skips features, and this network has none")
      // A file that says nothing has none.
      let file = root.appendingPathComponent("net_G_A.safetensors")
      try SafeTensors(plain.generatorAB.stateDict).write(to: file)
      let withSkips = CycleGANTrainer(configuration: run.configuration, device: .cpu)
      let other = #expect(throws: FileError.self) { try withSkips.loadInitialWeights(from: file) }
      #expect(
        other?.reason
          == "its weights were trained with --skips none, and this network has features")
    }
  }

  /// A request that leaves skips and up-sampling open takes those of its weights.
  @Test func whatIsNotAskedForFollowsTheWeights() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.networks.skips = .features
      run.configuration.networks.upsampling = .smoothed
      try run.train(stoppingAfter: 1)
      let plain = try TinyRun(in: root, name: "plain")
      try plain.train(stoppingAfter: 1)
      var request = CycleGANRequest()
      func networks(after weights: RunFolder?) throws -> NetworkSettings {
        try request.following(weights?.url).decided.networks
      }
      request.preset = .reference
      #expect(try networks(after: run.folder).skips == .features)
      #expect(try networks(after: run.folder).upsampling == .smoothed)
      request.preset = .improved
      #expect(try networks(after: plain.folder).skips == .none)
      #expect(try networks(after: plain.folder).upsampling == .transposed)
      #expect(try networks(after: nil).skips == .features)
      #expect(try networks(after: nil).upsampling == .smoothed)
      request.skips = GeneratorConfiguration.Skips.none
      #expect(try networks(after: run.folder).skips == .none)
      #expect(try networks(after: run.folder).upsampling == .smoothed)
      request.upsampling = .transposed
      #expect(try networks(after: run.folder).upsampling == .transposed)
    }
  }

  /// A run of before says nothing of skips and averages, and has none; so does the reference.
  @Test func olderRunsAreWhatTheyWere() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("config.json")
      try Data(#"{"formatVersion": 3}"#.utf8).write(to: file)
      let stored = try CycleGANConfiguration.read(from: file)
      #expect(stored.networks.skips == .none && stored.averageWindow == 0)
      #expect(CycleGANRequest(stored).decided == stored)
      var request = CycleGANRequest()
      request.preset = .reference
      #expect(request.decided == CycleGANConfiguration())
    }
  }
}
