import Datasets
import Foundation
import Imaging
import Models
import TestSupport
import Testing
import Torch
import Training

@testable import Synthesis

/// Steps against PyTorch's, which Tests/Fixtures/Autoencoder/write_steps.py has made.
struct AutoencoderStepTests {
  private struct Recorded {
    let name: String
    let tensors: [String: Tensor]
    let metadata: [String: String]

    init(_ name: String) throws {
      let file = try SafeTensors.read(from: fixture("Autoencoder/steps.safetensors"))
      (self.name, tensors, metadata) = (name, file.part(name), file.metadata)
    }

    func setting(_ key: String) throws -> String { try #require(metadata["\(name).\(key)"]) }
    func number(_ key: String) throws -> Int { try #require(Int(try setting(key))) }

    func configuration() throws -> AutoencoderRunConfiguration {
      var result = AutoencoderRunConfiguration()
      result.network.kind = try #require(.init(rawValue: setting("kind")))
      result.network.likelihood = try #require(.init(rawValue: setting("likelihood")))
      result.network.layers = try #require(.init(rawValue: setting("layers")))
      if result.network.layers == .connected {
        result.network.hidden = [try number("hidden")]
      } else {
        result.network.filters = try number("filters")
      }
      result.network.size = try number("size")
      result.network.channels = try number("channels")
      result.network.code = try number("code")
      result.beta = try #require(Double(setting("beta")))
      result.optimization.learningRate = try #require(Double(metadata["learning_rate"] ?? ""))
      result.optimization.beta1 = try #require(Double(metadata["beta1"] ?? ""))
      result.beta2 = try #require(Double(metadata["beta2"] ?? ""))
      return result
    }

    func weights(_ prefix: String) -> [String: Tensor] {
      Dictionary(
        uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix(prefix + ".") }
          .map { (String($0.key.dropFirst(prefix.count + 1)), $0.value) })
    }

    func images(_ step: Int) throws -> [Image] {
      let all = try #require(tensors["images"])
      let (count, height, width, channels) = (
        all.shape[1], all.shape[2], all.shape[3], all.shape[4]
      )
      let size = height * width * channels
      return (0..<count).map { index in
        let start = (step * count + index) * size
        return Image(
          height: height, width: width, channels: channels,
          pixels: Array(all.bytes[start..<start + size]))
      }
    }
  }

  /// In float32, PyTorch itself is off by at most 1e-5; see the fixture's metadata.
  @Test(arguments: ["bernoulli", "gaussian", "convolutional", "plain"])
  func threeStepsArePyTorchs(_ name: String) throws {
    let recorded = try Recorded(name)
    let trainer = AutoencoderTrainer(configuration: try recorded.configuration(), device: .cpu)
    try trainer.network.load(recorded.weights("start"), from: "the fixture")
    let noise = try #require(recorded.tensors["noise"])
    let losses = try #require(recorded.tensors["losses"]).doubles
    for step in 0..<3 {
      let images = Tensor(images: try recorded.images(step))
      let pass = AutoencoderTrainer.Pass(
        part: BatchPart(whole: images.shape[0]), images: images)
      let found = trainer.takeStep(
        [pass], noise: noise.narrowed(axis: 0, step..<step + 1).reshaped(Array(noise.shape[1...]))
      ).read()
      let expected = losses[3 * step..<3 * step + 3]
      let numbers = [found.reconstruction, found.divergence ?? 0, found.loss]
      for (number, wanted) in zip(numbers, expected) {
        expectClose(number, wanted, tolerance: 1e-4 * max(1, abs(wanted)))
      }
    }
    let final = recorded.weights("final")
    #expect(!final.isEmpty)
    for (key, tensor) in trainer.network.stateDict {
      expectClose(tensor, try #require(final[key]), tolerance: 1e-4)
    }
  }

  /// Two processes, or two passes, train as one with the whole batch, a part of which is smaller.
  @Test func processesAndPassesTrainAsOne() throws {
    @Sendable func train(
      _ run: TinyAutoencoder, _ group: ProcessGroup?, passes: Int
    ) -> [[Double]] {
      let trainer = run.makeTrainer(processes: group)
      return (0..<3).map { step in
        let images = Tensor.uniform(shape: [5, 1, 8, 8], seed: UInt64(step)) * 2 - 1
        let parts = BatchPart.parts(
          of: 5, rank: group?.rank ?? 0, processes: group?.count ?? 1, passes: passes)
        return trainer.step(
          parts.map { AutoencoderTrainer.Pass(part: $0, images: $0.rows(of: images)) }
        ).named.map(\.value)
      }
    }
    try withTemporaryFolder { root in
      let run = try TinyAutoencoder(in: root)
      let whole = train(run, nil, passes: 1)
      let parts = try onProcesses(2) { [run] in train(run, $0, passes: 1) }
      for found in parts + [train(run, nil, passes: 2)] {
        for (step, expected) in zip(found.joined(), whole.joined()) {
          expectClose(step, expected, tolerance: 1e-5 * max(1, abs(expected)))
        }
      }
    }
  }

  /// The deviation of images that are all black is that of rounding, 1 / (255 sqrt 12) = 0.001132, and no smaller.
  @Test func theDeviationStopsAtRounding() throws {
    var configuration = AutoencoderRunConfiguration()
    configuration.network.likelihood = .gaussian
    configuration.network.size = 2
    configuration.network.hidden = [2]
    configuration.optimization.learningRate = 0.5
    let trainer = AutoencoderTrainer(configuration: configuration, device: .cpu)
    var deviation = 1.0
    for _ in 0..<200 {
      let losses = trainer.step(images: .full(-1, shape: [4, 1, 2, 2]))
      deviation = losses.deviation ?? 1
      #expect(losses.loss.isFinite)
    }
    expectClose(deviation, 0.001132, tolerance: 1e-6)
  }

  /// 1/2 is what 127.5 of 255 is: 127 becomes black and 128 white.
  @Test func imagesAreCutAtTheThreshold() {
    let image = Image(height: 1, width: 4, channels: 1, pixels: [0, 127, 128, 255])
    #expect(Tensor(images: [image], threshold: 0.5).elements == [-1, -1, 1, 1])
    // 1 leaves white alone.
    #expect(Tensor(images: [image], threshold: 1).elements == [-1, -1, -1, 1])
  }
}
