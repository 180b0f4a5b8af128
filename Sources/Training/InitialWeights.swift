import Files
import Foundation
import Torch

extension Trainer {
  /// Loads whichever of the networks' weights are there; the other networks keep their fresh ones.
  ///
  /// - Parameter url: a run's folder, whose latest snapshot is taken; another folder that `WeightsFolder` reads; or
  ///   one file, of one network or of several.
  /// Throws `FileError` where there are none of them, one cannot be read or nobody knows whose a file is, and
  /// `StateDictMismatch` where one does not fit.
  package func loadInitialWeights(from url: URL) throws {
    // A run's folder stands for its latest snapshot.
    let run = RunFolder(url)
    let source = run.latestSnapshot?.url ?? url
    guard let kind = FileKind(of: source) else {
      throw FileError(path: source.relativePath, reason: "there is no such run, folder or file")
    }
    var files: [(name: String, network: any Module, file: WeightsFile)] = []
    if kind == .folder {
      for (name, network) in networks {
        guard let file = WeightsFolder(source).initialFile(of: name) else { continue }
        files.append((name, network, try WeightsFile(file, networks: [name])))
      }
    } else {
      for name in try networkNames(in: source) {
        guard let network = networks.first(where: { $0.name == name })?.network else { continue }
        files.append((name, network, try WeightsFile(source, networks: [name])))
      }
    }
    guard !files.isEmpty else {
      throw FileError(
        path: source.relativePath,
        reason: "it holds none of \(networks.map { "net_\($0.name)" }.joined(separator: ", ")) "
          + "(.safetensors, .pth)")
    }
    for (name, network, file) in files {
      try check(file.metadata, ofNetwork: name, path: file.url.relativePath)
      try network.load(file)
    }
    initialWeightsWereLoaded(files.map(\.name))
  }

  /// Whose weights a file holds: as the file says, or its name, or what alone its tensors fit.
  private func networkNames(in file: URL) throws -> [String] {
    let inside = try WeightsFile.networks(in: file)
    if !inside.isEmpty {
      return networks.map(\.name).filter { NetworkName.first(of: [$0], among: inside) != nil }
    }
    let folder = WeightsFolder(file)
    if let named = networks.first(where: { folder.initialFile(of: $0.name) != nil }) {
      return [named.name]
    }
    let weights = try WeightsFile(file)
    // An average has the tensors of what it is the average of.
    let own = networks.filter { !$0.name.hasSuffix("_ema") }
    let fitting = own.filter { weights.shapes == $0.network.shapes }.map(\.name)
    if fitting.count > 1 {
      let ending = file.pathExtension.isEmpty ? "pth" : file.pathExtension
      throw FileError(
        path: file.relativePath,
        reason: "its tensors fit \(fitting.joined(separator: " and ")); call it "
          + fitting.map { "net_\($0).\(ending)" }.joined(separator: " or "))
    }
    if let only = fitting.first { return [only] }
    // The differences to what it is most like are told where it is loaded.
    func likeness(_ network: any Module) -> Int {
      network.shapes.count { weights.shapes[$0.key] != nil }
    }
    let nearest = own.max { likeness($0.network) < likeness($1.network) }
    return nearest.map { likeness($0.network) > 0 ? [$0.name] : [] } ?? []
  }
}

extension Module {
  fileprivate var shapes: [String: [Int]] {
    Dictionary(uniqueKeysWithValues: namedParameters().map { ($0.name, $0.value.tensor.shape) })
  }
}
