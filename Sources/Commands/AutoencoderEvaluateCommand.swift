import Foundation
import Models
import Synthesis
import Wording

/// What `autoencoder evaluate` can be told.
struct AutoencoderEvaluateOptions: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  var inputs: [String] = []
  var samples = 500
  var seed: UInt64 = 0
  /// In place of the one that the model was trained with.
  var threshold: Double?
  var json = false
  var input = GivenImageOptions()
  var compute = ComputeOptions()
  var console = ConsoleOptions()

  static let memoryAdvice = "lower --samples"

  static let syntax = CommandSyntax<AutoencoderEvaluateOptions>(
    name: "evaluate",
    summary: "measures how well a model describes images: ELBO and likelihood",
    usage: ["evaluate <model> <images>... [options]"],
    discussion: """
      Prints, of a variational autoencoder, the negative ELBO with its two parts and an importance-sampled bound of \
      the negative log-likelihood, which is closer to the truth, both in nats an image; of every model the mean \
      squared error. The images should not be those of the training. Every number comes with its standard error.
      """,
    positionals: [
      .one("<model>", "a run's folder, one snapshot in it, or a weights file", \.model),
      .several("<images>...", GivenImageOptions.inputsHelp, \.inputs, count: 1...Int.max),
    ],
    groups: [
      OptionSection(
        "measures",
        [
          .value(
            "samples", "count", "draws of each image's code", \.samples, in: 1...1_000_000),
          .value("seed", "number", "for the draws", \.seed, in: 0...),
          .value(
            "binarize", "threshold",
            "make values from this on white and the others black, from 0 to 1; 0.5 without a value",
            \.threshold, in: Bounds.above(0), default: "as the model was trained"
          ).alone("0.5"),
          .flag("json", "write JSON, for programs", \.json),
        ]),
      OptionSection("images", .embedded(\.input)),
      OptionSection("computing", .embedded(\.compute), .embedded(\.console)),
    ],
    examples: ["evaluate checkpoints/vae datasets/test --json"])

  mutating func complete(given: Set<String>) throws(UsageError) {
    if let threshold, threshold > 1 {
      throw UsageError("--binarize: \(threshold.optionText) is more than 1, the value of white")
    }
  }
}

/// `cyclegan autoencoder evaluate`.
enum AutoencoderEvaluateCommand {
  static func run(
    _ invocation: Invocation<AutoencoderEvaluateOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    let model = try ModelPath.autoencoder(options.model, for: "autoencoder evaluate", console)
    let isPlain = model.configuration.kind == .plain
    if isPlain, invocation.given.contains("samples") {
      throw UsageError("--samples: the codes of a plain autoencoder are not drawn")
    }
    if invocation.given.contains("binarize"), model.configuration.likelihood == .gaussian {
      throw UsageError(
        "--binarize: images of black and white have no density, which this model gives")
    }
    let images = try options.input.images(at: options.inputs, for: model, console)
    let evaluation = AutoencoderEvaluation(
      model, threshold: options.threshold ?? model.threshold, samples: options.samples,
      seed: options.seed, device: try options.compute.prepareDevice())
    var found: [AutoencoderEvaluation.Found] = []
    var passes = ImagePasses(images, context)
    let isWhole = try Interrupt.finishing {
      try passes.run { index, image in found.append(evaluation.look(at: image, number: index)) }
    }
    guard isWhole else { return .interrupted }
    guard !found.isEmpty else { return passes.exitCode }
    if model.configuration.likelihood == .bernoulli, found.contains(where: \.isGray) {
      console.notice(
        "values between black and white count as probabilities of white; --binarize makes the images black and "
          + "white, of which alone these are likelihoods")
    }
    let report = AutoencoderReport(
      found, likelihood: model.configuration.likelihood, samples: isPlain ? nil : options.samples)
    console.resultText(options.json ? try json(report) + "\n" : report.text)
    return passes.exitCode
  }
}

/// What `autoencoder evaluate` says, for people and for programs. All but the error in nats an image.
struct AutoencoderReport: Encodable {
  let images: Int
  let likelihood: AutoencoderConfiguration.Likelihood
  let reconstruction: MeanOfImages
  /// Of a variational autoencoder, as are the next three.
  let divergence: MeanOfImages?
  let negativeELBO: MeanOfImages?
  let negativeLogLikelihood: MeanOfImages?
  let samples: Int?
  let squaredError: MeanOfImages

  enum CodingKeys: String, CodingKey {
    case images, likelihood, reconstruction, samples
    case divergence = "kl"
    case negativeELBO = "negative_elbo"
    case negativeLogLikelihood = "negative_log_likelihood"
    case squaredError = "mean_squared_error"
  }

  /// Traps without images.
  init(
    _ found: [AutoencoderEvaluation.Found], likelihood: AutoencoderConfiguration.Likelihood,
    samples: Int?
  ) {
    func mean(_ value: (AutoencoderEvaluation.Found) -> Double?) -> MeanOfImages? {
      let values = found.compactMap(value)
      return values.isEmpty ? nil : MeanOfImages(values)
    }
    images = found.count
    self.likelihood = likelihood
    self.samples = samples
    reconstruction = MeanOfImages(found.map(\.reconstruction))
    squaredError = MeanOfImages(found.map(\.squaredError))
    divergence = mean(\.divergence)
    negativeELBO = mean(\.negativeELBO)
    negativeLogLikelihood = mean(\.negativeLogLikelihood)
  }

  var text: String {
    func row(_ name: String, _ value: MeanOfImages?, _ unit: String) -> [String] {
      guard let value else { return [] }
      let error = value.error.map { " ± \(EvaluationReport.number($0))" } ?? ""
      return ["\(name): \(EvaluationReport.number(value.mean))\(error)\(unit)"]
    }
    let nats = " nats an image"
    let sampled = samples.map { ", by importance sampling with \(counted($0, "draw"))" } ?? ""
    let lines =
      [counted(images, "image")] + row("negative ELBO", negativeELBO, nats)
      + row(negativeELBO == nil ? "reconstruction" : "  reconstruction", reconstruction, nats)
      + row("  KL", divergence, nats)
      + row("negative log-likelihood", negativeLogLikelihood, nats + sampled)
      + row("mean squared error", squaredError, "")
    return lines.joined(separator: "\n") + "\n"
  }
}
