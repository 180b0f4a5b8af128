import Models
import Torch
import Training

/// What the generators and the discriminators minimize. Source: arXiv 1703.10593, section 3.
extension CycleGANTrainer {
  /// The terms of the generators' loss, each one float32 number, and the fakes of the step.
  struct GeneratorPass {
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
  func generatorPass(
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

  /// Whether this step's discriminators are kept from becoming steep.
  var isPenaltyDue: Bool {
    let losses = configuration.losses
    return losses.hasPenalty && (losses.adversary == .wganGP || isTurn(of: losses.penaltyEvery))
  }

  /// What the penalty interpolates with.
  func weights(_ part: BatchPart, _ side: Side) -> Tensor {
    part.rows(of: penaltyWeights(stepCount, side, part.total)).moved(to: device)
  }

  /// Half of (loss on real images + loss on fakes); for wgan-gp, plus 10 times the gradient penalty, and the
  /// zero-centered one where it is asked for.
  ///
  /// - Parameter weights: what the penalty interpolates with; nil in steps without one.
  func discriminatorLoss(
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
}
