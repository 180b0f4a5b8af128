import Datasets
import Imaging
import Torch
import Training
import Wording

/// A run that trains a CycleGAN.
package typealias CycleGANRun = TrainingRun<CycleGANTask>

/// CycleGAN training on two folders, as `TrainingRun` carries it out.
package final class CycleGANTask: TrainingTask {
  package let configuration: CycleGANConfiguration
  private let device: Device
  package let domains: [DomainRecord]
  private let dataset: UnpairedDataset
  private let sheet: SampleSheet
  private let validationImages: ValidationImages?
  private let cycleGAN: CycleGANTrainer
  private let report: (TrainingEvent) -> Void

  package init(
    _ request: CycleGANRequest, settings: RunSettings, restore: (any Trainer) throws -> Void,
    shouldStop: () -> Bool, report: @escaping (TrainingEvent) -> Void
  ) throws {
    self.report = report
    device = settings.device
    // Missing folders are found before networks are made, which takes a while.
    let folders = try TrainingDomains.Folders(request.configuration.data)
    let channels = try ChannelChoice(
      request, folders, workers: settings.workers, report: report)
    let asked = request.decided.networks
    var request = try request.following(settings.initialWeights)
    (request.channelsA, request.channelsB) = (channels.a, channels.b)
    var configuration = request.decided
    let (skips, upsampling) = (configuration.networks.skips, configuration.networks.upsampling)
    if skips != asked.skips || upsampling != asked.upsampling {
      report(
        .notice(
          "the generators have --skips \(skips.rawValue) and --upsampling \(upsampling.rawValue), as the weights "
            + "that they begin with"))
    }
    cycleGAN = CycleGANTrainer(
      configuration: configuration, device: device, processes: settings.processes)
    if let remedy = configuration.networks.generatorAB.remedyForSlowConvolutions(on: device) {
      report(.notice("the generators are computed in a slow way; a fast one takes \(remedy)"))
    }
    try restore(cycleGAN)
    let domains = try TrainingDomains(
      folders, request, workers: settings.workers, cacheSize: settings.cache,
      processes: settings.processes, shouldStop: shouldStop, report: report)
    configuration.data = domains.data
    // The first process alone measures.
    let isFirst = settings.processes.map { $0.rank == 0 } ?? true
    validationImages =
      request.validateEvery == 0 || !isFirst
      ? nil : domains.validationImages(minimumSize: configuration.networks.minimumImageSize)
    if request.validateEvery == nil, let validationImages {
      configuration.validation.everyEpochs = 5
      configuration.validation.leastSteps = validationImages.leastSteps
    }
    if configuration.validation.everyEpochs > 0, validationImages == nil, isFirst {
      report(.warning("there are no images of both domains to validate with; nothing is validated"))
    }
    self.configuration = configuration
    cycleGAN.learn(domains.data, isDeep: domains.isDeep)
    dataset = domains.dataset
    let names = DomainNames(
      folderA: configuration.data.folderA, folderB: configuration.data.folderB)
    self.domains = zip([names.a, names.b], domains.imageCounts).map(DomainRecord.init)
    report(
      .notice(
        "A = \(names.a) (\(counted(self.domains[0].images, "image"))), B = \(names.b) "
          + "(\(grouped(self.domains[1].images)))"))
    sheet = domains.sampleSheet(count: 4)
  }

  package var trainer: any Trainer { cycleGAN }
  package var epochSize: Int { dataset.count }
  package var batchSize: Int { configuration.samplesOfStep }

  package func samples(ofEpoch epoch: Int) -> @Sendable (Int) throws -> UnpairedSample {
    let epoch = dataset.epoch(epoch)
    return { try epoch.sample(at: $0) }
  }

  package func warnings(about sample: UnpairedSample) -> [String] {
    sample.skipped.map(\.description)
  }

  package func step(
    _ parts: [(part: BatchPart, samples: [UnpairedSample])]
  ) -> PendingLosses<any StepLosses> {
    let layout = cycleGAN.layout
    let losses = cycleGAN.takeStep(
      parts.map { part, samples in
        CycleGANTrainer.Pass(
          part: part, realA: Tensor(images: samples.map(\.a), on: device, layout),
          realB: Tensor(images: samples.map(\.b), on: device, layout))
      })
    return losses.map { [cycleGAN, report] losses in
      for alarm in cycleGAN.alarms { report(.alarm(alarm)) }
      return losses
    }
  }

  package func drawSamples(caption: String) -> Image {
    sheet.draw(with: cycleGAN, caption: caption)
  }

  package func validate(unless shouldStop: () -> Bool) throws -> ValidationValues? {
    try validationImages?.measure(cycleGAN, unless: shouldStop)
  }

  /// Identity losses and penalties that not every step has weigh so many times as much in those that have them.
  package func kind(ofStep step: Int) -> Int {
    let losses = configuration.losses
    func isTurn(of interval: Int) -> Bool { CycleGANTrainer.isTurn(of: interval, inStep: step) }
    return (isTurn(of: losses.identityEvery) ? 1 : 0) + (isTurn(of: losses.penaltyEvery) ? 2 : 0)
  }
}
