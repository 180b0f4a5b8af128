import Files
import Foundation
import Imaging
import Machine
import Models
import Torch
import Training
import Translation
import Wording

/// What a run, a snapshot or a weights file holds.
package struct ModelInspection: Encodable, Sendable {
  /// One network's weights.
  package struct Network: Encodable, Sendable {
    package let file: String
    /// What it is called in a file that holds several.
    package let name: String?
    /// Such as "ResNet generator, 9 blocks, 64 filters, instance norm, 3 to 3 channels".
    package let description: String
    /// `nil` for a discriminator.
    package let generator: GeneratorConfiguration?
    package let sizeMultiple: Int?
    /// What computes a translator's convolutions of 256x256 images on this machine's CPU.
    package let convolutions: String?
    /// The files that a translator takes and makes, as far as its weights say; `nil` for other networks.
    package let input: FileValues?
    package let output: FileValues?
    /// Of a generator of samples; `nil` for other networks.
    package let samples: SampleModelConfiguration?
    /// Of an autoencoder; `nil` for other networks.
    package let autoencoder: AutoencoderConfiguration?
    package let tensors: Int
    /// Learned values; running statistics are not counted.
    package let parameters: Int
  }

  /// Of a run's folder; `nil` for a snapshot and a weights file alone.
  let run: RunInspection?

  /// What files hold.
  package struct FileValues: Encodable, Sendable, Equatable {
    package let channels: Int
    /// `nil` where it is not known or not the same in all files.
    package let samples: SampleType?
    /// Black and white; `nil` for the ends of the samples' type.
    package let range: ValueRange?

    init(_ channels: Int, _ values: DomainValues) {
      self.channels = channels
      (samples, range) = (values.sampleType, values.range)
    }

    /// "1 channel of signed16, -1024..3071 from black to white"
    var words: String {
      let type = samples.map { " of \($0.text)" } ?? ""
      let ends = range.map { ", \($0.text) from black to white" } ?? ""
      return counted(channels, "channel") + type + ends
    }

    /// Whether it tells more than a number of channels.
    var isKnown: Bool { samples != nil || range != nil }
  }

  /// What was trained on.
  package struct Domains: Encodable, Sendable, Equatable {
    package let a: FileValues
    package let b: FileValues

    private enum CodingKeys: String, CodingKey {
      case a = "A"
      case b = "B"
    }

    init(_ configuration: CycleGANConfiguration) {
      let (networks, data) = (configuration.networks, configuration.data)
      a = FileValues(
        networks.channelsA, DomainValues(range: data.rangeA, sampleType: data.samplesA))
      b = FileValues(
        networks.channelsB, DomainValues(range: data.rangeB, sampleType: data.samplesB))
    }
  }

  /// Of a translator's run; `nil` for others, snapshots and weights files.
  package let domains: Domains?
  /// The epoch and step of a snapshot; `nil` for a weights file alone.
  package let epoch: Int?
  package let step: Int?
  package let networks: [Network]
  /// CPU threads that a command takes here unless it is told otherwise; its limits are those of `availableCores`.
  package let threads = availableCores()
  /// What `--device auto` takes instead; `nil` without a GPU that can be used.
  package let gpu: GPUDescription?
  /// Why a libtorch for CUDA finds none; `nil` where it does, and for other libtorches.
  package let gpuObstacle: String?
  /// Of the same networks, from other epochs: the reference keeps them in one folder. `nil` if there are none.
  package let olderFiles: Int?

  /// Throws `FileError` where there is nothing to inspect or a file is damaged.
  package init(of path: URL) throws(FileError) {
    let facts = CUDAFacts.found()
    gpu = GPUDescription(of: .cuda(index: 0), facts)
    gpuObstacle = facts.isInBuild ? facts.obstacle(toDevice: 0) : nil
    guard let kind = FileKind(of: path) else {
      throw FileError(
        path: path.relativePath, reason: "there is no such run, snapshot or weights file")
    }
    guard kind == .folder else {
      networks = try Self.networks(path)
      (epoch, step, olderFiles, run, domains) = (nil, nil, nil, nil, nil)
      return
    }
    let folder = WeightsFolder(path)
    var found: [Network] = []
    for file in folder.newestFiles { found += try Self.networks(file) }
    guard !found.isEmpty else {
      throw FileError(path: path.relativePath, reason: "there is no snapshot in it, nor weights")
    }
    networks = found
    olderFiles = folder.olderFileCount == 0 ? nil : folder.olderFileCount
    let runFolder = RunFolder(path)
    run = try? RunInspection(of: runFolder)
    domains = (try? CycleGANConfiguration.read(from: runFolder.configuration)).map(Domains.init)
    let progress = try? (runFolder.latestSnapshot ?? Snapshot(url: path)).readProgress()
    (epoch, step) = (progress?.epoch, progress?.step)
  }

  /// All networks in a file.
  private static func networks(_ file: URL) throws(FileError) -> [Network] {
    let names = try WeightsFile.networks(in: file)
    if names.isEmpty { return [try network(try WeightsFile(file), name: nil)] }
    var found: [Network] = []
    for name in names {
      found.append(try network(try WeightsFile(file, networks: [name]), name: name))
    }
    return found
  }

  /// Says what describes the tensors, whatever the size of the weights.
  private static func network(
    _ weights: WeightsFile, name: String?
  ) throws(FileError) -> Network {
    let shapes = weights.shapes
    let generator = try GeneratorConfiguration.found(
      in: shapes, weights.metadata, path: weights.url.relativePath)
    let learned = weights.tensors.filter {
      !$0.name.hasSuffix("running_mean") && !$0.name.hasSuffix("running_var")
        && !$0.name.hasSuffix("num_batches_tracked")
    }
    // An autoencoder's layers could be taken for a generator's.
    let isDiscriminator = weights.saysDiscriminator
    let condition = try SampleCondition.found(
      in: weights.metadata, path: weights.url.relativePath)
    let samples =
      generator == nil && !isDiscriminator
      ? SampleModelConfiguration(inferredFrom: shapes, condition: condition) : nil
    let autoencoder =
      generator == nil && !isDiscriminator ? AutoencoderConfiguration(inferredFrom: shapes) : nil
    let judge =
      isDiscriminator
      ? SampleModelConfiguration.discriminatorSummary(shapes, condition: condition) : nil
    let description =
      generator?.summary ?? samples?.summary ?? autoencoder?.summary
      ?? DiscriminatorConfiguration.summary(of: shapes) ?? judge
    let values = GeneratorValues(metadata: weights.metadata)
    return Network(
      file: weights.url.lastPathComponent, name: name,
      description: description ?? ForeignNetwork.words(for: Set(shapes.keys))
        ?? "an unknown network",
      generator: generator, sizeMultiple: generator?.sizeMultiple,
      convolutions: generator?.convolutions(on: .cpu, side: 256),
      input: generator.map { FileValues($0.inputChannels, values.input) },
      output: generator.map { FileValues($0.outputChannels, values.output) }, samples: samples,
      autoencoder: autoencoder, tensors: weights.tensors.count,
      parameters: learned.reduce(0) { $0 + $1.shape.reduce(1, *) })
  }
}
