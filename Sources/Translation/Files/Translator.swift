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
  private(set) var settings: TranslationSettings
  private let usesBFloat16: Bool
  /// How feature maps lie in memory.
  private let layout: MapLayout

  static let notANumber = "the network's output is not a number"

  package init(_ model: TranslationModel, settings: TranslationSettings) {
    generator = model.generator
    layout = settings.precision.layout(on: settings.device)
    settings.device.allowTF32(settings.precision == .tf32)
    generator.move(to: settings.device, layout)
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
      case .large: translateLarge(source.job, writer, &times, report)
      case .pages:
        writer.finish().forEach(report)
        do throws(FileError) {
          let isDone = try translatePages(
            source.job, &times, shouldStop: shouldStop, report: report)
          if isDone { report(.written(source.job)) }
        } catch {
          writer.fail(source.job, "\(error.reason)")
        }
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

  /// An image that did not fit as a whole or could not wait when it was looked at. Its result is written before the
  /// next image is begun.
  private func translateLarge(
    _ job: TranslationJob, _ writer: ResultWriter, _ times: inout TranslationTimes,
    _ report: (TranslationEvent) -> Void
  ) {
    writer.finish().forEach(report)
    do throws(FileError) {
      writer.write(try translateAlone(job, &times, report), job)
    } catch {
      writer.fail(job, "\(error.reason)")
    }
    writer.finish().forEach(report)
  }

  /// The result of an image whose turn it is; now the way is chosen.
  ///
  /// - Parameter report: called with notices and progress.
  func translateAlone(
    _ job: TranslationJob, _ times: inout TranslationTimes, _ report: (TranslationEvent) -> Void
  ) throws(FileError) -> ImageFile {
    func failure(_ reason: String) -> FileError {
      FileError(path: job.input.relativePath, reason: reason)
    }
    let size = try Source.size(try Source.layout(of: job, settings), of: job, settings)
    let memory = memory.measured()
    var result: ImageFile?
    switch memory.way(height: size.height, width: size.width, tiled) {
    case .whole:
      let file = try Source.read(job, settings, networkNeeds)
      for remark in file.remarks { report(.notice(job, "\(remark)")) }
      result = translated([file], &times)[0]
    case .tiles(let plan, let wholeBytes):
      report(.notice(job, memory.words(for: plan, wholeBytes: wholeBytes, size, tiled)))
      let start = ContinuousClock.now
      defer { times.network += ContinuousClock.now - start }
      result = try translateInTiles(
        plan, progress: { report(.progress(job, $0)) },
        opening: { () throws(FileError) in try TileSource(job, settings, networkNeeds) })
      for remark in result?.remarks ?? [] { report(.notice(job, "\(remark)")) }
    case .impossible(let needed): throw failure(memory.refusal(size, needed: needed))
    }
    guard let result else { throw failure(Self.notANumber) }
    return result
  }

  /// This translator, which reads another page of its files.
  func reading(_ place: ImagePlace) -> Translator {
    var other = self
    other.settings.reading.place = place
    return other
  }

  /// What the pixels of a file's result take in a file, at most.
  func resultBytes(of job: TranslationJob) throws(FileError) -> Int {
    let layout = try Source.layout(of: job, settings)
    let size = try Source.size(layout, of: job, settings)
    let channels = model.configuration.outputChannels + layout.channels - layout.colors
    // Floats may have 64 bits, and where the results' values do not fit into the files' type, they are floats of 32.
    let bits = max(layout.bitDepth == 32 ? 64 : 32, model.values.output.sampleType?.bits ?? 0)
    return size.height * size.width * channels * bits / 8
  }

  var tiled: TiledGenerator {
    TiledGenerator(generator, inputChannels: model.configuration.inputChannels)
  }

  var networkNeeds: NetworkInput {
    NetworkInput(channels: model.configuration.inputChannels, range: model.values.input.range)
  }

  var memory: TranslationMemory {
    TranslationMemory(
      model.configuration, tiled, side: settings.tile, device: settings.device)
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
    let results = translated(batch.compactMap(\.file), &times)
    for (source, result) in zip(batch, results) {
      if let result {
        writer.write(result, source.job)
      } else {
        writer.fail(source.job, Self.notANumber)
      }
    }
  }

  /// Files of one size, which go through the network together; nil where the output is not a number.
  private func translated(
    _ files: [ImageFile], _ times: inout TranslationTimes
  ) -> [ImageFile?] {
    let inputs = files.map { networkInput($0.image) }
    let start = ContinuousClock.now
    let output = output(for: inputs)
    times.network += ContinuousClock.now - start
    return files.enumerated().map { index, file in
      guard let image = image(in: output, at: index, for: file) else { return nil }
      let type = model.values.result(of: file).type
      return result(of: file, file.image.alpha.map(image.addingAlpha) ?? image, type)
    }
  }

  /// One image of a batch that the network made, with the values of a result; nil where it is not a number, which
  /// must not spoil the others of its batch.
  func image(in output: Tensor, at index: Int, for file: ImageFile) -> Image? {
    let own = output.narrowed(axis: 0, index..<(index + 1))
    guard own.sum().item.isFinite else { return nil }
    let (type, range) = model.values.result(of: file)
    return own.images(bitDepth: type.bitDepth, range: range)[0]
  }

  /// What is written for a file.
  ///
  /// - Parameters:
  ///   - image: with the file's alpha.
  ///   - type: of the image's samples.
  func result(of file: ImageFile, _ image: Image, _ type: SampleType) -> ImageFile {
    var result = file
    result.image = image
    // Whole types keep their units in files of 8 or 16 bits as well, whatever part of them is used.
    if let whole = type.range, type.kind == .unsigned { result.image.range = whole }
    if result.tiff != nil || type != SampleType(ofDepth: type.bitDepth) {
      result.storeInTIFF(as: type)
    }
    return result
  }

  /// The generator's output for images of one size, at that size: `[batch, channel, height, width]`,
  /// float32, on the device.
  ///
  /// The images are padded by reflection on the right and at the bottom to what the network needs, and
  /// the padding is cut off again.
  package func output(for images: [Image]) -> Tensor {
    let (height, width) = (images[0].height, images[0].width)
    let input = Tensor(images: images.map(padded), on: settings.device, layout)
    return withoutGradients {
      withBFloat16Autocast(
        usesBFloat16(bitDepth: images[0].bitDepth), on: settings.device
      ) {
        generator(input, .inference)
      }.narrowed(axis: 2, 0..<height).narrowed(axis: 3, 0..<width).converted(to: .float32)
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
