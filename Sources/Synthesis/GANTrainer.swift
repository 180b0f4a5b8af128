import Datasets
import Models
import Torch
import Training

/// A generator and a discriminator, their optimizers, and the step that trains them against each other.
///
/// Source: arXiv 1406.2661, algorithm 1, with the losses of `AdversarialLoss`.
package final class GANTrainer: Trainer {
  package let generator: any Module
  package let discriminator: any SampleDiscriminator
  /// The generator with weights averaged over the steps, which samples are made by.
  package let average: WeightAverage
  package let device: Device
  /// How feature maps lie in memory.
  let layout: MapLayout
  private let processes: ProcessGroup?
  package private(set) var usesBFloat16: Bool
  /// The discriminator's passes. The generator learns through the fakes that it was made to judge, which are made anew
  /// in each step.
  var discriminatorPasses: RepeatedPass
  /// The names of what classes or codes add, in each step the same.
  var termNames: [String] = []

  let configuration: GANConfiguration
  private let adversaries: AdversarySettings
  /// What classes or codes add to a step; `nil` for a GAN without them.
  let condition: (any GANCondition)?
  private let generatorOptimizer: any Optimizer
  private let discriminatorOptimizer: any Optimizer
  var balance: BEGANBalance
  var health = GANHealth()
  package var stepCount = 0
  /// What is worth a warning after the last step whose losses were read.
  package private(set) var alarms: [Alarm] = []

  /// Networks with fresh weights, drawn from the configuration's seed.
  ///
  /// - Parameter processes: that train together with this one.
  package init(
    configuration: GANConfiguration, device: Device, processes: ProcessGroup? = nil
  ) {
    let networks = configuration.networks
    let precision = configuration.optimization.precision
    device.allowTF32(precision == .tf32)
    device.seekFastestAlgorithms()
    layout = precision.layout(on: device)
    func ready<Network: Module>(_ network: Network, _ index: UInt64) -> Network {
      var stream = SplitMix64(mixing: configuration.seed, Stream.weights.rawValue, index)
      network.initialize(networks.initialization, seed: stream.next())
      network.move(to: device, precision.layout(on: device))
      return network
    }
    func readyGenerator() -> any Module {
      let generator = ready(networks.makeGenerator(), 0)
      networks.emphasizeCodes(of: generator)
      return generator
    }
    let adversaries = configuration.adversaries
    func optimizer(_ network: any Module, rate: Double) -> any Optimizer {
      let parameters = network.trainableParameters
      return switch adversaries.optimizer {
      case .rmsprop: RMSprop(parameters, learningRate: rate)
      case .adam:
        Adam(
          parameters, learningRate: rate, beta1: configuration.optimization.beta1,
          beta2: adversaries.beta2)
      }
    }
    generator = readyGenerator()
    discriminator = ready(networks.makeDiscriminator(), 1)
    average = WeightAverage(
      readyGenerator(), of: generator, reaching: .decay(adversaries.averageDecay))
    generatorOptimizer = optimizer(generator, rate: adversaries.generatorLearningRate)
    discriminatorOptimizer = optimizer(discriminator, rate: adversaries.discriminatorLearningRate)
    condition = networks.condition?.method
    balance = BEGANBalance(
      diversity: configuration.losses.beganDiversity, rate: configuration.losses.beganRate)
    usesBFloat16 = precision.usesBFloat16(on: device)
    self.configuration = configuration
    self.adversaries = adversaries
    self.device = device
    self.processes = processes
    discriminatorPasses = RepeatedPass(
      of: [discriminator], on: device,
      obstacle: Self.obstacleToRepetition(configuration, processes))
    if configuration.optimization.synchronizesBatchNorm {
      for network in [generator, discriminator] { network.synchronizeBatchNorm(over: processes) }
    }
  }

  package var networks: [(name: String, network: any Module)] {
    [("G", generator), ("G_ema", average.network), ("D", discriminator)]
  }

  /// Both optimizers under the names their state has in a snapshot.
  var optimizers: [(name: String, optimizer: any Optimizer)] {
    let kind = adversaries.optimizer.rawValue
    return [("\(kind).G", generatorOptimizer), ("\(kind).D", discriminatorOptimizer)]
  }

  package var repeatedPasses: [RepeatedPass] { [discriminatorPasses] }

  /// What keeps the discriminator's pass from being the same in every step.
  private static func obstacleToRepetition(
    _ configuration: GANConfiguration, _ processes: ProcessGroup?
  ) -> String? {
    if configuration.networks.discriminatorDropout > 0 {
      return "dropout draws other elements in each step"
    }
    // Noise is added to what its discriminators see, and its images with labels come in a batch of their own.
    if configuration.networks.condition?.kind == .sgan { return "an sgan draws noise in each step" }
    if configuration.losses.loss == .began { return "what began balances follows from each step" }
    return configuration.optimization.obstacleToRepetition(among: processes)
  }

  /// The generator's; the discriminator's is in the losses.
  package var learningRate: Double { generatorOptimizer.learningRate }

  /// Images of more than 8 bits, the binary digits of bfloat16, are computed in float32 unless bfloat16 is asked for.
  func learnDeepImages() {
    if configuration.optimization.precision == .auto { usesBFloat16 = false }
  }

  package func scaleLearningRates(by factor: Double) {
    generatorOptimizer.learningRate = adversaries.generatorLearningRate * factor
    discriminatorOptimizer.learningRate = adversaries.discriminatorLearningRate * factor
  }

  package func initialWeightsWereLoaded(_ names: [String]) {
    if names.contains("G"), !names.contains("G_ema") { average.copy() }
  }

  /// One step with a batch that fits into one pass of one process: `[batch, channels, size, size]`.
  package func step(real: Tensor) -> GANStepLosses {
    step([Pass(part: BatchPart(whole: real.shape[0]), real: real)])
  }

  /// The images that one pass sees.
  package struct Pass {
    package let part: BatchPart
    /// `[count, channels, size, size]` in [-1, 1], on the trainer's device, a row for each sample of the part.
    package let real: Tensor
    /// Their classes, `[count, classes]` with zeros and one 1 in a row; `nil` where no network is told any.
    let classes: Tensor?
    /// Other images with their classes, for networks that learn from few labels.
    let labeled: (images: Tensor, classes: Tensor)?

    package init(
      part: BatchPart, real: Tensor, classes: Tensor? = nil,
      labeled: (images: Tensor, classes: Tensor)? = nil
    ) {
      (self.part, self.real, self.classes, self.labeled) = (part, real, classes, labeled)
    }
  }

  /// The same of several passes and processes.
  package func step(_ passes: [Pass]) -> GANStepLosses { takeStep(passes).read() }

  /// Whether the next step depends on this one's losses.
  var needsLossesAtOnce: Bool { configuration.losses.loss == .began }

  /// One step of the discriminator, and after every `criticSteps`-th of those one of the generator.
  ///
  /// - Parameter passes: this process's parts of the batch. Gradients and losses are those of the whole batch.
  package func takeStep(_ passes: [Pass]) -> PendingLosses<GANStepLosses> {
    let generates = (stepCount + 1) % adversaries.criticSteps == 0
    let latents = configuration.latentDistribution.draw(
      count: passes[0].part.total, size: configuration.networks.latent, seed: seed(of: .latents)
    ).moved(to: device)
    let tellingSeed = seed(of: .codes)
    let told = passes.map { condition?.told($0, seed: tellingSeed) }
    func fakes(_ index: Int, withGradients: Bool) -> Tensor {
      var own = passes[index].part.rows(of: latents)
      if let told = told[index] { own = .concatenated([own, told], axis: 1) }
      return withBFloat16Autocast(usesBFloat16, on: device) {
        withGradients
          ? generator(own, .training) : withoutGradients { generator(own, .training) }
      }.converted(to: .float32)
    }

    // Of a batch in several passes only what one of them needs is in memory: fakes are made again for the generator.
    let keepsFakes = passes.count == 1
    discriminatorOptimizer.parameters.setRequiresGradient(true)
    var made = passes.enumerated().map { index, pass in
      seedDropout(seed(of: .dropout), for: pass.part)
      let fake = fakes(index, withGradients: generates && keepsFakes)
      return (judged: learned(pass, fake: fake.detached(), told: told[index]), fake: fake)
    }
    update(discriminatorOptimizer)
    if configuration.losses.loss == .wgan {
      discriminatorOptimizer.clampParameters(to: configuration.losses.weightClip)
    }

    if generates {
      // The discriminator only judges here; its own gradients would be thrown away.
      discriminatorOptimizer.parameters.setRequiresGradient(false)
      for (index, pass) in passes.enumerated() {
        if !keepsFakes {
          seedDropout(seed(of: .dropout), for: pass.part)
          made[index].fake = fakes(index, withGradients: true)
        }
        let loss = withBFloat16Autocast(usesBFloat16, on: device) {
          lossOfGenerator(made[index].fake, told: told[index], real: pass.real)
        }
        loss.weighted(as: pass.part).backward()
        made[index].judged.generatorLoss = loss.detached()
        made[index].fake = made[index].fake.detached()
      }
      update(generatorOptimizer)
      // The averages are for images and files, which the first process makes.
      if isFirst { average.update(step: (stepCount + 1) / adversaries.criticSteps) }
    }
    for network in [generator, discriminator] {
      network.averageRunningStatistics(over: processes)
    }
    stepCount += 1
    return report(made.map(\.judged), passes, fake: made[0].fake)
  }

  private var isFirst: Bool { processes.map { $0.rank == 0 } ?? true }

  /// Takes a step along the gradients of all passes and processes.
  private func update(_ optimizer: any Optimizer) {
    processes?.beginSumOfGradients(of: optimizer.parameters).finish()
    if let largest = adversaries.gradientClip { optimizer.clipGradients(toNorm: largest) }
    optimizer.step()
  }

  /// - Parameter fake: of the first pass.
  private func report(
    _ judged: [Judgement], _ passes: [Pass], fake: Tensor
  ) -> PendingLosses<GANStepLosses> {
    let real = passes[0].real
    let looks = GANHealth.looks(at: stepCount) && real.shape[0] > 1
    let rows = judged.enumerated().map { index, judged in
      let spreads =
        looks && index == 0 ? [fake.spreadBetweenSamples, real.spreadBetweenSamples] : []
      return Tensor.concatenated(
        (judged.tensors + spreads).map { $0.detached().reshaped([1]) }, axis: 0)
    }
    let parts = passes.map(\.part)
    let rate = discriminatorOptimizer.learningRate
    let hasPenalty = judged[0].penalty != nil
    let names = judged[0].terms.map(\.name)
    let ownCount = hasPenalty ? 5 : 4
    let count = ownCount + names.count
    return PendingLosses(rows) { [self] numbers in
      let values = parts.means(of: numbers.map { Array($0.prefix(count)) }, over: processes)
      var losses = GANStepLosses(
        d: values[0], g: values[1], judgementOfReal: values[2], judgementOfFake: values[3],
        discriminatorLearningRate: rate)
      if hasPenalty { losses.penalty = values[4] }
      losses.terms = zip(names, values[ownCount...]).map { GANStepLosses.Term($0, $1) }
      if configuration.losses.loss == .began {
        balance.update(real: values[2], fake: values[1])
        losses.balance = balance.k
        losses.convergence = balance.convergence(real: values[2], fake: values[1])
      }
      // The first process alone tells them.
      guard isFirst else { return losses }
      alarms = [
        health.note(
          loss: losses.terms.reduce(values[0]) { $0 - $1.value },
          limit: configuration.losses.winningDiscriminatorLoss),
        looks
          ? health.noteSpread(fake: numbers[0][count], real: numbers[0][count + 1]) : nil,
      ].compactMap { $0 }
      return losses
    }
  }

  /// Independent streams of random numbers under one seed.
  enum Stream: UInt64 {
    case weights = 0x20
    case latents, labels, dropout, penalty, codes
  }

  /// For the current step's random numbers of one kind.
  func seed(of stream: Stream) -> UInt64 {
    var generator = SplitMix64(mixing: configuration.seed, stream.rawValue, UInt64(stepCount))
    return generator.next()
  }
}
