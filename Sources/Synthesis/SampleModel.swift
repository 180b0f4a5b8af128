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
  /// What the user should know about the choice of the file, one line each, and what is wrong with it.
  package let notices: [String]
  package let warnings: [String]
  package let generator: any Module

  /// - Parameters:
  ///   - path: a run's folder, whose latest snapshot is taken; a snapshot's folder; or a weights file.
  ///   - averaged: the averaged weights of a run or snapshot instead of the last step's.
  ///
  /// Throws `FileError` where there is no such file or it is no generator of samples, `StateDictMismatch`
  /// where its tensors are not all there.
  package init(at path: URL, averaged: Bool) throws {
    let (file, choice, warning) = try Self.weightsFile(at: path, averaged: averaged)
    let saved = try WeightsFile(file, networks: ["G", "G_ema"])
    let condition = try SampleCondition.found(in: saved.metadata, path: file.relativePath)
    guard !saved.saysDiscriminator,
      let configuration = SampleModelConfiguration(
        inferredFrom: saved.shapes, condition: condition)
    else {
      throw FileError(
        path: file.relativePath,
        reason: "its tensors are not those of a DCGAN's or fully connected generator")
    }
    try configuration.checkLimits(of: saved)
    self.file = file
    notices = (choice.map { [$0] } ?? []) + saved.notices
    warnings = warning.map { [$0] } ?? []
    self.configuration = configuration
    latentDistribution =
      saved.metadata["latent_distribution"].flatMap(LatentDistribution.init) ?? .normal
    generator = configuration.makeGenerator()
    try generator.load(saved)
  }

  private static func weightsFile(
    at path: URL, averaged: Bool
  ) throws(FileError) -> (file: URL, notice: String?, warning: String?) {
    guard let kind = FileKind(of: path) else {
      throw FileError(
        path: path.relativePath, reason: "there is no such run, snapshot or weights file")
    }
    guard kind == .folder else {
      return (
        path,
        averaged ? nil : "this one file is used; averaged weights are chosen only within a run", nil
      )
    }
    let weights = WeightsFolder(path)
    let (average, warning) = averaged ? try weights.average(of: "G") : (nil, nil)
    if let average { return (average, nil, nil) }
    if let file = weights.file(of: "G") {
      let isSaid = !averaged || warning != nil
      return (
        file, isSaid ? nil : "there are no averaged weights; taking the last step's", warning
      )
    }
    throw FileError(
      path: path.relativePath,
      reason: "there is no snapshot of a DCGAN or GAN in it, nor net_G (.safetensors, .pth)")
  }
}
