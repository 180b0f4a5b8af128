import Benchmarks
import Demo
import Models
import Synthesis
import Training
import Translation

extension GANTrainOptions {
  static var run: OptionSection<Self> {
    OptionSection(
      "run",
      [
        .name, .checkpointsDirectory, .resume,
        .initFrom("net_G, net_D, net_G_ema"),
        .value(
          "seed", "number", "the same seed gives the same run", \.configuration.seed, in: 0...),
      ],
      .embedded(\.compute), .embedded(\.workers), .embedded(\.cache),
      .embedded(\.configuration.optimization.precision),
      [.saveEvery, .logEvery, .sampleEvery],
      .embedded(\.console))
  }

  static var images: OptionSection<Self> {
    OptionSection(
      "images",
      [
        .value(
          "size", "pixels",
          "side of the squares that are cut out of the middle, and of the images made"
            + (Kind.model == .dcgan ? ": 28, 32, 64 or 128" : ""),
          \.configuration.data.size, in: 2...1024,
          default: "28, 32 or 64, what the images need"),
        .value(
          "channels", "count", "1 (gray) or 3 (color)", \.configuration.data.channels, in: 1...3,
          default: "as the images"),
        .value(
          "class", "name", "learn only this class, by its name or number",
          \.configuration.data.className),
        .value(
          "max-images", "count", "at most so many images", \.configuration.data.maximumImages,
          in: 1...1_000_000_000, default: "all"),
        .value(
          "background", "color", "laid under transparent pixels", \.configuration.data.background),
      ],
      .embedded(\.configuration.data.reading),
      [
        .flag(
          "strict", "an image that cannot be used is an error", \.configuration.data.strict)
      ])
  }

  static var length: OptionSection<Self> {
    OptionSection(
      "how long and how fast",
      [
        .epochs, .decayEpochs, .steps,
        .value(
          "batch-size", "count", "images in a step", \.configuration.data.batchSize, in: 1...4096),
        .choice(
          "optimizer", "name", "what changes the weights", \.configuration.adversaries.optimizer,
          default: "adam; rmsprop for wgan"),
        .value(
          "lr", "rate",
          "learning rate of both networks; if not given, 0.00005 for wgan and 0.0001 for wgan-gp and "
            + "began",
          \.configuration.adversaries.learningRate, in: Bounds.above(0), default: "0.0002"
        ).alias("learning-rate"),
        .value(
          "generator-lr", "rate", "of the generator",
          \.configuration.adversaries.generatorLearningRate, in: Bounds.above(0), default: "as --lr"
        ).alias("lr-g"),
        .value(
          "discriminator-lr", "rate", "of the discriminator",
          \.configuration.adversaries.discriminatorLearningRate, in: Bounds.above(0),
          default: "as --lr"
        ).alias("lr-d"),
        .value(
          "beta1", "factor", "Adam's memory of the gradient", \.configuration.adversaries.beta1,
          in: 0..<1, default: "0.5; 0 for wgan-gp"),
        .value(
          "beta2", "factor", "Adam's memory of its square", \.configuration.adversaries.beta2,
          in: 0..<1, default: "0.999; 0.9 for wgan-gp"),
        .learningRatePolicy,
        .value(
          "critic-steps", "count", "steps of the discriminator for each of the generator",
          \.configuration.adversaries.criticSteps, in: 1...1000,
          default: "1; 5 for wgan and wgan-gp"),
      ])
  }

  static var networks: OptionSection<Self> {
    OptionSection(
      "networks",
      Kind.networkRows + [
        .value(
          "latent", "count", "numbers that an image is made of", \.configuration.networks.latent,
          in: 1...65536),
        .choice(
          "latent-distribution", "kind", "what they are drawn from",
          \.configuration.latentDistribution),
        .value(
          "dropout", "share", "hidden values zeroed in both networks", \.configuration.dropout,
          in: 0..<1),
        .value(
          "generator-dropout", "share", "in the generator", \.configuration.generatorDropout,
          in: 0..<1, default: "as --dropout"
        ).alias("dropout-g"),
        .value(
          "discriminator-dropout", "share", "in the discriminator",
          \.configuration.discriminatorDropout, in: 0..<1, default: "as --dropout"
        ).alias("dropout-d"),
        .value(
          "ema", "decay", "what the generator's averaged weights keep of themselves in a step",
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
        .value("lsgan-c", "label", "what lsgan's generator wants", \.configuration.losses.lsganC),
        .value(
          "weight-clip", "bound", "largest weight of wgan's discriminator",
          \.configuration.losses.weightClip, in: Bounds.above(0)),
        .value(
          "gradient-penalty", "weight", "weight of wgan-gp's gradient penalty",
          \.configuration.losses.penaltyWeight, in: 0...),
        .value(
          "began-gamma", "ratio", "began's diversity: L(G(z)) wanted for each L(x)",
          \.configuration.losses.beganDiversity, in: 0...1),
        .value(
          "began-lambda", "rate", "step size of began's k", \.configuration.losses.beganRate,
          in: 0...1),
      ])
  }

  static var tricks: OptionSection<Self> {
    OptionSection(
      "tricks (those of labels: vanilla, saturating and lsgan only)",
      [
        .value(
          "label-smoothing", "amount",
          "real images have the label 1 minus this in the discriminator's loss; 0.1 if alone",
          \.configuration.losses.labelSmoothing, in: 0..<1
        ).alone("0.1"),
        .value(
          "label-noise", "share", "labels exchanged in the discriminator's loss; 0.05 if alone",
          \.configuration.losses.labelNoise, in: 0...0.5
        ).alone("0.05"),
        .flag(
          "flip-labels", "exchange the labels of real images and fakes, in both losses",
          \.configuration.losses.flipLabels),
        .value(
          "clip-gradients", "norm", "largest norm of each network's gradient",
          \.configuration.adversaries.gradientClip, in: Bounds.above(0), default: "none"
        ).alias("gradient-clip"),
        .flag(
          "joint-batches", "judge real images and fakes in one batch instead of two",
          \.configuration.losses.jointBatches),
      ])
  }
}
