import Files
import Foundation
import Imaging
import Models
import Torch
import Training

/// Which way a run translates.
package enum TranslationDirection: String, Sendable, CaseIterable {
  case aToB = "a-to-b"
  case bToA = "b-to-a"

  /// The reference's name of the generator that goes this way.
  package var generatorName: String { self == .aToB ? "G_A" : "G_B" }

  /// The networks that can go this way, the right one first: the reference calls a model's only one G.
  package var networks: [String] { [generatorName, "G"] }
}

/// A trained generator, found in a run's folder, in one of its snapshots or in a weights file.
package struct TranslationModel {
  package let file: URL
  package let configuration: GeneratorConfiguration
  /// What the user should know about the choice of the file, one line each, and what is wrong with it.
  package let notices: [String]
  package let warnings: [String]
  package let generator: any Module
  /// The values of the files that it was trained on.
  package var values: GeneratorValues

  /// - Parameters:
  ///   - path: a run's folder, a snapshot's folder, or a weights file.
  ///   - direction: which of the two generators of a run or snapshot; a weights file has only one, and so have
  ///     the reference's pretrained models.
  ///   - epoch: of a run, whose snapshot is taken; `nil` takes the best by validation, else the latest.
  ///   - averaged: the averaged weights of a run or snapshot, where it has some, instead of the last step's.
  ///
  /// Throws `FileError` where there is no such file, it is no generator or one for more channels than images have,
  /// `StateDictMismatch` where its tensors are not all there.
  package init(
    at path: URL, direction: TranslationDirection, epoch: WeightsFolder.Epoch? = nil,
    averaged: Bool = true
  ) throws {
    let plain = try Self.weightsFile(at: path, direction: direction, epoch: epoch)
    var (average, choice, warning): (URL?, String?, String?) = (nil, nil, nil)
    if FileKind(of: path) == .file {
      if !averaged {
        choice = "this one file is used; averaged weights are chosen only within a run"
      }
    } else if averaged {
      (average, warning) = try WeightsFolder(path).average(of: direction.generatorName, at: epoch)
    }
    file = average ?? plain
    let weights = try GeneratorWeights(
      reading: file, networks: direction.networks)
    configuration = weights.configuration
    let channels = [configuration.inputChannels, configuration.outputChannels]
    guard channels.allSatisfy({ $0 <= Image.mostChannels }) else {
      throw FileError(
        path: file.relativePath,
        reason:
          "it makes \(channels[1]) channels of \(channels[0]); images have at most \(Image.mostChannels)"
      )
    }
    notices = (choice.map { [$0] } ?? []) + weights.notices
    warnings = warning.map { [$0] } ?? []
    values = GeneratorValues(metadata: weights.metadata)
    generator = try weights.makeGenerator()
  }

  /// The weights file that a path stands for. Throws `FileError` if there is none.
  package static func weightsFile(
    at path: URL, direction: TranslationDirection, epoch: WeightsFolder.Epoch? = nil
  ) throws(FileError) -> URL {
    guard let kind = FileKind(of: path) else {
      throw FileError(
        path: path.relativePath, reason: "there is no such run, snapshot or weights file")
    }
    guard kind == .folder else { return path }
    let folder = WeightsFolder(path)
    for network in direction.networks {
      if let file = folder.file(of: network, at: epoch) { return file }
    }
    let name = "net_\(direction.generatorName) (.safetensors, .pth)"
    let reason =
      switch epoch ?? folder.usualEpoch {
      case .best: "no snapshot in it is the best by validation"
      case .latest: "there is no snapshot in it, nor \(name)"
      case .number(let number):
        "there is no snapshot of epoch \(number) in it, nor \(number)_\(name)"
      }
    throw FileError(path: path.relativePath, reason: reason)
  }
}
