import Foundation
import Models
import Synthesis
import Training
import Translation

extension GANTrainOptions {
  static var run: OptionSection<Self> {
    OptionSection(
      "run",
      .embedded(\.call),
      .embedded(RunCallOptions.initFrom("net_G, net_D, net_G_ema"), at: \.call),
      [
        .value("seed", "number", "the same seed gives the same run", \.configuration.seed, in: 0...)
      ],
      .embedded(\.compute), .embedded(\.workers), .embedded(\.cache),
      .embedded(\.configuration.optimization.precision),
      .embedded(RunSchedule.outputRows, at: \.configuration.schedule),
      .embedded(\.console))
  }

  static var images: OptionSection<Self> {
    OptionSection(
      "images",
      [
        .value(
          "size", "pixels",
          "side of the square images, those of the data and those generated"
            + (Kind.model == .dcgan ? ": 28, 32, 64 or 128" : ""),
          \.request.size, in: 2...1024,
          default: "28, 32 or 64, depending on the data"),
        .value(
          "channels", "count", "1 (gray) or 3 (color)", \.request.channels, in: 1...3,
          default: "as in the data"),
        .value(
          "class", "name", "train on this class only, given by name or number",
          \.configuration.data.className),
        .value(
          "max-images", "count", "use at most this many images", \.configuration.data.maximumImages,
          in: 1...1_000_000_000, default: "all"),
        .value(
          "background", "color", "color behind transparent pixels", \.configuration.data.background),
      ],
      .embedded(\.configuration.data.reading),
      [
        .flag(
          "strict", "stop at an image that cannot be used, instead of leaving it out",
          \.configuration.data.strict)
      ])
  }

  /// What a setting is by default, and for which losses it is something else: "0.5; 0 for wgan-gp".
  static func byLoss<Value: Equatable>(
    _ setting: (AdversarialLoss.TrainingDefaults) -> Value, _ text: (Value) -> String
  ) -> String {
    let usual = setting(Self().configuration.losses.loss.trainingDefaults)
    var others: [(value: Value, losses: [String])] = []
    for loss in AdversarialLoss.allCases {
      let value = setting(loss.trainingDefaults)
      if value == usual { continue }
      if let index = others.firstIndex(where: { $0.value == value }) {
        others[index].losses.append(loss.rawValue)
      } else {
        others.append((value, [loss.rawValue]))
      }
    }
    let words = others.map { "\(text($0.value)) for \($0.losses.joined(separator: " and "))" }
    return ([text(usual)] + words).joined(separator: "; ")
  }

  /// "0.00005", for which a number's own text is "5e-05".
  private static func plain(_ number: Double) -> String {
    Decimal(string: number.optionText)?.description ?? number.optionText
  }

  static var length: OptionSection<Self> {
    OptionSection(
      "length and learning rate",
      .embedded(RunSchedule.lengthRows, at: \.configuration.schedule),
      .embedded(RunCallOptions.steps, at: \.call),
      [
        .value(
          "batch-size", "count", "images in one step", \.configuration.data.batchSize, in: 1...4096),
        .choice(
          "optimizer", "name", "optimizer of both networks", \.request.optimizer,
          default: byLoss(\.optimizer, \.rawValue)),
        .value(
          "lr", "rate",
          "learning rate of both networks", \.request.learningRate, in: Bounds.above(0),
          default: byLoss(\.learningRate, plain)
        ).alias("learning-rate"),
        .value(
          "generator-lr", "rate", "learning rate of the generator",
          \.request.generatorLearningRate, in: Bounds.above(0), default: "as --lr"
        ).alias("lr-g"),
        .value(
          "discriminator-lr", "rate", "learning rate of the discriminator",
          \.request.discriminatorLearningRate, in: Bounds.above(0),
          default: "as --lr"
        ).alias("lr-d"),
        .value(
          "beta1", "factor", "decay rate of Adam's mean of the gradient",
          \.request.beta1,
          in: 0..<1, default: byLoss(\.beta1, \.optionText)),
        .value(
          "beta2", "factor", "decay rate of Adam's mean of the squared gradient",
          \.request.beta2,
          in: 0..<1, default: byLoss(\.beta2, \.optionText)),
      ],
      .embedded(\.configuration.optimization.policy),
      [
        .value(
          "critic-steps", "count", "discriminator steps for each generator step",
          \.request.criticSteps, in: 1...1000,
          default: byLoss(\.criticSteps, \.optionText))
      ])
  }

  static var networks: OptionSection<Self> {
    OptionSection(
      "networks",
      Kind.networkRows + [
        .value(
          "latent", "count", "length of the random vector that an image is generated from",
          \.configuration.networks.latent,
          in: 1...65536),
        .choice(
          "latent-distribution", "kind", "distribution of the random vectors",
          \.configuration.latentDistribution),
        .value(
          "dropout", "share", "share of hidden values set to 0 in both networks",
          \.configuration.dropout,
          in: 0..<1),
        .value(
          "generator-dropout", "share", "the same in the generator",
          \.request.generatorDropout,
          in: 0..<1, default: "as --dropout"
        ).alias("dropout-g"),
        .value(
          "discriminator-dropout", "share", "the same in the discriminator",
          \.request.discriminatorDropout, in: 0..<1, default: "as --dropout"
        ).alias("dropout-d"),
        .value(
          "ema", "decay", "decay rate of the moving average of the generator's weights",
          \.configuration.adversaries.averageDecay, in: 0..<1),
      ])
  }

  static var losses: OptionSection<Self> {
    OptionSection(
      "losses",
      [
        .choice(
          "loss", "name", "adversarial loss", \.configuration.losses.loss,
          synonyms: ["wgangp": .wganGP]),
        .value("lsgan-a", "label", "label of fakes in lsgan", \.configuration.losses.lsganA),
        .value(
          "lsgan-b", "label", "label of real images in lsgan", \.configuration.losses.lsganB),
        .value(
          "lsgan-c", "label", "target label of lsgan's generator", \.configuration.losses.lsganC),
        .value(
          "weight-clip", "bound", "limit of the weights of wgan's discriminator",
          \.configuration.losses.weightClip, in: Bounds.above(0)),
        .value(
          "gradient-penalty", "weight", "weight of wgan-gp's gradient penalty",
          \.configuration.losses.penaltyWeight, in: 0...),
        .value(
          "began-gamma", "ratio", "began's diversity: target ratio of L(G(z)) to L(x)",
          \.configuration.losses.beganDiversity, in: 0...1),
        .value(
          "began-lambda", "rate", "step size of began's k", \.configuration.losses.beganRate,
          in: 0...1),
      ])
  }

  static var tricks: OptionSection<Self> {
    OptionSection(
      "stabilization (label options only with vanilla, saturating and lsgan)",
      [
        .value(
          "label-smoothing", "amount",
          "lower the label of real images by this in the discriminator's loss; 0.1 without a value",
          \.configuration.losses.labelSmoothing, in: 0..<1
        ).alone("0.1"),
        .value(
          "label-noise", "share",
          "share of labels swapped in the discriminator's loss; 0.05 without a value",
          \.configuration.losses.labelNoise, in: 0...0.5
        ).alone("0.05"),
        .flag(
          "flip-labels", "swap the labels of real images and fakes in both losses",
          \.configuration.losses.flipLabels),
        .value(
          "clip-gradients", "norm", "limit of the norm of each network's gradient",
          \.configuration.adversaries.gradientClip, in: Bounds.above(0), default: "none"
        ).alias("gradient-clip"),
        .flag(
          "joint-batches", "judge real images and fakes in one batch instead of two",
          \.configuration.losses.jointBatches),
      ])
  }
}
