import Files
import Foundation
import Torch

/// A generator's weights from a file, with the architecture read off their names and shapes.
///
/// Old files are understood as well: a `module.` in front of every name is taken off, and running
/// statistics without a scale beside them, which PyTorch 0.4 saved for instance norm, are dropped.
package struct GeneratorWeights {
  package let configuration: GeneratorConfiguration
  /// What was changed to make the file fit, one line each.
  package let notices: [String]
  private let tensors: [String: Tensor]
  private let path: String

  /// Throws `FileError` for a file that cannot be read or holds no generator of this project's kinds.
  package init(reading url: URL) throws(FileError) {
    try self.init(SafeTensors.read(from: url), from: url.relativePath)
  }

  /// The same for a file that has been read.
  /// - Parameter path: named in errors.
  package init(_ file: SafeTensors, from path: String) throws(FileError) {
    let (tensors, notices) = Self.understood(file.byName)
    guard let configuration = GeneratorConfiguration(inferredFrom: tensors.mapValues(\.shape))
    else {
      throw FileError(
        path: path,
        reason: "its tensors are not those of a ResNet or U-Net generator")
    }
    self.configuration = configuration
    self.notices = notices
    self.tensors = tensors
    self.path = path
  }

  /// The configuration of the generator that a file with tensors of these shapes holds, old files
  /// included; `nil` if it holds none.
  package static func configuration(of shapes: [String: [Int]]) -> GeneratorConfiguration? {
    GeneratorConfiguration(inferredFrom: understood(shapes).tensors)
  }

  /// What a file holds for each tensor, under the names and without the statistics that old files have.
  private static func understood<Value>(
    _ file: [String: Value]
  ) -> (tensors: [String: Value], notices: [String]) {
    var notices: [String] = []
    var tensors = file
    if !tensors.isEmpty && tensors.keys.allSatisfy({ $0.hasPrefix("module.") }) {
      tensors = Dictionary(
        uniqueKeysWithValues: tensors.map { (String($0.key.dropFirst("module.".count)), $0.value) })
      notices.append("took 'module.' off the names of the tensors")
    }
    let stale = tensors.keys.filter { isLegacyStatistic($0, in: tensors) }
    if !stale.isEmpty {
      for name in stale { tensors[name] = nil }
      notices.append("ignored the running statistics of instance norm, which never uses them")
    }
    return (tensors, notices)
  }

  private static func isLegacyStatistic<Value>(
    _ name: String, in tensors: [String: Value]
  ) -> Bool {
    for ending in ["running_mean", "running_var", "num_batches_tracked"] {
      guard name.hasSuffix("." + ending) else { continue }
      return tensors[name.dropLast(ending.count) + "weight"] == nil
    }
    return false
  }

  /// The network with the weights in it. Throws `StateDictMismatch` with every difference.
  package func makeGenerator() throws(StateDictMismatch) -> any Module {
    let generator = configuration.makeGenerator()
    try generator.load(tensors, from: path)
    return generator
  }
}
