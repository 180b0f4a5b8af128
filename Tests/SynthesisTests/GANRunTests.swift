import Foundation
import Imaging
import TestSupport
import Testing
import Torch
import Training
import Translation

@testable import Synthesis

/// A GAN's run: what it leaves, and that a stopped one ends like one that never stopped, bit for bit.
struct GANRunTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let model: GANConfiguration.Model
    let loss: AdversarialLoss
    var testDescription: String { "\(model.rawValue) \(loss.rawValue)" }
  }

  private static let cases = [
    Case(model: .dcgan, loss: .vanilla), Case(model: .dcgan, loss: .began),
    Case(model: .gan, loss: .wgan), Case(model: .gan, loss: .wganGP),
  ]

  /// Without dropout, whose generator belongs to the process and thus to all tests at once.
  private func makeRun(_ example: Case, in root: URL, name: String) throws -> TinyGAN {
    var run = try TinyGAN(in: root, name: name, model: example.model, loss: example.loss)
    if example.loss.hasLabels { run.configuration.losses.labelNoise = 0.2 }
    return run
  }

  @Test(arguments: cases) func aStoppedRunEndsTheSame(_ example: Case) throws {
    try withTemporaryFolder { root in
      let whole = try makeRun(example, in: root, name: "whole")
      #expect(try whole.train() == .finished)
      // Three networks, the training state in two files and 12 lines.
      #expect(try whole.results().count == 3 + 2 + 12)
      var run = try makeRun(example, in: root, name: "stopped")
      #expect(try run.train(stoppingAfter: 4) == .interrupted)
      run.settings.workers = 5
      #expect(try run.train(resuming: true, stoppingAfter: 2) == .interrupted)
      #expect(try run.train(resuming: true) == .finished)
      let (results, expected) = (try run.results(), try whole.results())
      #expect(results.keys.sorted() == expected.keys.sorted())
      #expect(results.filter { expected[$0.key] != $0.value }.keys.sorted() == [])
    }
  }

  /// In a process of its own, where no other test draws from dropout's generator.
  @Test func aStoppedRunWithDropoutEndsTheSame() async {
    await #expect(processExitsWith: .success) {
      try withTemporaryFolder { root in
        func makeRun(_ name: String, dropout: Double) throws -> TinyGAN {
          var run = try TinyGAN(in: root, name: name)
          run.configuration.dropout = dropout
          return run
        }
        let (plain, whole) = (try makeRun("plain", dropout: 0), try makeRun("whole", dropout: 0.3))
        try plain.train()
        try whole.train()
        let stopped = try makeRun("stopped", dropout: 0.3)
        try stopped.train(stoppingAfter: 4)
        try stopped.train(resuming: true)
        let (results, expected) = (try stopped.results(), try whole.results())
        #expect(results == expected)
        #expect(try plain.results() != expected)
      }
    }
  }

  @Test func filesAndMetrics() throws {
    try withTemporaryFolder { root in
      var run = try TinyGAN(in: root)
      run.configuration.schedule.sampleEvery = nil
      var saved: [String] = []
      try run.train {
        if case .savedSamples(let file) = $0 { saved.append(file.lastPathComponent) }
      }
      #expect(saved == ["epoch-0002.png", "epoch-0004.png"])
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: run.folder.latest.path).sorted() == [
          "net_D.safetensors", "net_G.safetensors", "net_G_ema.safetensors", "training.json",
          "training.safetensors",
        ])
      let keys: Set = [
        "step", "epoch", "images", "lr", "lr_D", "G", "D", "D(x)", "D(G(z))", "seconds_per_step",
        "seconds_waiting_for_data", "seconds_elapsed", "seconds_left",
      ]
      let lines = try run.metrics()
      #expect(lines.count == 12)
      #expect(lines.allSatisfy { Set($0.keys) == keys })
      let images = lines.map { $0["images"] as? Int ?? 0 }
      #expect(images == [3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36])
      // Eight rows of eight images of 28x28 with two pixels around each, 8 * 30 + 2, below a line of text.
      let sheet = try ImageFile.read(
        from: run.folder.samples.appendingPathComponent("epoch-0004.png")
      ).image
      #expect(sheet.height == Image.textHeight + 242)
      #expect(sheet.width == 242)
    }
  }

  /// The sheet shows what `generate` makes with the run's seed: sample 1 is at its top left.
  @Test func theSheetShowsTheFirstSamples() throws {
    try withTemporaryFolder { root in
      var run = try TinyGAN(in: root)
      run.configuration.schedule.sampleEvery = nil
      try run.train()
      let sheet = try ImageFile.read(
        from: run.folder.samples.appendingPathComponent("epoch-0004.png")
      ).image
      let sampler = Sampler(try SampleModel(at: run.folder.url, averaged: true), device: .cpu)
      let tenth = sampler.image(sampler.input(of: 10, seed: 7)).converted(toChannels: 3)
      let top = Image.textHeight + 32
      #expect(sheet.cropped(top: top, left: 32, height: 28, width: 28) == tenth)
    }
  }

  @Test func whatFollowsFromTheDataIsStored() throws {
    try withTemporaryFolder { root in
      var run = try TinyGAN(in: root)
      run.request.size = nil
      run.configuration.data.batchSize = 100
      var batches: [Int] = []
      try run.train(stoppingAfter: 1) {
        if case .batchIsSmaller(let asked, let used) = $0 { batches += [asked, used] }
      }
      #expect(batches == [100, 9])
      let stored = try GANConfiguration.read(from: run.folder.configuration)
      // Images of 30x32: the smallest size that loses nothing is 32. They are gray.
      #expect(stored.networks.size == 32)
      #expect(stored.networks.channels == 1)
      #expect(stored.adversaries.generatorLearningRate == 2e-4)
      #expect(try run.metrics().map { $0["images"] as? Int } == [9])
    }
  }

  /// Ten images make three batches of three; the one left over has another chance in the next epoch.
  @Test func aShortBatchIsLeftOut() throws {
    try withTemporaryFolder { root in
      var run = try TinyGAN(in: root)
      run.configuration.data.maximumImages = 8
      try run.train()
      #expect(try run.metrics().map { $0["epoch"] as? Int } == [1, 1, 2, 2, 3, 3, 4, 4])
    }
  }

  @Test func initialWeightsAreTakenAndAveraged() throws {
    try withTemporaryFolder { root in
      let first = try TinyGAN(in: root, name: "first")
      try first.train(stoppingAfter: 2)
      let only = root.appendingPathComponent("weights")
      try FileManager.default.createDirectory(at: only, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: first.folder.latest.appendingPathComponent("net_G.safetensors"),
        to: only.appendingPathComponent("net_G.safetensors"))
      let trainer = first.makeTrainer()
      try trainer.loadInitialWeights(from: only)
      let saved = try SafeTensors.read(from: only.appendingPathComponent("net_G.safetensors"))
        .byName
      for network in [trainer.generator, trainer.average.network] {
        #expect(network.stateDict.allSatisfy { saved[$0.name]?.bytes == $0.tensor.bytes })
      }
    }
  }

  /// Each command's runs are its own.
  @Test func runsOfOtherCommandsAreRefused() throws {
    try withTemporaryFolder { root in
      let gan = try TinyGAN(in: root)
      try gan.train(stoppingAfter: 1)
      func model(_ error: RunError?) -> String?? {
        if case .otherKind(_, let model) = error { model } else { nil }
      }
      let error = #expect(throws: RunError.self) {
        try CycleGANConfiguration.read(from: gan.folder.configuration)
      }
      #expect(model(error) == "dcgan")
      let cycleGAN = root.appendingPathComponent("cyclegan.json")
      try writeJSON(CycleGANConfiguration(), to: cycleGAN)
      let other = #expect(throws: RunError.self) { try GANConfiguration.read(from: cycleGAN) }
      #expect(model(other) == .some(nil))
    }
  }

  @Test func damagedTrainingStateIsNamed() throws {
    try withTemporaryFolder { root in
      let run = try TinyGAN(in: root)
      try run.train(stoppingAfter: 1)
      let file = run.folder.latest.appendingPathComponent("training.safetensors")
      let saved = try SafeTensors.read(from: file)
      for name in ["began.k", "health", "adam.G.0.first"] {
        try SafeTensors(saved.tensors.filter { $0.name != name }).write(to: file)
        let error = #expect(throws: (any Error).self) { try run.train(resuming: true) }
        #expect("\(error.map { "\($0)" } ?? "")".hasPrefix(file.path))
      }
    }
  }
}
