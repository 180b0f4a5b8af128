import Foundation
import Torch

/// What was measured of a training step and a forward pass. What is `nil` is left out of the JSON.
package struct BenchmarkResult: Encodable, Sendable {
  /// Medians, in seconds.
  package let stepSeconds: Double
  package let forwardSeconds: Double
  /// Arithmetic of the convolutions alone, forward and backward, over the medians.
  package internal(set) var stepGigaflopsPerSecond: Double?
  package internal(set) var forwardGigaflopsPerSecond: Double?
  /// The most memory the process has held, in bytes; on a GPU the part outside it.
  package let peakMemoryBytes: Int
  package let generator: String
  package let cropSize: Int
  package let batchSize: Int
  package let steps: Int
  package let threads = Backend.threadCount
  /// `fp32` or `bf16`: what `auto` has chosen.
  package let precision: String
  /// What computes the generator's convolutions, such as "oneDNN 2.6.3, Winograd in the residual blocks".
  package internal(set) var convolutions: String?
  package let device: String
  package internal(set) var cpuCapability: String?
  package let libtorchVersion = Backend.version

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

  /// Times both, the forward pass first and without gradients.
  ///
  /// - Parameters:
  ///   - generator: its name.
  ///   - steps: measured repetitions of each; one more before them warms up.
  init(
    generator: String, cropSize: Int, batchSize: Int, steps: Int, usesBFloat16: Bool,
    on device: Device, forward: () -> Tensor, step: () -> Void
  ) {
    forwardSeconds = medianSeconds(of: steps, on: device) {
      withoutGradients { withBFloat16Autocast(usesBFloat16, on: device) { _ = forward() } }
    }
    stepSeconds = medianSeconds(of: steps, on: device, step)
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    peakMemoryBytes = Int(usage.ru_maxrss) * 1024
    self.generator = generator
    self.cropSize = cropSize
    self.batchSize = batchSize
    self.steps = steps
    precision = usesBFloat16 ? "bf16" : "fp32"
    self.device = device.description
  }
}

/// The median of repetitions of `body`, in seconds; one more before them warms up.
func medianSeconds(
  of repetitions: Int, on device: Device, _ body: () throws -> Void
) rethrows -> Double {
  let clock = ContinuousClock()
  let times = try (0...repetitions).map { _ in
    try clock.measure {
      try body()
      device.synchronize()
    } / .seconds(1)
  }.dropFirst().sorted()
  return (times[(repetitions - 1) / 2] + times[repetitions / 2]) / 2
}
