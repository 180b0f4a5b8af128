import Datasets
import Files
import Foundation
import Imaging
import Models
import Torch
import Training

/// A run that trains a DCGAN or a fully connected GAN.
package typealias GANRun = TrainingRun<GANTask>

/// GAN training on one source of images, as `TrainingRun` carries it out.
package final class GANTask: TrainingTask {
  package let configuration: GANConfiguration
  package let epochSize: Int
  package let batchSize: Int
  package let domains: [DomainRecord]
  private let dataset: SquareDataset
  private let gan: GANTrainer
  private let sampler: Sampler
  private let report: (TrainingEvent) -> Void

  /// Samples on a sheet, in rows of as many as columns.
  private static let sheetSide = 8
  /// Of a sheet with a row for each class.
  private static let mostRows = 32

  package init(
    _ request: GANRequest, settings: RunSettings, restore: (any Trainer) throws -> Void,
    shouldStop: () -> Bool, report: @escaping (TrainingEvent) -> Void
  ) throws {
    if request.condition == .sgan, settings.processes != nil {
      throw RunError.needsWholeBatch(option: "--condition sgan")
    }
    let data = request.configuration.data
    let folder = URL(fileURLWithPath: data.path)
    func makeTrainer(_ configuration: GANConfiguration) throws -> GANTrainer {
      let trainer = GANTrainer(
        configuration: configuration, device: settings.device, processes: settings.processes)
      try restore(trainer)
      return trainer
    }
    let early = request.dependsOnImages ? nil : try makeTrainer(request.decided)
    if early == nil { try Self.checkWeights(of: request, settings) }
    let source = try data.source(settings, shouldStop: shouldStop, report: report)

    let fitted = request.fitted(to: source)
    let used = min(source.count, data.maximumImages ?? .max)
    try Self.checkClasses(of: source, used: used, fitted.decided)
    gan = try early ?? makeTrainer(fitted.decided)
    if source.isDeep { gan.learnDeepImages() }
    configuration = gan.configuration
    let networks = configuration.networks
    var dataset = data.squares(
      of: source, size: networks.size, channels: networks.channels, seed: configuration.seed,
      settings)
    if networks.condition?.kind == .sgan {
      dataset.toldImages = try source.toldImages(
        data.labels, ofFirst: used, seed: configuration.seed, path: data.path)
      report(
        .notice("learning classes from \(dataset.toldImages.count) of \(dataset.count) images"))
    }
    self.dataset = dataset
    domains = [DomainRecord(name: folder.lastPathComponent, images: dataset.count)]
    report(.notice("\(data.path): \(source.summary)"))
    report(.notice("learning images of \(networks.imageWords)"))
    batchSize = data.batch(
      of: configuration.samplesOfStep, from: dataset, settings, report: report)
    // A few images left over make poor statistics for batch norm; the next epoch shuffles them in.
    epochSize = dataset.count / batchSize * batchSize
    self.report = report
    sampler = Sampler(
      gan.average.network, latent: networks.latent, condition: networks.condition,
      distribution: configuration.latentDistribution, device: settings.device)
  }

  /// Throws `FileError` unless a source has the classes that a run learns.
  private static func checkClasses(
    of source: ImageSource, used: Int, _ configuration: GANConfiguration
  ) throws(FileError) {
    guard let condition = configuration.networks.condition, condition.kind.needsClasses else {
      return
    }
    let path = configuration.data.path
    guard source.classNames.count <= SampleCondition.mostClasses else {
      throw FileError(
        path: path,
        reason:
          "its \(source.classNames.count) classes are more than \(SampleCondition.mostClasses)")
    }
    try source.checkClasses(
      ofFirst: used, batchSize: min(configuration.batchSize, used),
      use: "--condition \(condition.kind.rawValue)", path: path)
    guard source.classNames == condition.classes else {
      let found = SampleCondition(
        condition.kind, classes: source.classNames, codes: condition.codes)
      throw FileError(
        path: path,
        reason: "its classes are \(found.classWords), the run's \(condition.classWords)")
    }
  }

  /// Finds weights that fit images of no size before the images are decoded that decide on it: a generator's
  /// tell their own. They may tell anything: networks are made only if they are as large as the file's.
  private static func checkWeights(of request: GANRequest, _ settings: RunSettings) throws {
    // Networks that know classes are made when those are known.
    guard let folder = settings.initialWeights, request.condition?.needsClasses != true else {
      return
    }
    var likely = request
    let weights = WeightsFolder(folder)
    let named = weights.file(of: "G") ?? weights.file(of: "G_ema")
    if let file = named ?? (FileKind(of: folder) == .file ? folder : nil) {
      let saved = try WeightsFile(file, networks: ["G"])
      // A discriminator that gives images back has a generator's layers.
      if !saved.saysDiscriminator,
        let found = SampleModelConfiguration(
          inferredFrom: saved.shapes,
          condition: try SampleCondition.found(in: saved.metadata, path: file.relativePath))
      {
        try found.checkLimits(of: saved)
        likely.size = request.size ?? found.size
        likely.channels = request.channels ?? found.channels
        let wanted = likely.decided.networks
        guard found.architecture == wanted.architecture,
          found.generatorInputs == wanted.generatorInputs
        else {
          throw FileError(
            path: file.relativePath,
            reason: "it is a \(found.summary), and the run's is a \(wanted.summary)")
        }
      }
    } else if weights.file(of: "D") != nil {
      return
    }
    try GANTrainer(configuration: likely.decided, device: .cpu).loadInitialWeights(from: folder)
  }

  package var trainer: any Trainer { gan }

  package func samples(ofEpoch epoch: Int) -> @Sendable (Int) throws -> SquareSample {
    dataset.samples(ofEpoch: epoch)
  }

  package func warnings(about sample: SquareSample) -> [String] {
    sample.skipped.map(\.description)
  }

  package var needsLossesAtOnce: Bool { gan.needsLossesAtOnce }

  package func step(
    _ parts: [(part: BatchPart, samples: [SquareSample])]
  ) -> PendingLosses<any StepLosses> {
    let losses = gan.takeStep(
      parts.map { part, samples in
        GANTrainer.Pass(
          part: part, real: Tensor(images: samples.map(\.image), on: gan.device, gan.layout),
          classes: classes(samples.map(\.label)), labeled: labeled(samples))
      })
    return losses.map { [gan, report] losses in
      for alarm in gan.alarms { report(.alarm(alarm)) }
      return losses
    }
  }

  /// Of the networks' images, where the generator is told any.
  private func classes(_ labels: [Int?]) -> Tensor? {
    guard let condition = configuration.networks.condition, condition.kind.generatesClasses else {
      return nil
    }
    return oneHot(labels.compactMap { $0 }, classes: condition.classes.count).moved(to: gan.device)
  }

  private func labeled(_ samples: [SquareSample]) -> (images: Tensor, classes: Tensor)? {
    let labeled = samples.compactMap(\.labeled)
    guard let condition = configuration.networks.condition, labeled.count == samples.count else {
      return nil
    }
    return (
      Tensor(images: labeled.map(\.image), on: gan.device, gan.layout),
      oneHot(labeled.map(\.label), classes: condition.classes.count).moved(to: gan.device)
    )
  }

  /// The same latents each time: those of the first samples that `generate` makes with the run's seed. Where the
  /// generator is told classes or codes, each row is of another, and all have the same latents.
  package func drawSamples(caption: String) -> Image {
    let side = Self.sheetSide
    let rows = sampler.choices.prefix(Self.mostRows)
    let inputs: [[Float]] =
      if rows.isEmpty {
        (1...side * side).map { sampler.input(of: $0, seed: configuration.seed) }
      } else {
        rows.flatMap { choice in
          (1...side).map { sampler.input(of: $0, with: choice, seed: configuration.seed) }
        }
      }
    let images = inputs.map(sampler.image)
    let sheet =
      rows.isEmpty
      ? Image.sheet(images, columns: side)
      : Image.sheet(images, columns: side, labels: rows.map(sampler.name))
    let line = Image.text(
      " " + caption, scale: 1, width: sheet.width - 4, channels: 3, bitDepth: sheet.bitDepth)
    return .grid([[line], [sheet]], spacing: 0)
  }
}

extension SampleModelConfiguration {
  fileprivate var imageWords: String {
    "\(size)x\(size) pixels in \(channels == 1 ? "gray" : "color")"
  }
}
