import Datasets
import Files
import Foundation
import Imaging
import Models
import Torch
import Training

/// The discriminator of an acgan or sgan, which names the classes of images.
package struct SampleClassifier {
  package let file: URL
  package let configuration: SampleModelConfiguration
  /// In the order of the probabilities.
  package let classes: [String]
  /// What the user should know about the choice of the file, one line each.
  package let notices: [String]
  private let discriminator: any SampleDiscriminator
  private let kind: SampleCondition.Kind
  private let device: Device

  /// - Parameter path: a run's folder, whose latest snapshot is taken; a snapshot's folder; or a weights file.
  ///
  /// Throws `FileError` where there is no such file or it names no classes, `StateDictMismatch` where its tensors are
  /// not all there.
  package init(at path: URL, device: Device) throws {
    guard let file = WeightsFolder(path).file(of: "D") ?? (FileKind(of: path) == .file ? path : nil)
    else {
      throw FileError(
        path: path.relativePath, reason: "there is no net_D in it, which would name classes")
    }
    let saved = try WeightsFile(file, networks: ["D"])
    let condition = try SampleCondition.found(in: saved.metadata, path: file.relativePath)
    guard saved.saysDiscriminator else {
      throw FileError(
        path: file.relativePath,
        reason:
          "it does not say that it is the discriminator of an acgan or sgan, which name classes")
    }
    guard let condition, condition.kind.classifies else {
      throw FileError(
        path: file.relativePath,
        reason: "its discriminator names no classes: it was trained "
          + (condition.map { "with --condition \($0.kind.rawValue)" } ?? "without --condition")
          + "; acgan and sgan name them")
    }
    guard
      let configuration = SampleModelConfiguration(
        discriminatorInferredFrom: saved.shapes, condition: condition)
    else {
      throw FileError(
        path: file.relativePath,
        reason: "its tensors are not those of a discriminator of \(condition.classes.count) classes"
      )
    }
    try configuration.checkLimits(of: saved)
    self.file = file
    self.configuration = configuration
    self.device = device
    classes = condition.classes
    kind = condition.kind
    notices = saved.notices
    discriminator = configuration.makeDiscriminator()
    try discriminator.load(saved)
    discriminator.move(to: device)
  }

  /// The probability of each class, a softmax of the discriminator's numbers for them.
  ///
  /// Throws `FileError` where the weights lead to numbers that are none.
  /// - Parameter image: prepared for the network's size and channels.
  package func probabilities(of image: Image) throws(FileError) -> [Double] {
    let outputs = try withoutGradients { () throws(FileError) in
      try discriminator.judge(Tensor(images: [image]).moved(to: device), classes: nil, .inference)
        .outputs.moved(to: .cpu).finite(madeBy: file).doubles
    }
    // An acgan's score of being real stands before them.
    return Self.softmax(kind == .acgan ? Array(outputs.dropFirst()) : outputs)
  }

  /// exp(x) / sum exp(x), without overflow.
  static func softmax(_ numbers: [Double]) -> [Double] {
    let largest = numbers.max() ?? 0
    let powers = numbers.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
