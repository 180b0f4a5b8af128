import Torch
import Training
import Translation

/// Times one training step and one forward pass of a generator on random images.
package struct Benchmark {
  private let configuration: CycleGANConfiguration
  private let device: Device
  private let steps: Int

  /// - Parameter steps: measured repetitions of each; one more before them warms up.
  package init(configuration: CycleGANConfiguration, device: Device, steps: Int) {
    self.configuration = configuration
    self.device = device
    self.steps = max(1, steps)
  }

  package func run() -> BenchmarkResult {
    let trainer = CycleGANTrainer(configuration: configuration, device: device)
    let networks = configuration.networks
    let side = configuration.data.cropSize
    func images(_ channels: Int, seed: UInt64) -> Tensor {
      (Tensor.uniform(shape: [configuration.data.batchSize, channels, side, side], seed: seed) * 2
        - 1)
        .moved(to: device).laid(out: configuration.optimization.precision.layout(on: device))
    }
    let realA = images(networks.channelsA, seed: 1)
    let realB = images(networks.channelsB, seed: 2)
    let pass = CycleGANTrainer.Pass(
      part: BatchPart(whole: configuration.data.batchSize), realA: realA, realB: realB)
    var result = BenchmarkResult(
      generator: networks.generator.rawValue, cropSize: side,
      batchSize: configuration.data.batchSize, steps: steps,
      configuration.optimization.precision, usesBFloat16: trainer.usesBFloat16, on: device,
      forward: { trainer.generatorAB(realA, .inference) },
      step: { _ = trainer.takeStep([pass]) })
    result.passes = RepeatedPass.wayOnGPU(of: trainer.repeatedPasses)
    result.stepGigaflopsPerSecond = stepFlops / result.stepSeconds / 1e9
    result.forwardGigaflopsPerSecond = 2 * generatorMultiplyAdds / result.forwardSeconds / 1e9
    result.convolutions = networks.generatorAB.convolutions(on: device, side: side)
    result.cpuCapability = Backend.cpuCapability
    return result
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
}
