import Foundation
import Imaging
import Models
import TestSupport
import Testing
import Torch
import Training

@testable import Synthesis

/// An autoencoder's run: what it leaves, and that a stopped one ends like one that never stopped, bit for bit.
struct AutoencoderRunTests {
  @Test(arguments: AutoencoderConfiguration.Kind.allCases, AutoencoderConfiguration.Layers.allCases)
  func aStoppedRunEndsTheSame(
    _ kind: AutoencoderConfiguration.Kind, _ layers: AutoencoderConfiguration.Layers
  ) throws {
    func makeRun(_ name: String, in root: URL) throws -> TinyAutoencoder {
      var run = try TinyAutoencoder(in: root, name: name)
      run.configuration.network.kind = kind
      run.request.layers = layers
      run.request.likelihood = layers == .connected ? .bernoulli : .gaussian
      run.request.size = layers == .connected ? nil : 28
      return run
    }
    try withTemporaryFolder { root in
      let whole = try makeRun("whole", in: root)
      #expect(try whole.train() == .finished)
      // The network, the training state in two files, and three lines in each of four epochs.
      #expect(try whole.results().count == 1 + 2 + 12)
      var run = try makeRun("stopped", in: root)
      #expect(try run.train(stoppingAfter: 4) == .interrupted)
      run.settings.workers = 5
      #expect(try run.train(resuming: true, stoppingAfter: 3) == .interrupted)
      #expect(try run.train(resuming: true) == .finished)
      let (results, expected) = (try run.results(), try whole.results())
      #expect(results.keys.sorted() == expected.keys.sorted())
      #expect(results.filter { expected[$0.key] != $0.value }.keys.sorted() == [])
    }
  }

  /// Seven images make two batches of three and one of one.
  @Test func filesAndMetrics() throws {
    try withTemporaryFolder { root in
      var run = try TinyAutoencoder(in: root)
      run.configuration.schedule.sampleEvery = nil
      run.configuration.beta = 2
      try run.train()
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: run.folder.latest.path).sorted() == [
          "net_AE.safetensors", "training.json", "training.safetensors",
        ])
      let keys: Set = [
        "step", "epoch", "images", "lr", "reconstruction", "KL", "loss", "mse", "seconds_per_step",
        "seconds_waiting_for_data", "seconds_elapsed", "seconds_left",
      ]
      let lines = try run.metrics()
      #expect(lines.map { $0["images"] as? Int }.prefix(6) == [3, 6, 7, 10, 13, 14])
      for line in lines {
        #expect(Set(line.keys) == keys)
        func value(_ name: String) throws -> Double { try #require(line[name] as? Double) }
        let loss = try value("reconstruction") + 2 * value("KL")
        expectClose(try value("loss"), loss, tolerance: 1e-4)
      }
      // Eight columns of 32 pixels, four between and around them; 7 pairs in two rows and 32 samples in four, below
      // three lines of text.
      let sheet = try ImageFile.read(
        from: run.folder.samples.appendingPathComponent("epoch-0004.png")
      ).image
      #expect(sheet.width == 8 * 36 + 4)
      #expect(sheet.height == 3 * Image.textHeight + 6 * 40)
    }
  }

  /// Small images keep their size, larger ones get convolutions; gray ones are Bernoulli, color ones Gaussian.
  @Test(arguments: [
    (8, 1, 8, AutoencoderConfiguration.Layers.connected),
    (28, 3, 28, .connected), (30, 1, 32, .convolutional), (90, 1, 64, .convolutional),
  ])
  func whatFollowsFromTheImagesIsStored(
    _ side: Int, _ channels: Int, _ size: Int, _ layers: AutoencoderConfiguration.Layers
  ) throws {
    try withTemporaryFolder { root in
      try writeImages(
        3, to: root.appendingPathComponent("images"), height: side, width: side + 1,
        channels: channels)
      let run = try TinyAutoencoder(in: root)
      try run.train(stoppingAfter: 1)
      let network = try AutoencoderRunConfiguration.read(from: run.folder.configuration).network
      #expect(network.size == size)
      #expect(network.channels == channels)
      #expect(network.layers == layers)
      #expect(network.likelihood == (channels == 1 ? .bernoulli : .gaussian))
    }
  }

  /// The learning rate of a run that begins with another's weights is next to nothing, so that these stay.
  @Test func initialWeightsAreTaken() throws {
    try withTemporaryFolder { root in
      let first = try TinyAutoencoder(in: root, name: "first")
      try first.train(stoppingAfter: 3)
      var second = try TinyAutoencoder(in: root, name: "second")
      second.configuration.optimization.learningRate = 1e-12
      second.settings.initialWeights = first.folder.url
      try second.train(stoppingAfter: 1)
      let (before, after) = (
        try AutoencoderModel(at: first.folder.url), try AutoencoderModel(at: second.folder.url)
      )
      for (a, b) in zip(before.network.stateDict, after.network.stateDict) {
        expectClose(a.tensor, b.tensor, tolerance: 1e-9)
      }
    }
  }

  /// Weights that fit no such network are refused before the images are decoded.
  @Test func otherWeightsAreRefused() throws {
    try withTemporaryFolder { root in
      let gan = try TinyGAN(in: root, name: "gan", model: .gan, loss: .began)
      try gan.train(stoppingAfter: 1)
      var run = try TinyAutoencoder(in: root)
      run.settings.initialWeights = gan.folder.latest.appendingPathComponent("net_D.safetensors")
      #expect(throws: (any Error).self) { try run.train() }
      #expect(FileManager.default.fileExists(atPath: run.folder.configuration.path) == false)
    }
  }
}
