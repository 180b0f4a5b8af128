import Files
import Foundation
import Torch

extension Trainer {
  /// Loads whichever of the networks' files, such as `net_G_A.safetensors`, a folder holds; the other
  /// networks keep their fresh weights.
  ///
  /// Throws `FileError` where the folder holds none of them or one cannot be read, and `StateDictMismatch`
  /// where one does not fit.
  package func loadInitialWeights(from folder: URL) throws {
    var loaded: [String] = []
    for (name, network) in networks {
      let file = folder.appendingPathComponent(Snapshot.networkFile(name))
      guard FileManager.default.fileExists(atPath: file.relativePath) else { continue }
      try network.load(SafeTensors.read(from: file).byName, from: file.relativePath)
      loaded.append(name)
    }
    if loaded.isEmpty {
      let names = networks.map { "net_\($0.name)" }.joined(separator: ", ")
      throw FileError(
        path: folder.relativePath, reason: "the folder holds none of \(names) (.safetensors)")
    }
    initialWeightsWereLoaded(loaded)
  }
}
