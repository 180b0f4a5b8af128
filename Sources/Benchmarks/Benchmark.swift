import Foundation
import Models
import Synthesis
import Torch
import Training
import Translation

/// Times one training step and one forward pass of a generator on random images.
package struct Benchmark {
  /// What was measured; `--help` of the command names the keys.
  package struct Result: Encodable, Sendable {
    /// Medians, in seconds.
    package let stepSeconds: Double
    package let forwardSeconds: Double
    /// Arithmetic of the convolutions alone, forward and backward, over the medians.
    package let stepGigaflopsPerSecond: Double
    package let forwardGigaflopsPerSecond: Double
    /// The most memory the process has held, in bytes; on a GPU the part outside it.
    package let peakMemoryBytes: Int
    package let generator: String
    package let cropSize: Int
    package let batchSize: Int
    package let steps: Int
    package let threads: Int
    /// `fp32` or `bf16`: what `auto` has chosen.
    package let precision: String
    /// What computes the generator's convolutions, such as "oneDNN 2.6.3, Winograd in the residual blocks".
    package let convolutions: String
    package let device: String
    package let cpuCapability: String
    package let libtorchVersion: String

    private enum CodingKeys: String, CodingKey {
      case stepSeconds = "step_seconds"
      case forwardSeconds = "forward_seconds"
      case stepGigaflopsPerSecond = "step_gflops_per_second"
      case forwardGigaflopsPerSecond = "forward_gflops_per_second"
      case peakMemoryBytes = "peak_memory_bytes"
      case generator
      case cropSize = "crop_size"
      case batchSize = "batch_size"
      case steps, threads, precision, convolutions, device
      case cpuCapability = "cpu_capability"
      case libtorchVersion = "libtorch_version"
    }
  }

  private let configuration: CycleGANConfiguration
  private let device: Device
  private let steps: Int

  /// - Parameter steps: measured repetitions of each; one more before them warms up.
  package init(configuration: CycleGANConfiguration, device: Device, steps: Int) {
    self.configuration = configuration
    self.device = device
    self.steps = max(1, steps)
  }

  /// Throws `CancellationError` once `shouldStop`, asked between repetitions, is true.
  package func run(shouldStop: () -> Bool = { false }) throws -> Result {
    let trainer = CycleGANTrainer(configuration: configuration, device: device)
    let networks = configuration.networks
    let side = configuration.data.cropSize
    func images(_ channels: Int, seed: UInt64) -> Tensor {
      (Tensor.uniform(shape: [configuration.data.batchSize, channels, side, side], seed: seed) * 2
        - 1)
        .moved(to: device)
    }
    let realA = images(networks.channelsA, seed: 1)
    let realB = images(networks.channelsB, seed: 2)
    let forwardSeconds = try medianSeconds(of: steps, on: device, unless: shouldStop) {
      withoutGradients {
        withBFloat16Autocast(trainer.usesBFloat16, on: device) {
          _ = trainer.generatorAB(realA, .inference)
        }
      }
    }
    let stepSeconds = try medianSeconds(of: steps, on: device, unless: shouldStop) {
      _ = trainer.step(realA: realA, realB: realB)
    }
    return Result(
      stepSeconds: stepSeconds, forwardSeconds: forwardSeconds,
      stepGigaflopsPerSecond: stepFlops / stepSeconds / 1e9,
      forwardGigaflopsPerSecond: 2 * generatorMultiplyAdds / forwardSeconds / 1e9,
      peakMemoryBytes: Self.peakMemoryBytes, generator: networks.generator.rawValue, cropSize: side,
      batchSize: configuration.data.batchSize, steps: steps, threads: Backend.threadCount,
      precision: trainer.usesBFloat16 ? "bf16" : "fp32",
      convolutions: networks.generatorAB.convolutions(on: device, side: side),
      device: device.description,
      cpuCapability: Backend.cpuCapability, libtorchVersion: Backend.version)
  }

  private var pixels: Double {
    Double(configuration.data.cropSize * configuration.data.cropSize * configuration.data.batchSize)
  }

  private var generatorMultiplyAdds: Double {
    pixels * configuration.networks.generatorAB.multiplyAddsPerPixel
  }

  /// 6 generator passes and 4 discriminator passes with both gradients (three times a forward's work),
  /// and 2 discriminator passes with the gradient of their input only (twice).
  private var stepFlops: Double {
    let networks = configuration.networks
    let generatorPasses = configuration.losses.identityWeight > 0 ? 6.0 : 4.0
    let discriminator =
      pixels
      * networks.discriminatorConfiguration(channels: networks.channelsA).multiplyAddsPerPixel
    return 2 * (generatorPasses * 3 * generatorMultiplyAdds + (4 * 3 + 2 * 2) * discriminator)
  }

  static var peakMemoryBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Int(usage.ru_maxrss) * 1024
  }
}

/// The median of repetitions of `body`, in seconds; one more before them warms up. Throws `CancellationError`
/// once `shouldStop`, asked between them, is true.
func medianSeconds(
  of repetitions: Int, on device: Device, unless shouldStop: () -> Bool, _ body: () throws -> Void
) throws -> Double {
  let clock = ContinuousClock()
  let times = try (0...repetitions).map { _ in
    if shouldStop() { throw CancellationError() }
    return try clock.measure {
      try body()
      device.synchronize()
    } / .seconds(1)
  }.dropFirst().sorted()
  return (times[(repetitions - 1) / 2] + times[repetitions / 2]) / 2
}
