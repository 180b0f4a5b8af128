import Datasets
import Models
import Torch
import Training

/// What the discriminator makes of images, and what follows for the losses of both networks.
extension GANTrainer {
  /// What the discriminator made of a batch of real images and one of fakes.
  struct Judgement {
    var loss: Tensor
    /// What the generator minimizes, or would in steps in which it rests.
    var generatorLoss: Tensor
    /// Means over the batch.
    var ofReal, ofFake: Tensor
    var penalty: Tensor?
    /// What classes or codes add to the loss.
    var terms: [LossTerm] = []

    var tensors: [Tensor] {
      [loss, generatorLoss, ofReal, ofFake] + (penalty.map { [$0] } ?? []) + terms.map(\.value)
    }
  }

  /// What is drawn for a pass: labels of real images and of fakes, `[count, 1]`, and what a penalty interpolates with.
  private struct Draws {
    var realLabels, fakeLabels: Tensor
    var penaltyWeights: Tensor?
  }

  private func draws(for part: BatchPart) -> Draws {
    let labels = labels(count: part.total)
    var draws = Draws(
      realLabels: part.rows(of: labels.real), fakeLabels: part.rows(of: labels.fake))
    if configuration.losses.loss == .wganGP {
      draws.penaltyWeights = part.rows(
        of: .uniform(shape: [part.total, 1, 1, 1], seed: seed(of: .penalty))
      ).moved(to: device)
    }
    return draws
  }

  /// The discriminator's pass, forward and backward. What it returns has no operations behind it, and holds until the
  /// next.
  /// - Parameter told: what the fakes were made of beside latents.
  func learned(_ pass: Pass, fake: Tensor, told: Tensor?) -> Judgement {
    let draws = draws(for: pass.part)
    // All that differs between steps, in places that depend on the configuration alone.
    var inputs = [pass.real, fake, draws.realLabels, draws.fakeLabels]
    func place(_ tensor: Tensor?) -> Int? {
      guard let tensor else { return nil }
      inputs.append(tensor)
      return inputs.count - 1
    }
    let places = (
      weights: place(draws.penaltyWeights), told: place(told), classes: place(pass.classes),
      images: place(pass.labeled?.images), labels: place(pass.labeled?.classes)
    )
    let found = discriminatorPasses.run(inputs) { [self] inputs in
      func input(_ place: Int?) -> Tensor? { place.map { inputs[$0] } }
      let labeled = input(places.images).flatMap { images in
        input(places.labels).map { (images: images, classes: $0) }
      }
      let judged = withBFloat16Autocast(usesBFloat16, on: device) {
        judge(
          Pass(part: pass.part, real: inputs[0], classes: input(places.classes), labeled: labeled),
          fake: inputs[1], told: input(places.told),
          Draws(
            realLabels: inputs[2], fakeLabels: inputs[3], penaltyWeights: input(places.weights)))
      }
      judged.loss.weighted(as: pass.part).backward()
      termNames = judged.terms.map(\.name)
      return judged.tensors.map { $0.detached() }
    }
    let hasPenalty = draws.penaltyWeights != nil
    return Judgement(
      loss: found[0], generatorLoss: found[1], ofReal: found[2], ofFake: found[3],
      penalty: hasPenalty ? found[4] : nil,
      terms: zip(termNames, found[(hasPenalty ? 5 : 4)...]).map { LossTerm(name: $0, value: $1) })
  }

  /// - Parameter told: what the fakes were made of beside latents.
  private func judge(_ pass: Pass, fake: Tensor, told: Tensor?, _ draws: Draws) -> Judgement {
    let real = pass.real
    let losses = configuration.losses
    let judged = judgments(real: real, fake: fake, classes: told)
    let (onReal, onFake) = (judged.real.outputs, judged.fake.outputs)
    if losses.loss == .began {
      // L(v) = |v - D(v)|
      let ofReal = onReal.l1Loss(real)
      let ofFake = onFake.l1Loss(fake)
      return Judgement(
        loss: balance.discriminatorLoss(real: ofReal, fake: ofFake), generatorLoss: ofFake,
        ofReal: ofReal, ofFake: ofFake)
    }
    let (realScores, fakeScores) = (scores(onReal), scores(onFake))
    var loss = losses.discriminatorLoss(
      real: realScores, fake: fakeScores, realLabels: draws.realLabels,
      fakeLabels: draws.fakeLabels)
    var penalty: Tensor?
    if let weights = draws.penaltyWeights {
      let weighted =
        AdversarialLoss.gradientPenalty(
          of: { scores(judgment($0, classes: told).outputs) }, real: real, fake: fake,
          weights: weights)
        * losses.penaltyWeight
      loss = loss + weighted
      penalty = weighted
    }
    let terms =
      condition?.discriminatorTerms(
        pass, real: onReal, fake: onFake, told: told,
        judge: { judgment($0, classes: nil).outputs }) ?? []
    for term in terms { loss = loss + term.value }
    let ofGenerator = withoutGradients {
      lossOfGenerator(onReal: judged.real, onFake: judged.fake, told: told)
    }
    return Judgement(
      loss: loss, generatorLoss: ofGenerator,
      ofReal: judgement(realScores), ofFake: judgement(fakeScores), penalty: penalty, terms: terms)
  }

  /// What the discriminator makes of images in training, its outputs in float32.
  private func judgment(_ images: Tensor, classes: Tensor?) -> SampleJudgment {
    let judged = discriminator.judge(images, classes: classes, .training)
    return SampleJudgment(
      outputs: judged.outputs.converted(to: .float32), features: judged.features)
  }

  /// How real images look, from what the discriminator returns for them.
  private func scores(_ outputs: Tensor) -> Tensor { condition?.scores(outputs) ?? outputs }

  /// What the discriminator makes of both. In two batches by default: batch norm then sees real images and fakes
  /// apart.
  ///
  /// - Parameter classes: of both, where the discriminator is told any.
  private func judgments(
    real: Tensor, fake: Tensor, classes: Tensor?
  ) -> (real: SampleJudgment, fake: SampleJudgment) {
    guard configuration.losses.jointBatches else {
      return (judgment(real, classes: classes), judgment(fake, classes: classes))
    }
    let batch = real.shape[0]
    let both = judgment(
      .concatenated([real, fake], axis: 0),
      classes: classes.map { .concatenated([$0, $0], axis: 0) })
    func part(_ rows: Range<Int>) -> SampleJudgment {
      SampleJudgment(
        outputs: both.outputs.narrowed(axis: 0, rows),
        features: both.features.narrowed(axis: 0, rows))
    }
    return (part(0..<batch), part(batch..<2 * batch))
  }

  /// - Parameters:
  ///   - told: what the fakes were made of beside latents.
  ///   - real: images whose features fakes are to have, where they are to have any.
  func lossOfGenerator(_ fake: Tensor, told: Tensor?, real: Tensor) -> Tensor {
    let onReal =
      condition?.matchesFeatures == true
      ? withoutGradients { judgment(real, classes: nil) } : nil
    let onFake = judgment(fake, classes: told)
    if configuration.losses.loss == .began { return onFake.outputs.l1Loss(fake) }
    return lossOfGenerator(onReal: onReal, onFake: onFake, told: told)
  }

  /// What the generator minimizes of what the discriminator made of its images.
  ///
  /// - Parameter onReal: needed where features are to match.
  private func lossOfGenerator(
    onReal: SampleJudgment?, onFake: SampleJudgment, told: Tensor?
  ) -> Tensor {
    if let condition, condition.matchesFeatures, let onReal {
      return SemiSupervised.distance(
        real: onReal.features.converted(to: .float32),
        fake: onFake.features.converted(to: .float32))
    }
    let adversarial = configuration.losses.generatorLoss(fake: scores(onFake.outputs))
    return (condition?.generatorTerms(fake: onFake.outputs, told: told) ?? []).reduce(adversarial) {
      $0 + $1.value
    }
  }

  /// The mean probability of being real, or the mean score where scores are none.
  private func judgement(_ scores: Tensor) -> Tensor {
    guard configuration.losses.loss.hasProbabilities else { return scores.mean() }
    return (configuration.losses.flipLabels ? -scores : scores).sigmoid().mean()
  }

  /// The labels of a batch of real images and of one of fakes, `[count, 1]`.
  func labels(count: Int) -> (real: Tensor, fake: Tensor) {
    let losses = configuration.losses
    var stream = SplitMix64(seed: seed(of: .labels))
    func labels(_ own: Double, exchanged: Double) -> Tensor {
      let values = (0..<count).map { _ in
        let label = Double(stream.uniform(in: 0...1)) < losses.labelNoise ? exchanged : own
        return Float(losses.flipLabels ? 1 - label : label)
      }
      return Tensor(values, shape: [count, 1]).moved(to: device)
    }
    let smooth = 1 - losses.labelSmoothing
    return (labels(smooth, exchanged: 0), labels(0, exchanged: smooth))
  }
}
