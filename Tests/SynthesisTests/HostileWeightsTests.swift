import Files
import Foundation
import TestSupport
import Testing
import Torch

@testable import Synthesis

/// Files that say their networks are huge, in a few hundred bytes on the disk: each is refused by what its header says.
struct HostileWeightsTests {
  /// Images of 4000x4000 pixels, of a connected layer of one value.
  private static let pixels = 16_000_000

  private func refusal(_ body: () throws -> Void) -> String? {
    #expect(throws: FileError.self, performing: body)?.reason
  }

  /// A connected autoencoder whose layers have one value each.
  private func writeAutoencoder(pixels: Int, to file: URL) throws {
    try writeSparseWeights(
      [
        "encoder.0.weight": [1, pixels], "encoder.0.bias": [1], "encoder.2.weight": [2, 1],
        "encoder.2.bias": [2], "decoder.0.weight": [1, 1], "decoder.0.bias": [1],
        "decoder.2.weight": [pixels, 1], "decoder.2.bias": [pixels],
      ], to: file)
  }

  private func writeGenerator(pixels: Int, to file: URL) throws {
    try writeSparseWeights(
      [
        "main.0.weight": [1, 5], "main.0.bias": [1], "main.2.weight": [pixels, 1],
        "main.2.bias": [pixels],
      ], to: file)
  }

  @Test func autoencoders() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("net_AE.safetensors")
      try writeAutoencoder(pixels: Self.pixels, to: file)
      var run = try TinyAutoencoder(in: root)
      run.settings.initialWeights = file
      let reason =
        "its network has 4,000 pixels on a side of its images; at most 1,024 are possible"
      #expect(refusal { _ = try AutoencoderModel(at: file) } == reason)
      #expect(refusal { try run.train() } == reason)
      // The run's layers of 6 would make six times as much of a file that is within the limits.
      try writeAutoencoder(pixels: 1024 * 1024, to: file)
      run.configuration.network.code = 1
      run.request.layers = .connected
      #expect(
        refusal { try run.train() }
          == "it is a variational autoencoder, 1024x1024, 1 channel, hidden 1, code 1, bernoulli, and the run's is "
          + "a variational autoencoder, 1024x1024, 1 channel, hidden 6, code 1, bernoulli")
    }
  }

  /// 4 * (65536 * 3 * 1024^2 + 2 * 65536 + 65536 + 3 * 1024^2 + 65536) bytes, each size within its limit.
  @Test func whatFitsIntoNoMemory() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("net_G.safetensors")
      let (pixels, width) = (3 * 1024 * 1024, 65536)
      try writeSparseWeights(
        [
          "main.0.weight": [width, 2], "main.0.bias": [width], "main.2.weight": [pixels, width],
          "main.2.bias": [pixels],
        ], to: file)
      #expect(
        refusal { _ = try SampleModel(at: file, averaged: true) }
          == "its network needs 768.0 GiB of memory, which is more than there is")
    }
  }

  @Test func generators() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("net_G.safetensors")
      try writeGenerator(pixels: Self.pixels, to: file)
      var run = try TinyGAN(in: root, model: .gan)
      run.request.size = nil
      run.settings.initialWeights = file
      let reason =
        "its network has 4,000 pixels on a side of its images; at most 1,024 are possible"
      #expect(refusal { _ = try SampleModel(at: file, averaged: true) } == reason)
      #expect(refusal { try run.train() } == reason)
      try writeGenerator(pixels: 1024 * 1024, to: file)
      #expect(
        refusal { try run.train() }
          == "it is a fully connected generator, 1024x1024, 1 channel, hidden 1, latent 5, and the run's is a "
          + "fully connected generator, 1024x1024, 1 channel, hidden 8, latent 5")
    }
  }

  /// 28x28 pixels are made of 7x7 in two doublings.
  @Test func convolutions() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("net_G.safetensors")
      try writeSparseWeights(
        [
          "main.0.weight": [5, 16384, 7, 7], "main.3.weight": [16384, 8192, 4, 4],
          "main.6.weight": [8192, 1, 4, 4],
        ], to: file)
      #expect(
        refusal { _ = try SampleModel(at: file, averaged: true) }
          == "its network has 8,192 filters; at most 4,096 are possible")
    }
  }

  @Test func classifiers() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("net_D.safetensors")
      try writeSparseWeights(
        [
          "main.0.weight": [1, Self.pixels], "main.0.bias": [1], "main.2.weight": [2, 1],
          "main.2.bias": [2],
        ],
        metadata: [
          "network": "discriminator", "condition": "sgan", "classes": #"["cat","dog"]"#,
        ], to: file)
      #expect(
        refusal { _ = try SampleClassifier(at: file, device: .cpu) }
          == "its network has 4,000 pixels on a side of its images; at most 1,024 are possible")
    }
  }
}
