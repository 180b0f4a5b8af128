import Foundation
import Torch

extension CycleGANTrainer {
  /// Loads whichever of `net_G_A.safetensors`, `net_G_B`, `net_D_A` and `net_D_B` a folder holds; the
  /// other networks keep their fresh weights.
  ///
  /// Throws `FileError` where the folder holds none of them or one cannot be read, and `StateDictMismatch`
  /// where one does not fit.
  public func loadInitialWeights(from folder: URL) throws {
    var loaded = 0
    for (name, network) in networks {
      let file = folder.appendingPathComponent(Snapshot.networkFile(name))
      guard FileManager.default.fileExists(atPath: file.relativePath) else { continue }
      try network.load(SafeTensors.read(from: file).byName, from: file.relativePath)
      loaded += 1
    }
    if loaded == 0 {
      throw FileError(
        path: folder.relativePath,
        reason: "the folder holds none of net_G_A, net_G_B, net_D_A, net_D_B (.safetensors)")
    }
  }
}
