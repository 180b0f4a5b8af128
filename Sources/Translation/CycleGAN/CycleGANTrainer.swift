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

  /// The terms of the generators' loss, each one float32 number, and the fakes of the step.
  private struct GeneratorPass {
    let adversarialAB, adversarialBA, cycleA, cycleB, identityA, identityB: Tensor
    let fakeA, fakeB: Tensor

    var total: Tensor { adversarialAB + adversarialBA + cycleA + cycleB + identityA + identityB }

    var tensors: [Tensor] {
      [adversarialAB, adversarialBA, cycleA, cycleB, identityA, identityB, fakeA, fakeB]
    }

    init(
      adversarialAB: Tensor, adversarialBA: Tensor, cycleA: Tensor, cycleB: Tensor,
      identityA: Tensor, identityB: Tensor, fakeA: Tensor, fakeB: Tensor
    ) {
      (self.adversarialAB, self.adversarialBA) = (adversarialAB, adversarialBA)
      (self.cycleA, self.cycleB) = (cycleA, cycleB)
      (self.identityA, self.identityB) = (identityA, identityB)
      (self.fakeA, self.fakeB) = (fakeA, fakeB)
    }

    /// - Parameter tensors: in the order of `tensors`.
    init(_ tensors: [Tensor]) {
      self.init(
        adversarialAB: tensors[0], adversarialBA: tensors[1], cycleA: tensors[2],
        cycleB: tensors[3], identityA: tensors[4], identityB: tensors[5], fakeA: tensors[6],
        fakeB: tensors[7])
    }
  }

  /// - Parameter cycleWeights: of A and of B, in this epoch.
  private func generatorPass(
    realA: Tensor, realB: Tensor, cycleWeights: Tensor
  ) -> GeneratorPass {
    let losses = configuration.losses
    // G(a) and F(b), and with identity loss G(b) and F(a) beside them.
    let fakeB: Tensor
    let fakeA: Tensor
    var identityA = Tensor.zeros(shape: [], device: device)
    var identityB = identityA
    if losses.identityWeight > 0, isTurn(of: losses.identityEvery) {
      let weight = losses.identityWeight * Double(losses.identityEvery)
      let sameB: Tensor
      let sameA: Tensor
      (fakeB, sameB) = together(generatorAB, realA, realB)
      (fakeA, sameA) = together(generatorBA, realB, realA)
      // |G(b) - b| and |F(a) - a|, section 5.2: an image of the target domain should stay as it is.
      // The term of G_A weighs lambda B, because it looks at images of B.
      identityA = sameB.l1Loss(realB) * (losses.cycleWeightB * weight)
      identityB = sameA.l1Loss(realA) * (losses.cycleWeightA * weight)
    } else {
      fakeB = generatorAB(realA, .training).converted(to: .float32)
      fakeA = generatorBA(realB, .training).converted(to: .float32)
    }
    // |F(G(a)) - a| and |G(F(b)) - b|, equation 2.
    let reconstructedA = generatorBA(fakeB, .training).converted(to: .float32)
    let reconstructedB = generatorAB(fakeA, .training).converted(to: .float32)
    let cycleA = reconstructedA.l1Loss(realA) * cycleWeights.narrowed(axis: 0, 0..<1).reshaped([])
    let cycleB = reconstructedB.l1Loss(realB) * cycleWeights.narrowed(axis: 0, 1..<2).reshaped([])
    // D(G(a)) and D(F(b)) judged as if they were real, equation 1.
    let adversarialAB = losses.adversary.ofGenerator(scores(discriminatorB, fakeB))
    let adversarialBA = losses.adversary.ofGenerator(scores(discriminatorA, fakeA))
    return GeneratorPass(
      adversarialAB: adversarialAB, adversarialBA: adversarialBA, cycleA: cycleA, cycleB: cycleB,
      identityA: identityA, identityB: identityB, fakeA: fakeA, fakeB: fakeB)
  }

  /// Whether something that is done in every n-th step, the n-th first, is done in this one.
  private func isTurn(of interval: Int) -> Bool { Self.isTurn(of: interval, inStep: stepCount + 1) }

  /// The same of a step counted from 1: logged steps, whose numbers are round, show it.
  static func isTurn(of interval: Int, inStep step: Int) -> Bool { step.isMultiple(of: interval) }

  /// Whether this step's discriminators are kept from becoming steep.
  private var isPenaltyDue: Bool {
    let losses = configuration.losses
    return losses.hasPenalty && (losses.adversary == .wganGP || isTurn(of: losses.penaltyEvery))
  }

  /// What the penalty interpolates with.
  private func weights(_ part: BatchPart, _ side: Side) -> Tensor {
    part.rows(of: penaltyWeights(stepCount, side, part.total)).moved(to: device)
  }

  /// Half of (loss on real images + loss on fakes); for wgan-gp, plus 10 times the gradient penalty, and the
  /// zero-centered one where it is asked for.
  ///
  /// - Parameter weights: what the penalty interpolates with; nil in steps without one.
  private func discriminatorLoss(
    _ discriminator: any Module, real: Tensor, fake: Tensor, weights: Tensor?
  ) -> Tensor {
    let adversary = configuration.losses.adversary
    // In two passes: the last bias of a Wasserstein critic has no gradient, and only the difference of two
    // equal sums is exactly zero. Adam would make steps of whatever rounding left.
    let onReal = adversary.ofDiscriminator(scores(discriminator, real), areReal: true)
    let onFake = adversary.ofDiscriminator(scores(discriminator, fake), areReal: false)
    let loss = (onReal + onFake) * 0.5
    let losses = configuration.losses
    guard let weights else { return loss }
    if adversary == .wganGP {
      return loss
        + AdversarialLoss.gradientPenalty(
          of: { discriminator($0, .training) }, real: real, fake: fake, weights: weights) * 10
    }
    let penalty = AdversarialLoss.zeroCenteredPenalty(
      of: { discriminator($0, .training) }, real: real, fake: fake, weights: weights)
    return loss + penalty * (losses.gradientPenalty * Double(losses.penaltyEvery))
  }

  /// One for each patch, `[batch, 1, height, width]`, in float32.
  private func scores(_ discriminator: any Module, _ images: Tensor) -> Tensor {
    discriminator(images, .training).converted(to: .float32)
  }

  /// What a generator makes of two batches, in float32: in one pass where that gives the same, which costs
  /// less than two. Batch norm would mix the batches, and dropout would draw other numbers.
  private func together(
    _ generator: any Module, _ first: Tensor, _ second: Tensor
  ) -> (Tensor, Tensor) {
    let networks = configuration.networks
    guard networks.normalization != .batch, !networks.dropout, first.shape == second.shape else {
      return (
        generator(first, .training).converted(to: .float32),
        generator(second, .training).converted(to: .float32)
      )
    }
    let batch = first.shape[0]
    let both = generator(.concatenated([first, second], axis: 0), .training)
      .converted(to: .float32)
    return (
      both.narrowed(axis: 0, 0..<batch), both.narrowed(axis: 0, batch..<(2 * batch))
    )
  }

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

/// The losses of one step, cycle and identity already multiplied by their weights, as the reference logs
/// them. The names follow its files: `dA` judges domain B, `identityA` is G_A applied to B.
package struct CycleGANLosses: StepLosses, Equatable, Codable {
  package var dA: Double
  package var gA: Double
  package var cycleA: Double
  package var identityA: Double
  package var dB: Double
  package var gB: Double
  package var cycleB: Double
  package var identityB: Double

  /// The names of `metrics.jsonl`, in the reference's order.
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case dA = "D_A"
    case gA = "G_A"
    case cycleA = "cycle_A"
    case identityA = "idt_A"
    case dB = "D_B"
    case gB = "G_B"
    case cycleB = "cycle_B"
    case identityB = "idt_B"
  }

  package var named: [(name: String, value: Double)] {
    zip(
      CodingKeys.allCases.map(\.rawValue),
      [dA, gA, cycleA, identityA, dB, gB, cycleB, identityB]
    ).map { ($0, $1) }
  }

  /// What the generators minimize.
  package var generatorTotal: Double { gA + gB + cycleA + cycleB + identityA + identityB }
}
