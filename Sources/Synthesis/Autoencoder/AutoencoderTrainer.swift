import Datasets
import Files
import Foundation
import Models
import Torch
import Training

/// An autoencoder, its optimizer, and the step that trains it.
///
/// Source: arXiv 1312.6114, algorithm 1, with Adam and one draw of each code in a step.
package final class AutoencoderTrainer: Trainer {
  package let network: Autoencoder
  package let device: Device
  /// How feature maps lie in memory.
  let layout: MapLayout
  private let processes: ProcessGroup?
  package private(set) var usesBFloat16: Bool

  let configuration: AutoencoderRunConfiguration
  private let optimizer: Adam
  /// The passes of all steps, which have the same shape but for the last of an epoch.
  var passes: RepeatedPass
  private var watch = CodeWatch()
  package var stepCount = 0
  /// What is worth a warning after a step, handed out once.
  package private(set) var alarms: [Alarm] = []

  /// A network with fresh weights, drawn from the configuration's seed.
  ///
  /// - Parameter processes: that train together with this one.
  package init(
    configuration: AutoencoderRunConfiguration, device: Device, processes: ProcessGroup? = nil
  ) {
    let precision = configuration.optimization.precision
    device.allowTF32(precision == .tf32)
    device.seekFastestAlgorithms()
    layout = precision.layout(on: device)
    network = configuration.network.makeNetwork()
    var stream = SplitMix64(mixing: configuration.seed, Stream.weights.rawValue)
    network.initialize(configuration.network.initialization, seed: stream.next())
    network.move(to: device, layout)
    optimizer = Adam(
      network.trainableParameters, learningRate: configuration.optimization.learningRate,
      beta1: configuration.optimization.beta1, beta2: configuration.beta2)
    usesBFloat16 = precision.usesBFloat16(on: device)
    self.configuration = configuration
    self.device = device
    self.processes = processes
    passes = RepeatedPass(
      of: [network], on: device,
      obstacle: configuration.optimization.obstacleToRepetition(among: processes))
  }

  package var networks: [(name: String, network: any Module)] {
    [(AutoencoderModel.networkName, network)]
  }

  package var repeatedPasses: [RepeatedPass] { [passes] }

  package var learningRate: Double { optimizer.learningRate }

  /// Images of more than 8 bits, the binary digits of bfloat16, are computed in float32 unless bfloat16 is asked for.
  func learnDeepImages() {
    if configuration.optimization.precision == .auto { usesBFloat16 = false }
  }

  package func scaleLearningRates(by factor: Double) {
    optimizer.learningRate = configuration.optimization.learningRate * factor
  }

  /// The images that one pass sees.
  package struct Pass {
    package let part: BatchPart
    /// `[count, channels, size, size]` in [-1, 1], on the trainer's device, a row for each sample of the part.
    package let images: Tensor

    package init(part: BatchPart, images: Tensor) { (self.part, self.images) = (part, images) }
  }

  /// One step with a batch that fits into one pass of one process: `[batch, channels, size, size]`.
  package func step(images: Tensor) -> AutoencoderStepLosses {
    step([Pass(part: BatchPart(whole: images.shape[0]), images: images)])
  }

  /// The same of several passes and processes.
  package func step(_ passes: [Pass]) -> AutoencoderStepLosses { takeStep(passes).read() }

  /// One step down the gradient of the negative ELBO.
  ///
  /// - Parameter passes: this process's parts of the batch. Gradients and losses are those of the whole batch.
  package func takeStep(_ passes: [Pass]) -> PendingLosses<AutoencoderStepLosses> {
    // For the whole batch, so that an image has the same noise in whichever part it is.
    let noise = Tensor.normal(
      shape: [passes[0].part.total, configuration.network.code], seed: seed(of: .noise)
    ).moved(to: device)
    return takeStep(passes, noise: noise)
  }

  /// The same with given noise, `[batch, code]` for the whole batch.
  func takeStep(_ passes: [Pass], noise: Tensor) -> PendingLosses<AutoencoderStepLosses> {
    var rows = passes.map { pass in
      let terms = self.passes.run([pass.images, pass.part.rows(of: noise)]) { [self] inputs in
        let terms = withBFloat16Autocast(usesBFloat16, on: device) {
          losses(of: inputs[0], noise: inputs[1])
        }
        terms[0].weighted(as: pass.part).backward()
        return terms.map { $0.detached() }
      }
      // The next pass may write where these are.
      return Tensor.concatenated(terms.map { $0.reshaped([1]) }, axis: 0)
    }
    processes?.beginSumOfGradients(of: optimizer.parameters).finish()
    optimizer.step()
    holdDeviation()
    stepCount += 1
    // The next step changes it.
    rows += network.logDeviation.map { [$0.tensor.detached().cloned().reshaped([1])] } ?? []
    let parts = passes.map(\.part)
    return PendingLosses(rows) { [self] rows in
      let means = parts.means(of: Array(rows.prefix(parts.count)), over: processes)
      let divergence = means.count > 3 ? means[3] : nil
      alarms = divergence.flatMap { watch.note($0) }.map { [$0] } ?? []
      return AutoencoderStepLosses(
        reconstruction: means[1], divergence: divergence, loss: means[0], squaredError: means[2],
        deviation: rows.count > parts.count ? exp(rows[parts.count][0]) : nil)
    }
  }

  /// Means over a pass, each one number: the loss, the reconstruction, the squared error, and the divergence of a
  /// variational autoencoder.
  private func losses(of images: Tensor, noise: Tensor) -> [Tensor] {
    let code = network.code(of: images, .training)
    let logits = network.decoder.logits(of: code.drawn(noise), .training).converted(to: .float32)
    let values = (images + 1) * 0.5
    let reconstruction = configuration.network.likelihood.negativeLog(
      of: values, logits: logits, logDeviation: network.logDeviation?.tensor
    ).mean()
    let squares = withoutGradients { logits.sigmoid().meanSquaredError(values) }
    guard let divergence = code.divergence?.mean() else {
      return [reconstruction, reconstruction, squares]
    }
    return [
      reconstruction + divergence * configuration.beta, reconstruction, squares, divergence,
    ]
  }

  /// Brings the deviation of the Gaussian back to the smallest that images of 8 bits can have.
  private func holdDeviation() {
    guard let deviation = network.logDeviation?.tensor else { return }
    let bounds = Autoencoder.smallestLogDeviation...log(10.0)
    deviation.copyInPlace(from: withoutGradients { deviation.clamped(to: bounds) })
  }

  /// Independent streams of random numbers under one seed.
  private enum Stream: UInt64 {
    case weights = 0x40
    case noise
  }

  /// For the current step's random numbers of one kind.
  private func seed(of stream: Stream) -> UInt64 {
    var generator = SplitMix64(mixing: configuration.seed, stream.rawValue, UInt64(stepCount))
    return generator.next()
  }
}

extension AutoencoderTrainer {
  package func metadata(ofNetwork name: String) -> [String: String] {
    var result = ["format": "pt", "network": AutoencoderModel.networkKind]
    result[AutoencoderModel.thresholdKey] = configuration.threshold.map { "\($0)" }
    return result
  }

  package func check(
    _ metadata: [String: String], ofNetwork name: String, path: String
  ) throws(FileError) {
    // A discriminator that is an autoencoder could be taken for one of these.
    guard let kind = metadata["network"], kind != AutoencoderModel.networkKind else { return }
    throw FileError(path: path, reason: "it is a \(kind), not an autoencoder")
  }

  private static let optimizerName = "adam"
  private static let watchName = "watch"

  package var trainingState: [(name: String, tensor: Tensor)] {
    prefixed(Self.optimizerName, optimizer.state)
      + [(Self.watchName, Tensor(watch.numbers, shape: [watch.numbers.count]))]
  }

  /// Throws `StateDictMismatch` where the optimizer's state does not fit, `FileError` where the rest is missing.
  package func restoreTrainingState(_ saved: SafeTensors, from path: String) throws {
    try optimizer.load(saved.part(Self.optimizerName), from: path)
    guard let numbers = saved.byName[Self.watchName] else {
      throw FileError(path: path, reason: "'\(Self.watchName)' is missing")
    }
    watch = CodeWatch(numbers: numbers.elements)
  }
}
