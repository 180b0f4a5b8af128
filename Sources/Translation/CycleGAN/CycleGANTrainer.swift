import Datasets
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
  package let device: Device
  /// Whether convolutions run in bfloat16; weights and losses stay float32.
  package private(set) var usesBFloat16: Bool

  private(set) var configuration: CycleGANConfiguration
  let generatorOptimizer: Adam
  let discriminatorOptimizer: Adam
  var poolA: ImagePool
  var poolB: ImagePool
  /// Steps taken since the first epoch.
  package var stepCount = 0
  private var watchAB = CycleGANWatch("G_A")
  private var watchBA = CycleGANWatch("G_B")
  /// What went wrong in the last step, told once each.
  private(set) var alarms: [Alarm] = []

  /// What wgan-gp interpolates with in a step, `[batch, 1, 1, 1]`; tests put fixed numbers in.
  var penaltyWeights: (_ step: Int, _ side: Side, _ batch: Int) -> Tensor

  enum Side: UInt64 {
    case a, b
  }

  /// Networks with fresh weights, drawn from the configuration's seed.
  package init(configuration: CycleGANConfiguration, device: Device) {
    let networks = configuration.networks
    let seed = configuration.seed
    func ready(_ network: any Module, _ index: UInt64) -> any Module {
      var stream = SplitMix64(mixing: seed, Stream.weights.rawValue, index)
      network.initialize(networks.weightInitialization, seed: stream.next())
      network.move(to: device)
      return network
    }
    generatorAB = ready(networks.generatorAB.makeGenerator(), 0)
    generatorBA = ready(networks.generatorBA.makeGenerator(), 1)
    discriminatorA = ready(
      networks.discriminatorConfiguration(channels: networks.channelsA).makeDiscriminator(), 2)
    discriminatorB = ready(
      networks.discriminatorConfiguration(channels: networks.channelsB).makeDiscriminator(), 3)
    func adam(_ first: any Module, _ second: any Module) -> Adam {
      Adam(
        first.trainableParameters + second.trainableParameters,
        learningRate: configuration.optimization.learningRate,
        beta1: configuration.optimization.beta1)
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
    usesBFloat16 = configuration.optimization.precision.usesBFloat16(on: device)
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
    [
      ("G_A", generatorAB), ("G_B", generatorBA), ("D_A", discriminatorB), ("D_B", discriminatorA),
    ]
  }

  package var learningRate: Double {
    get { generatorOptimizer.learningRate }
    set {
      generatorOptimizer.learningRate = newValue
      discriminatorOptimizer.learningRate = newValue
    }
  }

  package func scaleLearningRates(by factor: Double) {
    learningRate = configuration.optimization.learningRate * factor
  }

  /// One step of both generators, then one of both discriminators on the fakes from before it.
  ///
  /// - Parameters:
  ///   - realA: `[batch, channelsA, height, width]` in [-1, 1], on the trainer's device.
  ///   - realB: the same for B; its size may differ from A's.
  package func step(realA: Tensor, realB: Tensor) -> CycleGANLosses {
    if configuration.networks.dropout {
      var dropoutStream = stream(.dropout, .a)
      seedDropout(dropoutStream.next())
    }

    // The discriminators only judge here; their own gradients would be thrown away.
    setDiscriminatorsRequireGradient(false)
    let generators = withBFloat16Autocast(usesBFloat16, on: device) {
      generatorPass(realA: realA, realB: realB)
    }
    generatorOptimizer.step(
      generators.adversarialAB + generators.adversarialBA + generators.cycleA + generators.cycleB
        + generators.identityA + generators.identityB)

    setDiscriminatorsRequireGradient(true)
    var streamA = stream(.pool, .a)
    var streamB = stream(.pool, .b)
    let pooledA = poolA.query(generators.fakeA, drawing: &streamA)
    let pooledB = poolB.query(generators.fakeB, drawing: &streamB)
    let (lossA, lossB) = withBFloat16Autocast(usesBFloat16, on: device) {
      (
        discriminatorLoss(discriminatorA, real: realA, fake: pooledA, .a),
        discriminatorLoss(discriminatorB, real: realB, fake: pooledB, .b)
      )
    }
    discriminatorOptimizer.step(lossA + lossB)
    stepCount += 1

    // One copy from the device for all eight.
    let values = Tensor.concatenated(
      [
        lossB, generators.adversarialAB, generators.cycleA, generators.identityA,
        lossA, generators.adversarialBA, generators.cycleB, generators.identityB,
      ].map { $0.detached().reshaped([1]) }, axis: 0
    ).elements.map(Double.init)
    let losses = CycleGANLosses(
      dA: values[0], gA: values[1], cycleA: values[2], identityA: values[3],
      dB: values[4], gB: values[5], cycleB: values[6], identityB: values[7])
    look(at: generators, losses, realA: realA, realB: realB)
    return losses
  }

  private func look(
    at made: GeneratorPass, _ losses: CycleGANLosses, realA: Tensor, realB: Tensor
  ) {
    let limit = configuration.losses.adversary.winningDiscriminatorLoss.map { $0 / 2 }
    alarms =
      watchAB.noteDiscriminator(loss: losses.dA, limit: limit, "D_A")
      + watchBA.noteDiscriminator(loss: losses.dB, limit: limit, "D_B")
    guard CycleGANWatch.looks(at: stepCount) else { return }
    func cycle(_ loss: Double, _ weight: Double) -> Double {
      weight > 0 ? loss / weight : .infinity
    }
    let weights = configuration.losses
    alarms += watchAB.look(
      at: made.fakeB.detached(), from: realA, target: realB,
      cycle: cycle(losses.cycleA, weights.cycleWeightA), step: stepCount)
    alarms += watchBA.look(
      at: made.fakeA.detached(), from: realB, target: realA,
      cycle: cycle(losses.cycleB, weights.cycleWeightB), step: stepCount)
  }

  /// The terms of the generators' loss, each one float32 number, and the fakes of the step.
  private struct GeneratorPass {
    let adversarialAB, adversarialBA, cycleA, cycleB, identityA, identityB: Tensor
    let fakeA, fakeB: Tensor
  }

  private func generatorPass(realA: Tensor, realB: Tensor) -> GeneratorPass {
    let losses = configuration.losses
    // G(a) and F(b), and with identity loss G(b) and F(a) beside them.
    let fakeB: Tensor
    let fakeA: Tensor
    var identityA = Tensor.zeros(shape: [], device: device)
    var identityB = identityA
    if losses.identityWeight > 0 {
      let sameB: Tensor
      let sameA: Tensor
      (fakeB, sameB) = together(generatorAB, realA, realB)
      (fakeA, sameA) = together(generatorBA, realB, realA)
      // |G(b) - b| and |F(a) - a|, section 5.2: an image of the target domain should stay as it is.
      // The term of G_A weighs lambda B, because it looks at images of B.
      identityA = sameB.l1Loss(realB) * (losses.cycleWeightB * losses.identityWeight)
      identityB = sameA.l1Loss(realA) * (losses.cycleWeightA * losses.identityWeight)
    } else {
      fakeB = generatorAB(realA, .training).converted(to: .float32)
      fakeA = generatorBA(realB, .training).converted(to: .float32)
    }
    // |F(G(a)) - a| and |G(F(b)) - b|, equation 2.
    let reconstructedA = generatorBA(fakeB, .training).converted(to: .float32)
    let reconstructedB = generatorAB(fakeA, .training).converted(to: .float32)
    let cycleA = reconstructedA.l1Loss(realA) * losses.cycleWeightA
    let cycleB = reconstructedB.l1Loss(realB) * losses.cycleWeightB
    // D(G(a)) and D(F(b)) judged as if they were real, equation 1.
    let adversarialAB = losses.adversary.ofGenerator(scores(discriminatorB, fakeB))
    let adversarialBA = losses.adversary.ofGenerator(scores(discriminatorA, fakeA))
    return GeneratorPass(
      adversarialAB: adversarialAB, adversarialBA: adversarialBA, cycleA: cycleA, cycleB: cycleB,
      identityA: identityA, identityB: identityB, fakeA: fakeA, fakeB: fakeB)
  }

  /// Half of (loss on real images + loss on fakes); for wgan-gp, plus 10 times the gradient penalty.
  private func discriminatorLoss(
    _ discriminator: any Module, real: Tensor, fake: Tensor, _ side: Side
  ) -> Tensor {
    let adversary = configuration.losses.adversary
    // In two passes: the last bias of a Wasserstein critic has no gradient, and only the difference of two
    // equal sums is exactly zero. Adam would make steps of whatever rounding left.
    let onReal = adversary.ofDiscriminator(scores(discriminator, real), areReal: true)
    let onFake = adversary.ofDiscriminator(scores(discriminator, fake), areReal: false)
    let loss = (onReal + onFake) * 0.5
    guard adversary == .wganGP else { return loss }
    let weights = penaltyWeights(stepCount, side, real.shape[0]).moved(to: device)
    return loss
      + AdversarialLoss.gradientPenalty(
        of: discriminator, real: real, fake: fake, weights: weights) * 10
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
    discriminatorA.setRequiresGradient(required)
    discriminatorB.setRequiresGradient(required)
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
