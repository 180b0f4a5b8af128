import Models
import Synthesis
import Torch
import Training
import Translation

/// Times one training step of a DCGAN and one forward pass of its generator on random images.
package struct GANBenchmark {
  /// What was measured, under the keys that `Benchmark` has as far as they are the same.
  package struct Result: Encodable, Sendable {
    /// Medians, in seconds.
    package let stepSeconds: Double
    package let forwardSeconds: Double
    /// The most memory the process has held, in bytes; on a GPU the part outside it.
    package let peakMemoryBytes: Int
    package let generator: String
    package let cropSize: Int
    package let batchSize: Int
    package let steps: Int
    package let threads: Int
    /// `fp32` or `bf16`: what `auto` has chosen.
    package let precision: String
    package let device: String
    package let libtorchVersion: String

    private enum CodingKeys: String, CodingKey {
      case stepSeconds = "step_seconds"
      case forwardSeconds = "forward_seconds"
      case peakMemoryBytes = "peak_memory_bytes"
      case generator
      case cropSize = "crop_size"
      case batchSize = "batch_size"
      case steps, threads, precision, device
      case libtorchVersion = "libtorch_version"
    }
  }

  private let configuration: GANConfiguration
  private let device: Device
  private let steps: Int

  /// - Parameters:
  ///   - size: of the images; one that a DCGAN makes.
  ///   - steps: measured repetitions of each; one more before them warms up.
  package init(
    size: Int, batchSize: Int, precision: OptimizationSettings.Precision, device: Device,
    steps: Int
  ) {
    var configuration = GANConfiguration(.dcgan)
    configuration.networks.size = size
    configuration.data.batchSize = batchSize
    configuration.optimization.precision = precision
    self.configuration = configuration
    self.device = device
    self.steps = max(1, steps)
  }

  /// Throws `CancellationError` once `shouldStop`, asked between repetitions, is true.
  package func run(shouldStop: () -> Bool = { false }) throws -> Result {
    let trainer = GANTrainer(configuration: configuration, device: device)
    let networks = configuration.networks
    let batch = configuration.data.batchSize
    let shape = [batch, networks.channels, networks.size, networks.size]
    let real = (Tensor.uniform(shape: shape, seed: 1) * 2 - 1).moved(to: device)
    let latents = Tensor.normal(shape: [batch, networks.latent], seed: 2).moved(to: device)
    let forwardSeconds = try medianSeconds(of: steps, on: device, unless: shouldStop) {
      withoutGradients {
        withBFloat16Autocast(trainer.usesBFloat16, on: device) {
          _ = trainer.generator(latents, .inference)
        }
      }
    }
    let stepSeconds = try medianSeconds(of: steps, on: device, unless: shouldStop) {
      _ = trainer.step(real: real)
    }
    return Result(
      stepSeconds: stepSeconds, forwardSeconds: forwardSeconds,
      peakMemoryBytes: Benchmark.peakMemoryBytes, generator: configuration.model.rawValue,
      cropSize: networks.size, batchSize: batch, steps: steps, threads: Backend.threadCount,
      precision: trainer.usesBFloat16 ? "bf16" : "fp32", device: device.description,
      libtorchVersion: Backend.version)
  }
}
