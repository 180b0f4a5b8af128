import Datasets
import Models
import Torch
import Training

/// The four networks, their optimizers and pools, and the step that trains them.
///
/// | here | paper | reference, files and logs |
/// | --- | --- | --- |
/// | `generatorAB` | G | G_A |
/// | `generatorBA` | F | G_B |
/// | `discriminatorB`, judges B | D_Y | D_A |
/// | `discriminatorA`, judges A | D_X | D_B |
///
/// Source: arXiv 1703.10593, section 3; `optimize_parameters` in cycle_gan_model.py.
package final class CycleGANTrainer: Trainer {
  package let generatorAB: any Module
  package let generatorBA: any Module
  package let discriminatorA: any Module
  package let discriminatorB: any Module
  /// The generators with weights averaged over the steps, which images are made by; `nil` without averaging.
  package let averageAB: WeightAverage?
  package let averageBA: WeightAverage?
  package let device: Device
  /// How feature maps lie in memory.
  let layout: MapLayout
  private let processes: ProcessGroup?
  /// Whether convolutions run in bfloat16; weights and losses stay float32.
  package private(set) var usesBFloat16: Bool

  private(set) var configuration: CycleGANConfiguration
  let generatorOptimizer: Adam
  let discriminatorOptimizer: Adam
  /// The passes of both generators, and of each discriminator.
  var generatorPasses: RepeatedPass
  var discriminatorAPasses: RepeatedPass
  var discriminatorBPasses: RepeatedPass
  var poolA: ImagePool
  var poolB: ImagePool
  /// What is left of the cycle weights in this epoch.
  private var cycleFactor = 1.0
  /// Steps taken since the first epoch.
  package var stepCount = 0
  private var watchAB = CycleGANWatch("G_A")
  private var watchBA = CycleGANWatch("G_B")
  /// What went wrong in the last step whose losses were read, told once each.
  private(set) var alarms: [Alarm] = []

  /// What wgan-gp interpolates with in a step, `[batch, 1, 1, 1]`; tests put fixed numbers in.
  var penaltyWeights: (_ step: Int, _ side: Side, _ batch: Int) -> Tensor

  enum Side: UInt64 {
    case a, b
  }

  /// Networks with fresh weights, drawn from the configuration's seed.
  ///
  /// - Parameter processes: that train together with this one.
  package init(
    configuration: CycleGANConfiguration, device: Device, processes: ProcessGroup? = nil
  ) {
    let networks = configuration.networks
    let seed = configuration.seed
    let precision = configuration.optimization.precision
    device.allowTF32(precision == .tf32)
    device.seekFastestAlgorithms()
    layout = precision.layout(on: device)
    func ready(_ network: any Module, _ index: UInt64) -> any Module {
      var stream = SplitMix64(mixing: seed, Stream.weights.rawValue, index)
      network.initialize(networks.weightInitialization, seed: stream.next())
      network.move(to: device, precision.layout(on: device))
      return network
    }
    generatorAB = ready(networks.generatorAB.makeGenerator(), 0)
    generatorBA = ready(networks.generatorBA.makeGenerator(), 1)
    discriminatorA = ready(
      networks.discriminatorConfiguration(channels: networks.channelsA).makeDiscriminator(), 2)
    discriminatorB = ready(
      networks.discriminatorConfiguration(channels: networks.channelsB).makeDiscriminator(), 3)
    func average(_ generator: any Module, _ configuration: GeneratorConfiguration, _ share: Double)
      -> WeightAverage?
    {
      guard share > 0 else { return nil }
      let network = configuration.makeGenerator()
      network.move(to: device, precision.layout(on: device))
      return WeightAverage(network, of: generator, reaching: .window(share))
    }
    averageAB = average(generatorAB, networks.generatorAB, configuration.averageWindow)
    averageBA = average(generatorBA, networks.generatorBA, configuration.averageWindow)
    func adam(_ first: any Module, _ second: any Module) -> Adam {
      Adam(
        first.trainableParameters + second.trainableParameters,
        learningRate: configuration.optimization.learningRate,
        beta1: configuration.optimization.beta1, beta2: configuration.beta2)
    }
    generatorOptimizer = adam(generatorAB, generatorBA)
    discriminatorOptimizer = adam(discriminatorB, discriminatorA)
    poolA = ImagePool(capacity: configuration.losses.poolSize)
    poolB = ImagePool(capacity: configuration.losses.poolSize)
    penaltyWeights = { step, side, batch in
      var stream = SplitMix64(
        mixing: seed, Stream.penalty.rawValue, UInt64(step), side.rawValue)
      return .uniform(shape: [batch, 1, 1, 1], seed: stream.next())
    }
    self.configuration = configuration
    self.device = device
    self.processes = processes
    usesBFloat16 = precision.usesBFloat16(on: device)
    let obstacle = Self.obstacleToRepetition(configuration, processes)
    generatorPasses = RepeatedPass(
      of: [generatorAB, generatorBA], beside: [discriminatorA, discriminatorB], on: device,
      obstacle: obstacle)
    discriminatorAPasses = RepeatedPass(of: [discriminatorA], on: device, obstacle: obstacle)
    discriminatorBPasses = RepeatedPass(of: [discriminatorB], on: device, obstacle: obstacle)
    scaleLearningRates(by: 1)
    if configuration.optimization.synchronizesBatchNorm {
      for network in learningNetworks { network.synchronizeBatchNorm(over: processes) }
    }
  }

  /// What keeps a pass from being the same in every step.
  private static func obstacleToRepetition(
    _ configuration: CycleGANConfiguration, _ processes: ProcessGroup?
  ) -> String? {
    if configuration.networks.dropout { return "dropout draws other elements in each step" }
    return configuration.optimization.obstacleToRepetition(among: processes)
  }

  package var repeatedPasses: [RepeatedPass] {
    [generatorPasses, discriminatorBPasses, discriminatorAPasses]
  }

  private var learningNetworks: [any Module] {
    [generatorAB, generatorBA, discriminatorB, discriminatorA]
  }

  /// Takes over what the files have decided about the data.
  ///
  /// - Parameter isDeep: whether they have more than 8 bits. bfloat16 has 8 binary digits, so that they are computed
  ///   in float32 unless bfloat16 is asked for.
  func learn(_ data: DataSettings, isDeep: Bool) {
    configuration.data = data
    if isDeep, configuration.optimization.precision == .auto { usesBFloat16 = false }
  }

  /// The networks under the reference's names, which their files have.
  package var networks: [(name: String, network: any Module)] {
    let averages: [(name: String, network: any Module)] = [
      ("G_A_ema", averageAB), ("G_B_ema", averageBA),
    ].compactMap { name, average in average.map { (name, $0.network) } }
    return [("G_A", generatorAB), ("G_B", generatorBA)] + averages
      + [("D_A", discriminatorB), ("D_B", discriminatorA)]
  }

  /// What images are made by: the averaged generator where there is one.
  var shownAB: any Module { averageAB?.network ?? generatorAB }
  var shownBA: any Module { averageBA?.network ?? generatorBA }

  package func initialWeightsWereLoaded(_ names: [String]) {
    for (name, average) in [("G_A", averageAB), ("G_B", averageBA)]
    where names.contains(name) && !names.contains("\(name)_ema") {
      average?.copy()
    }
  }

  /// The generators'.
  package var learningRate: Double { generatorOptimizer.learningRate }

  package func scaleLearningRates(by factor: Double) {
    let rate = configuration.optimization.learningRate
    generatorOptimizer.learningRate = rate * factor
    discriminatorOptimizer.learningRate =
      (configuration.discriminatorLearningRate ?? rate) * factor
  }

  package func begin(epoch: Int, of total: Int) {
    let share = total > 1 ? Double(min(epoch, total) - 1) / Double(total - 1) : 0
    cycleFactor = 1 - configuration.losses.cycleDecay * share
  }

  /// The images of both domains that one pass sees.
  package struct Pass {
    package let part: BatchPart
    /// `[count, channelsA, height, width]` in [-1, 1], on the trainer's device, a row for each sample of the part.
    package let realA: Tensor
    /// The same for B; its size may differ from A's.
    package let realB: Tensor

    package init(part: BatchPart, realA: Tensor, realB: Tensor) {
      (self.part, self.realA, self.realB) = (part, realA, realB)
    }
  }

  /// One step with a batch that fits into one pass of one process: `[batch, channels, height, width]` each.
  package func step(realA: Tensor, realB: Tensor) -> CycleGANLosses {
    step([Pass(part: BatchPart(whole: realA.shape[0]), realA: realA, realB: realB)])
  }

  /// The same of several passes and processes.
  package func step(_ passes: [Pass]) -> CycleGANLosses { takeStep(passes).read() }

  /// One step of both generators, then one of both discriminators on the fakes from before it.
  ///
  /// - Parameter passes: this process's parts of the batch. Gradients and losses are those of the whole batch.
  package func takeStep(_ passes: [Pass]) -> PendingLosses<CycleGANLosses> {
    var dropoutStream = stream(.dropout, .a)
    let dropoutSeed = dropoutStream.next()

    let parts = passes.map(\.part)

    // The discriminators only judge here; their own gradients would be thrown away.
    setDiscriminatorsRequireGradient(false)
    var made: [GeneratorPass] = []
    var fakes: (a: PendingRows, b: PendingRows)?
    func gathered(_ made: [GeneratorPass]) -> (a: PendingRows, b: PendingRows) {
      (
        parts.beginGathering(made.map(\.fakeA), over: processes),
        parts.beginGathering(made.map(\.fakeB), over: processes)
      )
    }
    let key = [isTurn(of: configuration.losses.identityEvery) ? 1.0 : 0]
    // A tensor, so that what was recorded lasts for all epochs.
    let cycleWeights = Tensor(
      [configuration.losses.cycleWeightA, configuration.losses.cycleWeightB].map {
        Float($0 * cycleFactor)
      }, shape: [2]
    ).moved(to: device)
    for pass in passes {
      if configuration.networks.dropout { seedDropout(dropoutSeed, for: pass.part) }
      let new = generatorPasses.run([pass.realA, pass.realB, cycleWeights], key: key) {
        [self] inputs in
        let new = withBFloat16Autocast(usesBFloat16, on: device) {
          generatorPass(realA: inputs[0], realB: inputs[1], cycleWeights: inputs[2])
        }
        // On their way during the backward pass; what processes do together is never recorded.
        if processes != nil, made.count == passes.count - 1 { fakes = gathered(made + [new]) }
        new.total.weighted(as: pass.part).backward()
        return new.tensors.map { $0.detached() }
      }
      made.append(GeneratorPass(new))
    }
    // The discriminators learn from fakes of before the generators' step, which waits for the other processes while
    // they do.
    let generatorSum = processes?.beginSumOfGradients(of: generatorOptimizer.parameters)

    setDiscriminatorsRequireGradient(true)
    if configuration.networks.spectralNorm {
      discriminatorA.iterateSpectralNorms()
      discriminatorB.iterateSpectralNorms()
    }
    // The pools take the whole batch, in its order, so that they are the same in every process.
    var streamA = stream(.pool, .a)
    var streamB = stream(.pool, .b)
    let pending = fakes ?? gathered(made)
    let pooledA = poolA.query(pending.a.finish(), drawing: &streamA)
    let pooledB = poolB.query(pending.b.finish(), drawing: &streamB)
    func runPasses(
      of discriminator: any Module, by repeated: RepeatedPass, _ real: KeyPath<Pass, Tensor>,
      pooled: Tensor, _ side: Side
    ) -> (losses: [Tensor], sum: ProcessGroup.PendingSum?) {
      let losses = passes.map { pass in
        let part = pass.part
        let inputs =
          [pass[keyPath: real], part.rows(of: pooled)] + (isPenaltyDue ? [weights(part, side)] : [])
        return repeated.run(inputs) { [self] inputs in
          let loss = withBFloat16Autocast(usesBFloat16, on: device) {
            discriminatorLoss(
              discriminator, real: inputs[0], fake: inputs[1],
              weights: inputs.count > 2 ? inputs[2] : nil)
          }
          loss.weighted(as: part).backward()
          return [loss.detached()]
        }[0]
      }
      let sum = processes?.beginSumOfGradients(of: repeated.parameters)
      return (losses, sum)
    }
    let judgedB = runPasses(
      of: discriminatorB, by: discriminatorBPasses, \.realB, pooled: pooledB, .b)
    let judgedA = runPasses(
      of: discriminatorA, by: discriminatorAPasses, \.realA, pooled: pooledA, .a)

    stepCount += 1
    generatorSum?.finish()
    generatorOptimizer.step()
    // The averages are for images and files, which the first process makes.
    if isFirst {
      averageAB?.update(step: stepCount)
      averageBA?.update(step: stepCount)
    }
    judgedB.sum?.finish()
    judgedA.sum?.finish()
    discriminatorOptimizer.step()
    for network in learningNetworks { network.averageRunningStatistics(over: processes) }

    var rows = zip(made, zip(judgedB.losses, judgedA.losses)).map { made, judged in
      Tensor.concatenated(
        [
          judged.0, made.adversarialAB, made.cycleA, made.identityA,
          judged.1, made.adversarialBA, made.cycleB, made.identityB,
        ].map { $0.reshaped([1]) }, axis: 0)
    }
    let looks =
      isFirst ? look(at: made[0], realA: passes[0].realA, realB: passes[0].realB) : nil
    rows += looks.map { [$0.a, $0.b] } ?? []
    return PendingLosses(rows) { [self, cycleFactor] rows in
      let values = parts.means(of: Array(rows.prefix(parts.count)), over: processes)
      let losses = CycleGANLosses(
        dA: values[0], gA: values[1], cycleA: values[2], identityA: values[3],
        dB: values[4], gB: values[5], cycleB: values[6], identityB: values[7])
      if isFirst {
        note(
          losses, rows.count > parts.count ? Array(rows.suffix(2)) : nil, cycleFactor: cycleFactor)
      }
      return losses
    }
  }

  private var isFirst: Bool { processes.map { $0.rank == 0 } ?? true }

  /// Numbers on the device about what both generators made, for `judge`; nil in steps without a look.
  private func look(
    at made: GeneratorPass, realA: Tensor, realB: Tensor
  ) -> (a: Tensor, b: Tensor)? {
    guard CycleGANWatch.looks(at: stepCount) else { return nil }
    let ofAB = watchAB.look(at: made.fakeB, from: realA, target: realB, step: stepCount)
    let ofBA = watchBA.look(at: made.fakeA, from: realB, target: realA, step: stepCount)
    // Images too small to look at give none, which is something that stays so.
    guard ofAB != nil || ofBA != nil else { return nil }
    let none = Tensor.zeros(shape: [0], device: device)
    return (ofAB ?? none, ofBA ?? none)
  }

  /// - Parameters:
  ///   - looks: what a look has found.
  ///   - cycleFactor: what was left of the cycle weights.
  private func note(_ losses: CycleGANLosses, _ looks: [[Double]]?, cycleFactor: Double) {
    let limit = configuration.losses.adversary.winningDiscriminatorLoss.map { $0 / 2 }
    alarms =
      watchAB.noteDiscriminator(loss: losses.dA, limit: limit, "D_A")
      + watchBA.noteDiscriminator(loss: losses.dB, limit: limit, "D_B")
    guard let looks else { return }
    func cycle(_ loss: Double, _ weight: Double) -> Double {
      weight * cycleFactor > 0 ? loss / (weight * cycleFactor) : .infinity
    }
    let weights = configuration.losses
    if !looks[0].isEmpty {
      alarms += watchAB.judge(looks[0], cycle: cycle(losses.cycleA, weights.cycleWeightA))
    }
    if !looks[1].isEmpty {
      alarms += watchBA.judge(looks[1], cycle: cycle(losses.cycleB, weights.cycleWeightB))
    }
  }

  /// Whether something that is done in every n-th step, the n-th first, is done in this one.
  func isTurn(of interval: Int) -> Bool { Self.isTurn(of: interval, inStep: stepCount + 1) }

  /// The same of a step counted from 1: logged steps, whose numbers are round, show it.
  static func isTurn(of interval: Int, inStep step: Int) -> Bool { step.isMultiple(of: interval) }

  private func setDiscriminatorsRequireGradient(_ required: Bool) {
    discriminatorOptimizer.parameters.setRequiresGradient(required)
  }

  /// Independent streams of random numbers under one seed.
  private enum Stream: UInt64 {
    case weights = 0x10
    case penalty, pool, dropout
  }

  /// The current step's random numbers of one kind, for one domain.
  private func stream(_ stream: Stream, _ side: Side) -> SplitMix64 {
    SplitMix64(mixing: configuration.seed, stream.rawValue, UInt64(stepCount), side.rawValue)
  }
}
