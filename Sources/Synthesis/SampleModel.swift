import Files
import Foundation
import Models
import Torch
import Training

/// A trained generator of samples, found in a run's folder, in one of its snapshots or in a weights file.
package struct SampleModel {
  package let file: URL
  package let configuration: SampleModelConfiguration
  package let latentDistribution: LatentDistribution
  /// What the user should know about the choice of the file, one line each.
  package let notices: [String]
  package let generator: any Module

  /// - Parameters:
  ///   - path: a run's folder, whose latest snapshot is taken; a snapshot's folder; or a weights file.
  ///   - averaged: the averaged weights of a run or snapshot instead of the last step's.
  ///
  /// Throws `FileError` where there is no such file or it is no generator of samples, `StateDictMismatch`
  /// where its tensors are not all there.
  package init(at path: URL, averaged: Bool) throws {
    let (file, choice) = try Self.weightsFile(at: path, averaged: averaged)
    let saved = try WeightsFile(file, networks: ["G", "G_ema"])
    let condition = try SampleCondition.found(in: saved.metadata, path: file.relativePath)
    guard saved.metadata["network"] != "discriminator",
      let configuration = SampleModelConfiguration(
        inferredFrom: saved.shapes, condition: condition)
    else {
      throw FileError(
        path: file.relativePath,
        reason: "its tensors are not those of a DCGAN's or fully connected generator")
    }
    try configuration.checkLimits(of: saved)
    self.file = file
    notices = choice + saved.notices
    self.configuration = configuration
    latentDistribution =
      saved.metadata["latent_distribution"].flatMap(LatentDistribution.init) ?? .normal
    generator = configuration.makeGenerator()
    try generator.load(saved)
  }

  private static func weightsFile(
    at path: URL, averaged: Bool
  ) throws(FileError) -> (URL, [String]) {
    guard let kind = FileKind(of: path) else {
      throw FileError(
        path: path.relativePath, reason: "there is no such run, snapshot or weights file")
    }
    guard kind == .folder else {
      return (
        path,
        averaged ? [] : ["this one file is used; averaged weights are chosen only within a run"]
      )
    }
    let weights = WeightsFolder(path)
    if averaged, let file = weights.file(of: "G_ema") { return (file, []) }
    if let file = weights.file(of: "G") {
      return (file, averaged ? ["there are no averaged weights; taking the last step's"] : [])
    }
    throw FileError(
      path: path.relativePath,
      reason: "there is no snapshot of a DCGAN or GAN in it, nor net_G (.safetensors, .pth)")
  }
}
