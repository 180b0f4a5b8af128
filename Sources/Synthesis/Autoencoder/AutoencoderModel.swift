import Files
import Foundation
import Models
import Torch
import Training

/// A trained autoencoder, found in a run's folder, in one of its snapshots or in a weights file.
package struct AutoencoderModel {
  package let file: URL
  package let configuration: AutoencoderConfiguration
  /// Where the images that it was trained on were cut into black and white; `nil` where they were not.
  package let threshold: Double?
  /// What the user should know about the choice of the file, one line each.
  package let notices: [String]
  package let network: Autoencoder

  /// In the names of files.
  static let networkName = "AE"
  /// What the files' metadata say.
  static let networkKind = "autoencoder"
  static let thresholdKey = "threshold"

  /// - Parameter path: a run's folder, whose latest snapshot is taken; a snapshot's folder; or a weights file.
  ///
  /// Throws `FileError` where there is no such file or it is no autoencoder or damaged, `StateDictMismatch` where its
  /// tensors are not all there.
  package init(at path: URL) throws {
    file = try Self.weightsFile(at: path)
    let saved = try WeightsFile(file, networks: [Self.networkName])
    guard Self.mayHold(saved),
      let configuration = AutoencoderConfiguration(inferredFrom: saved.shapes)
    else {
      throw FileError(
        path: file.relativePath, reason: "its tensors are not those of an autoencoder")
    }
    try configuration.checkLimits(of: saved)
    self.configuration = configuration
    threshold = try Self.threshold(in: saved)
    notices = saved.notices
    network = configuration.makeNetwork()
    try network.load(saved)
  }

  /// Whether a file does not say that its network is another: an autoencoder that judges images has the same layers.
  static func mayHold(_ saved: WeightsFile) -> Bool {
    saved.metadata["network"] ?? networkKind == networkKind
  }

  /// Throws `FileError` for one that cannot be.
  private static func threshold(in saved: WeightsFile) throws(FileError) -> Double? {
    guard let text = saved.metadata[thresholdKey] else { return nil }
    guard let threshold = Double(text), (0...1).contains(threshold) else {
      throw FileError(
        path: saved.url.relativePath,
        reason: "its \(thresholdKey) '\(text.prefix(40))' is no number from 0 to 1")
    }
    return threshold
  }

  private static func weightsFile(at path: URL) throws(FileError) -> URL {
    guard let kind = FileKind(of: path) else {
      throw FileError(
        path: path.relativePath, reason: "there is no such run, snapshot or weights file")
    }
    guard kind == .folder else { return path }
    if let file = WeightsFolder(path).file(of: networkName) { return file }
    throw FileError(
      path: path.relativePath,
      reason:
        "there is no snapshot of an autoencoder in it, nor net_\(networkName) (.safetensors, .pth)")
  }

  /// Moves the network to a device.
  package func pairs(on device: Device) -> AutoencoderPairs {
    network.move(to: device)
    return AutoencoderPairs(network, threshold: threshold, device: device)
  }

  /// Moves the network to a device. Codes are drawn from N(0, 1), which a variational autoencoder's are made to fit.
  package func sampler(on device: Device) -> Sampler {
    network.move(to: device)
    return Sampler(
      network.decoder, latent: configuration.code, distribution: .normal, device: device)
  }
}
