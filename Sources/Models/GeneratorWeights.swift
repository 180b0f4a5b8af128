import Files
import Foundation
import Torch

/// A generator's weights from a file, with the architecture read off their names and shapes.
package struct GeneratorWeights {
  package let configuration: GeneratorConfiguration
  /// What was changed to make the file fit, one line each.
  package let notices: [String]
  private let file: WeightsFile
  /// What a safetensors file says of itself.
  package var metadata: [String: String] { file.metadata }

  /// - Parameter networks: whose weights are wanted of a file with several, such as "G_A".
  /// Throws `FileError` for a file that cannot be read or holds no generator of this project's kinds.
  package init(reading url: URL, networks: [String] = []) throws(FileError) {
    do throws(FileError) { file = try WeightsFile(url, networks: networks) } catch {
      throw Self.foreignNetwork(in: url) ?? error
    }
    notices = file.notices
    let shapes = file.shapes
    let found = try GeneratorConfiguration.found(
      in: shapes, file.metadata, path: url.relativePath)
    guard let configuration = found else {
      throw FileError(
        path: url.relativePath,
        reason: Self.words(forOther: shapes)
          ?? "its tensors are not those of a ResNet or U-Net generator")
    }
    if configuration.normalization == .instance, shapes["model.2.weight"] != nil {
      throw FileError(
        path: url.relativePath,
        reason:
          "its instance norms have weights, as the reference's had before 2018; those are not "
          + "supported")
    }
    self.configuration = configuration
  }

  /// What is known of one of several networks in a file, none of which is wanted.
  private static func foreignNetwork(in url: URL) -> FileError? {
    let names = (try? WeightsFile.networks(in: url)) ?? []
    for name in names {
      guard let file = try? WeightsFile(url, networks: [name]) else { continue }
      if let words = ForeignNetwork.words(for: Set(file.shapes.keys)) {
        return FileError(path: url.relativePath, reason: words)
      }
    }
    return nil
  }

  /// What a file is that is no generator of images from images; nil if nothing is known about it.
  private static func words(forOther shapes: [String: [Int]]) -> String? {
    if let discriminator = DiscriminatorConfiguration.summary(of: shapes) {
      return "it is a \(discriminator), not a generator"
    }
    return ForeignNetwork.words(for: Set(shapes.keys))
  }

  /// The network with the weights in it. Throws `StateDictMismatch` with every difference, and `FileError` for
  /// damage within the weights.
  package func makeGenerator() throws -> any Module {
    try file.checkMemory()
    let generator = configuration.makeGenerator()
    try generator.load(file)
    return generator
  }
}
