import Foundation
import Torch
import Training

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
  /// The most that tensors have had of the GPU's.
  package let peakGPUMemoryBytes: Int?
  package let gpu: GPUDescription?
  /// How a GPU gets a step's work: "repeated as recorded", or why not.
  package internal(set) var passes: String?
  package let generator: String
  package let cropSize: Int
  package let batchSize: Int
  package let steps: Int
  package let threads = Backend.threadCount
  /// `fp32`, `tf32` or `bf16`: what `auto` has chosen.
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
    case peakGPUMemoryBytes = "peak_gpu_memory_bytes"
    case gpu, passes
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
  ///   - asked: the precision that was asked for.
  ///   - steps: measured repetitions of each; one more before them warms up.
  init(
    generator: String, cropSize: Int, batchSize: Int, steps: Int,
    _ asked: OptimizationSettings.Precision, usesBFloat16: Bool, on device: Device,
    forward: () -> Tensor, step: () -> Void
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
    precision = usesBFloat16 ? "bf16" : asked == .tf32 ? "tf32" : "fp32"
    peakGPUMemoryBytes = device.gpuMemory?.mostUsed
    gpu = GPUDescription(of: device)
    self.device = device.description
  }
}

/// The median of repetitions of `body`, in seconds; more before them warm up.
///
/// A GPU is given several at a time, as in a training, which does not wait for it after each step; before them it also
/// gets those in which its passes are recorded.
func medianSeconds<E: Error>(
  of repetitions: Int, on device: Device, _ body: () throws(E) -> Void
) throws(E) -> Double {
  func measured(_ count: Int) throws(E) -> Double {
    let begun = ContinuousClock.now
    for _ in 0..<count { try body() }
    device.synchronize()
    return (ContinuousClock.now - begun) / .seconds(count)
  }
  var together = 1
  if case .cuda = device {
    for _ in 0..<8 { try body() }
    device.synchronize()
    together = max(1, min(10, Int(0.3 / (try measured(1)))))
  } else {
    _ = try measured(1)
  }
  var times: [Double] = []
  for _ in 0..<repetitions { times.append(try measured(together)) }
  times.sort()
  return (times[(repetitions - 1) / 2] + times[repetitions / 2]) / 2
}
