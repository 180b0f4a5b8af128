import Datasets
import Files
import Foundation
import Imaging
import Models
import Torch
import Training

/// Autoencoder training on one source of images, as `TrainingRun` carries it out.
package final class AutoencoderTask: TrainingTask {
  package let configuration: AutoencoderRunConfiguration
  package let epochSize: Int
  package let batchSize: Int
  package let domains: [DomainRecord]
  private let dataset: SquareDataset
  private let autoencoder: AutoencoderTrainer
  private let report: (TrainingEvent) -> Void

  package init(
    _ request: AutoencoderRequest, settings: RunSettings, restore: (any Trainer) throws -> Void,
    shouldStop: () -> Bool, report: @escaping (TrainingEvent) -> Void
  ) throws {
    let data = request.configuration.data
    let folder = URL(fileURLWithPath: data.path)
    func makeTrainer(_ configuration: AutoencoderRunConfiguration) throws -> AutoencoderTrainer {
      let trainer = AutoencoderTrainer(
        configuration: configuration, device: settings.device, processes: settings.processes)
      try restore(trainer)
      return trainer
    }
    let early = request.dependsOnImages ? nil : try makeTrainer(request.decided)
    if early == nil { try Self.checkWeights(of: request, settings) }
    let source = try data.source(settings, shouldStop: shouldStop, report: report)

    autoencoder = try early ?? makeTrainer(request.fitted(to: source).decided)
    if source.isDeep { autoencoder.learnDeepImages() }
    configuration = autoencoder.configuration
    let network = configuration.network
    dataset = data.squares(
      of: source, size: network.size, channels: network.channels, seed: configuration.seed, settings
    )
    domains = [DomainRecord(name: folder.lastPathComponent, images: dataset.count)]
    report(.notice("\(data.path): \(source.summary)"))
    report(.notice("training a \(network.summary)"))
    batchSize = data.batch(
      of: configuration.samplesOfStep, from: dataset, settings, report: report)
    // Images do not depend on one another, so that the last batch may be smaller.
    epochSize = dataset.count
    self.report = report
  }

  /// Finds weights that fit no images before the images are decoded that decide on the network: a file tells its own
  /// size and channels. It may tell anything: a network is made only if it is as large as the file's.
  private static func checkWeights(of request: AutoencoderRequest, _ settings: RunSettings) throws {
    guard let folder = settings.initialWeights else { return }
    var likely = request
    if let file = WeightsFolder(folder).file(of: AutoencoderModel.networkName)
      ?? (FileKind(of: folder) == .file ? folder : nil),
      case let saved = try WeightsFile(file, networks: [AutoencoderModel.networkName]),
      AutoencoderModel.mayHold(saved),
      let found = AutoencoderConfiguration(inferredFrom: saved.shapes)
    {
      try found.checkLimits(of: saved)
      likely.size = request.size ?? found.size
      likely.channels = request.channels ?? found.channels
      let wanted = likely.decided.network
      guard found.layers == wanted.layers, wanted.fits(saved.shapes) else {
        throw FileError(
          path: file.relativePath,
          reason: "it is a \(found.summary), and the run's is a \(wanted.summary)"
            + (found.kind == wanted.kind
              ? "" : "; its weights are for --kind \(found.kind.rawValue)"))
      }
    }
    try AutoencoderTrainer(configuration: likely.decided, device: .cpu)
      .loadInitialWeights(from: folder)
  }

  package var trainer: any Trainer { autoencoder }

  package func samples(ofEpoch epoch: Int) -> @Sendable (Int) throws -> SquareSample {
    dataset.samples(ofEpoch: epoch)
  }

  package func warnings(about sample: SquareSample) -> [String] {
    sample.skipped.map(\.description)
  }

  package var needsLossesAtOnce: Bool { false }

  package func step(
    _ parts: [(part: BatchPart, samples: [SquareSample])]
  ) -> PendingLosses<any StepLosses> {
    let losses = autoencoder.takeStep(
      parts.map { part, samples in
        let images = Tensor(images: samples.map(\.image), threshold: configuration.threshold)
        return AutoencoderTrainer.Pass(
          part: part, images: images.moved(to: autoencoder.device).laid(out: autoencoder.layout))
      })
    return losses.map { [autoencoder, report] losses in
      for alarm in autoencoder.alarms { report(.alarm(alarm)) }
      return losses
    }
  }

  /// Images beside what their codes are decoded to and, of a variational autoencoder, the first samples that
  /// `generate` makes with the run's seed. Always the same images and the same codes.
  package func drawSamples(caption: String) -> Image {
    // An epoch before the first, whose order is as random as any's.
    let sample = dataset.samples(ofEpoch: 0)
    let shown = (0..<min(Self.shownPairs, dataset.count)).compactMap { try? sample($0).image }
    let reconstructions = AutoencoderPairs(
      autoencoder.network, threshold: configuration.threshold, device: autoencoder.device)
    let pairs = shown.flatMap { image -> [Image] in
      let pair = reconstructions.pair(of: image)
      return [pair.image, pair.reconstruction].map { $0.converted(toChannels: 3) }
    }
    var samples: [Image] = []
    if configuration.network.kind == .variational {
      let sampler = Sampler(
        autoencoder.network.decoder, latent: configuration.network.code, distribution: .normal,
        device: autoencoder.device)
      samples = (1...Self.shownSamples).map {
        sampler.image(sampler.input(of: $0, seed: configuration.seed)).converted(toChannels: 3)
      }
    }
    guard !pairs.isEmpty || !samples.isEmpty else {
      return .text(caption, scale: 1, width: 300, channels: 3, bitDepth: 8)
    }
    let table = LabeledTable(of: pairs + samples, columns: Self.columns, smallestCell: 32)
    func rows(_ images: [Image]) -> [Image] {
      stride(from: 0, to: images.count, by: Self.columns).map {
        table.row(Array(images[$0..<min($0 + Self.columns, images.count)]))
      }
    }
    return LabeledTable.sheet(
      [table.line(caption), table.line("images, each beside its reconstruction")] + rows(pairs)
        + (samples.isEmpty ? [] : [table.line("samples")] + rows(samples)))
  }

  private static let columns = 8
  private static let shownPairs = 16
  private static let shownSamples = 32
}
