import Files
import Foundation
import Models
import Synthesis
import Torch
import Training

/// What a model is, as far as it decides which commands take it.
enum ModelKind {
  case translator, dcgan, gan, autoencoder

  var words: String {
    switch self {
    case .translator: "a CycleGAN"
    case .dcgan: "a DCGAN"
    case .gan: "a fully connected GAN"
    case .autoencoder: "an autoencoder"
    }
  }

  /// The one that is used most.
  var command: String {
    switch self {
    case .translator: "translate"
    case .dcgan: "dcgan generate"
    case .gan: "gan generate"
    case .autoencoder: "autoencoder reconstruct"
    }
  }

  /// What a run, a snapshot or a weights file is: as the run says, or the tensors. Empty where it is not known; what is
  /// wrong with a file is said where it is read.
  static func found(at url: URL) -> [ModelKind] {
    let folder = RunFolder(url)
    let run = try? anyRun(in: folder) { options, _ in try options.kind(of: folder) }
    if let run { return [run] }
    let files = FileKind(of: url) == .file ? [url] : WeightsFolder(url).newestFiles
    return files.flatMap(kinds)
  }

  /// Of all networks in a file.
  private static func kinds(in file: URL) -> [ModelKind] {
    let names = (try? WeightsFile.networks(in: file)) ?? []
    let choices = names.isEmpty ? [[]] : names.map { [$0] }
    return choices.compactMap { try? WeightsFile(file, networks: $0) }.compactMap(kind)
  }

  private static func kind(of weights: WeightsFile) -> ModelKind? {
    let shapes = weights.shapes
    if GeneratorConfiguration(inferredFrom: shapes) != nil { return .translator }
    if !weights.saysDiscriminator, AutoencoderConfiguration(inferredFrom: shapes) != nil {
      return .autoencoder
    }
    if weights.saysDiscriminator || SampleModelConfiguration(inferredFrom: shapes) != nil {
      return shapes.values.contains { $0.count == 4 } ? .dcgan : .gan
    }
    return DiscriminatorConfiguration.summary(of: shapes) == nil ? nil : .translator
  }
}

extension RunOptions {
  /// Throws where the run is of another kind.
  fileprivate static func kind(of folder: RunFolder) throws -> ModelKind {
    let stored = try Request.Configuration.read(from: folder.configuration)
    switch stored {
    case let gan as GANConfiguration: return gan.model == .dcgan ? .dcgan : .gan
    case is AutoencoderRunConfiguration: return .autoencoder
    default: return .translator
    }
  }
}
