import Datasets
import Files
import Foundation
import Imaging
import Models
import Synchronization
import Torch
import Training

/// How images are translated.
package struct TranslationSettings: Sendable {
  /// Shorter side in pixels that images are resized to first; `nil` keeps their size.
  package var size: Int?
  /// Images of one size that go through the network together; `nil` takes as many as are fast.
  package var batchSize: Int?
  /// Threads that read, and as many that write.
  package var workers = 2
  package var device = Device.cpu
  package var precision = OptimizationSettings.Precision.auto
  /// Side of the tiles that larger images are translated in, in pixels; `nil` takes tiles only where the
  /// memory would not do.
  package var tile: Int?
  /// Which files are taken.
  package var reading = ReadOptions()
  /// How results are written.
  package var writing = WriteOptions()

  package init() {}
}

/// What became of one image.
package enum TranslationEvent: Sendable {
  case written(TranslationJob)
  /// The rest goes on.
  case failed(TranslationJob, reason: String)
  /// Something to know about an image before its work begins.
  case notice(TranslationJob, String)
  /// The part of a large image's work that is done, from 0 to 1.
  case progress(TranslationJob, Double)
}

/// Sends images through a generator: reading, the network and writing of different images overlap.
package struct Translator {
  let generator: any Module
  let model: TranslationModel
  let settings: TranslationSettings
  private let usesBFloat16: Bool

  static let notANumber = "the network's output is not a number"

  package init(_ model: TranslationModel, settings: TranslationSettings) {
    generator = model.generator
    generator.move(to: settings.device)
    self.model = model
    self.settings = settings
    let makesBytes = (model.values.output.sampleType?.bitDepth ?? 8) == 8
    usesBFloat16 = settings.precision.usesBFloat16(on: settings.device) && makesBytes
  }

  /// Translates every job and writes its result under a temporary name first.
  ///
  /// Images of one size may go through the network before others that come earlier.
  ///
  /// - Parameters:
  ///   - shouldStop: asked between images; what has begun is finished.
  ///   - report: called on the calling thread, as images are finished.
  /// - Returns: how long it took.
  @discardableResult
  package func translate(
    _ jobs: TranslationJobs, shouldStop: () -> Bool = { false },
    report: (TranslationEvent) -> Void
  ) -> TranslationTimes {
    var times = TranslationTimes()
    let start = ContinuousClock.now
    var batches = TranslationBatches(size: settings.batchSize)
    let depth = 4 * settings.workers + (settings.batchSize ?? 0)
    // Without a batch size only small images wait for each other.
    let waiting = depth + (settings.batchSize == nil ? 0 : batches.mostWaiting)
    let reader = Prefetcher(0..<jobs.count, depth: depth, workers: settings.workers) {
      [settings, memory, networkNeeds] index in
      Source(reading: jobs[index], settings, networkNeeds, memory.measured(), among: waiting)
    }
    let writer = ResultWriter(workers: settings.workers, options: settings.writing)
    while !shouldStop(), let source = try? reader.next() {
      switch source.content {
      case .unusable(let error): writer.fail(source.job, "\(error.reason)")
      case .large(let size): translateLarge(source.job, size, writer, &times, report)
      case .image(let file):
        for remark in file.remarks { report(.notice(source.job, "\(remark)")) }
        if let full = batches.add(source, file.image) { translate(full, writer, &times) }
      }
      writer.takeFinished().forEach(report)
    }
    for rest in batches.takeRest() {
      translate(rest, writer, &times)
      writer.takeFinished().forEach(report)
    }
    writer.finish().forEach(report)
    times.total = ContinuousClock.now - start
    return times
  }

  /// An image that did not fit as a whole or could not wait when it was looked at; now that it is its
  /// turn, the way is chosen. Its result is written before the next image is begun.
  private func translateLarge(
    _ job: TranslationJob, _ size: ImageSize, _ writer: ResultWriter,
    _ times: inout TranslationTimes, _ report: (TranslationEvent) -> Void
  ) {
    writer.finish().forEach(report)
    let memory = memory.measured()
    switch memory.way(height: size.height, width: size.width, tiled) {
    case .whole:
      do throws(FileError) {
        let file = try Source.read(job, settings, networkNeeds)
        for remark in file.remarks { report(.notice(job, "\(remark)")) }
        translate([Source(job, file)], writer, &times)
      } catch {
        writer.fail(job, "\(error.reason)")
      }
    case .tiles(let plan, let wholeBytes):
      report(.notice(job, memory.words(for: plan, wholeBytes: wholeBytes, size, tiled)))
      let start = ContinuousClock.now
      defer { times.network += ContinuousClock.now - start }
      do throws(FileError) {
        let result = try translateInTiles(job, plan) { report(.progress(job, $0)) }
        for remark in result?.remarks ?? [] { report(.notice(job, "\(remark)")) }
        if let result { writer.write(result, job) } else { writer.fail(job, Self.notANumber) }
      } catch {
        writer.fail(job, "\(error.reason)")
      }
    case .impossible(let needed):
      writer.fail(job, memory.refusal(size, needed: needed))
    }
    writer.finish().forEach(report)
  }

  var tiled: TiledGenerator {
    TiledGenerator(generator, inputChannels: model.configuration.inputChannels)
  }

  var networkNeeds: NetworkInput {
    NetworkInput(channels: model.configuration.inputChannels, range: model.values.input.range)
  }

  private var memory: TranslationMemory {
    TranslationMemory(model.configuration, tiled, side: settings.tile)
  }

  private func translate(
    _ batch: [Source], _ writer: ResultWriter, _ times: inout TranslationTimes
  ) {
    guard let image = batch.first?.file?.image else { return }
    let groups = memory.measured().groups(
      of: batch.count, height: image.height, width: image.width)
    for group in groups { translateTogether(Array(batch[group]), writer, &times) }
  }

  private func translateTogether(
    _ batch: [Source], _ writer: ResultWriter, _ times: inout TranslationTimes
  ) {
    let files = batch.compactMap(\.file)
    let inputs = files.map { networkInput($0.image) }
    let start = ContinuousClock.now
    let output = output(for: inputs)
    times.network += ContinuousClock.now - start
    for (index, source) in batch.enumerated() {
      let own = output.narrowed(axis: 0, index..<(index + 1))
      // One image with a value that is not a number must not spoil the others of its batch.
      guard own.sum().item.isFinite else {
        writer.fail(source.job, Self.notANumber)
        continue
      }
      let file = files[index]
      let (type, range) = model.values.result(of: file)
      let image = own.images(bitDepth: type.bitDepth, range: range)[0]
      writer.write(result(of: file, image, alpha: file.image.alpha, type), source.job)
    }
  }

  /// What is written for a file.
  ///
  /// - Parameter type: of the image's samples.
  func result(of file: ImageFile, _ image: Image, alpha: Image?, _ type: SampleType) -> ImageFile {
    var result = file
    result.image = alpha.map(image.addingAlpha) ?? image
    // Whole types keep their units in files of 8 or 16 bits as well, whatever part of them is used.
    if let whole = type.range, type.kind == .unsigned { result.image.range = whole }
    if result.tiff != nil || type != SampleType(ofDepth: type.bitDepth) {
      result.storeInTIFF(as: type)
    }
    return result
  }

  /// The generator's output for images of one size, at that size: `[batch, channel, height, width]`,
  /// float32, on the CPU.
  ///
  /// The images are padded by reflection on the right and at the bottom to what the network needs, and
  /// the padding is cut off again.
  package func output(for images: [Image]) -> Tensor {
    let (height, width) = (images[0].height, images[0].width)
    let input = Tensor(images: images.map(padded))
    return withoutGradients {
      withBFloat16Autocast(
        usesBFloat16(bitDepth: images[0].bitDepth), on: settings.device
      ) {
        generator(input.moved(to: settings.device), .inference)
      }.narrowed(axis: 2, 0..<height).narrowed(axis: 3, 0..<width).moved(to: .cpu)
        .converted(to: .float32)
    }
  }

  /// bfloat16 has 8 binary digits, which results of more bits would show: they are computed in float32.
  func usesBFloat16(bitDepth: Int) -> Bool { usesBFloat16 && bitDepth == 8 }

  /// The colors of an image in the network's channels, with the background's where nothing is to be seen;
  /// alpha is put back after it.
  func networkInput(_ image: Image) -> Image {
    var image = image
    image.range = model.values.input.range ?? image.range
    return image.replacingInvisibleColors(by: settings.writing.background).removingAlpha()
      .converted(
        toChannels: model.configuration.inputChannels)
  }

  func padded(_ image: Image) -> Image {
    let configuration = model.configuration
    let bottom = configuration.paddedSize(image.height) - image.height
    let right = configuration.paddedSize(image.width) - image.width
    if bottom == 0 && right == 0 { return image }
    return image.paddedByReflection(top: 0, left: 0, bottom: bottom, right: right)
  }
}

/// How long a translation took.
package struct TranslationTimes: Sendable {
  /// From the first image's reading to the last one's writing.
  package internal(set) var total = Duration.zero
  /// In the network; for images in tiles, with their reading.
  package internal(set) var network = Duration.zero
}
