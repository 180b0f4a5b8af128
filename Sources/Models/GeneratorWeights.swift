import Files
import Foundation
import Torch

/// A generator's weights from a file, with the architecture read off their names and shapes.
package struct GeneratorWeights {
  package let configuration: GeneratorConfiguration
  /// What was changed to make the file fit, one line each.
  package let notices: [String]
  private let tensors: [String: Tensor]
  private let path: String

  /// - Parameter networks: whose weights are wanted of a file with several, such as "G_A".
  /// Throws `FileError` for a file that cannot be read or holds no generator of this project's kinds.
  package init(reading url: URL, networks: [String] = []) throws(FileError) {
    let file = try WeightsFile.read(from: url, networks: networks)
    tensors = file.byName
    path = url.relativePath
    notices = file.notices
    let found = try GeneratorConfiguration.found(
      in: tensors.mapValues(\.shape), file.metadata, path: path)
    guard let configuration = found else {
      let names = Set(tensors.keys)
      throw FileError(
        path: path,
        reason: ForeignNetwork.words(for: names)
          ?? "its tensors are not those of a ResNet or U-Net generator")
    }
    self.configuration = configuration
  }

  /// The network with the weights in it. Throws `StateDictMismatch` with every difference.
  package func makeGenerator() throws(StateDictMismatch) -> any Module {
    let generator = configuration.makeGenerator()
    try generator.load(tensors, from: path)
    return generator
  }
}
