import Synthesis
import Torch
import Training

/// Times one training step of a DCGAN and one forward pass of its generator on random images.
package struct GANBenchmark {
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

  package func run() -> BenchmarkResult {
    let trainer = GANTrainer(configuration: configuration, device: device)
    let networks = configuration.networks
    let batch = configuration.data.batchSize
    let shape = [batch, networks.channels, networks.size, networks.size]
    let real = (Tensor.uniform(shape: shape, seed: 1) * 2 - 1).moved(to: device)
    let latents = Tensor.normal(shape: [batch, networks.latent], seed: 2).moved(to: device)
    let pass = GANTrainer.Pass(part: BatchPart(whole: batch), real: real)
    var result = BenchmarkResult(
      generator: configuration.model.rawValue, cropSize: networks.size, batchSize: batch,
      steps: steps, configuration.optimization.precision, usesBFloat16: trainer.usesBFloat16,
      on: device,
      forward: { trainer.generator(latents, .inference) },
      step: { _ = trainer.takeStep([pass]) })
    result.passes = RepeatedPass.wayOnGPU(of: trainer.repeatedPasses)
      .map { "the discriminator's \($0)" }
    return result
  }
}
