import Files
import Foundation
import Models
import Torch
import Training

/// Which way a run translates.
package enum TranslationDirection: String, Sendable, CaseIterable {
  case aToB = "a-to-b"
  case bToA = "b-to-a"

  /// The reference's name of the generator that goes this way.
  var generatorName: String { self == .aToB ? "G_A" : "G_B" }
}

/// A trained generator, found in a run's folder, in one of its snapshots or in a weights file.
package struct TranslationModel {
  package let file: URL
  package let configuration: GeneratorConfiguration
  package let notices: [String]
  let generator: any Module

  /// - Parameters:
  ///   - path: a run's folder, whose latest snapshot is taken; a snapshot's folder; or a weights file.
  ///   - direction: which of the two generators of a run or snapshot; a weights file has only one.
  ///
  /// Throws `FileError` where there is no such file, it is no generator or one for other than gray and
  /// color images, `StateDictMismatch` where its
  /// tensors are not all there.
  package init(at path: URL, direction: TranslationDirection) throws {
    file = try Self.weightsFile(at: path, direction: direction)
    let weights = try GeneratorWeights(
      reading: file, networks: [direction.generatorName, "G"])
    configuration = weights.configuration
    let channels = [configuration.inputChannels, configuration.outputChannels]
    guard channels.allSatisfy({ $0 == 1 || $0 == 3 }) else {
      throw FileError(
        path: file.relativePath,
        reason:
          "it makes \(channels[1]) channels of \(channels[0]); images are translated with 1 "
          + "(gray) or 3")
    }
    notices = weights.notices
    generator = try weights.makeGenerator()
  }

  /// The weights file that a path stands for. Throws `FileError` if there is none.
  package static func weightsFile(
    at path: URL, direction: TranslationDirection
  ) throws(FileError) -> URL {
    guard let kind = FileKind(of: path) else {
      throw FileError(
        path: path.relativePath, reason: "there is no such run, snapshot or weights file")
    }
    guard kind == .folder else { return path }
    let name = Snapshot.networkFile(direction.generatorName)
    let run = RunFolder(path)
    for folder in [run.latest, path] {
      let file = folder.appendingPathComponent(name)
      if FileManager.default.fileExists(atPath: file.path) { return file }
    }
    throw FileError(path: path.relativePath, reason: "there is no snapshot in it, nor \(name)")
  }
}
