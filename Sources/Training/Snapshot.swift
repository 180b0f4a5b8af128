import Files
import Foundation
import Torch

/// One saved state of a run: the networks, and what training needs beside them.
package struct Snapshot {
  package let url: URL

  package init(url: URL) { self.url = url }

  private static let trainingTensors = "training.safetensors"
  private static let progressFile = "training.json"

  package static func networkFile(_ name: String) -> String { "net_\(name).safetensors" }

  /// Writes a snapshot under a temporary name and renames it, then lets `latest` point to it. Whatever
  /// fails leaves the snapshots before it as they are.
  static func save(
    _ trainer: any Trainer, _ progress: TrainingProgress, named name: String,
    in folder: RunFolder
  ) throws(FileError) -> Snapshot {
    let snapshot = Snapshot(url: folder.snapshots.appendingPathComponent(name))
    let temporary = folder.snapshots.appendingPathComponent(".\(name)-\(UUID().uuidString)")
    do throws(FileError) {
      try create(temporary)
      for (name, network) in trainer.networks {
        try SafeTensors(network.stateDict, metadata: trainer.metadata(ofNetwork: name))
          .write(to: temporary.appendingPathComponent(networkFile(name)))
      }
      try SafeTensors(trainer.trainingState)
        .write(to: temporary.appendingPathComponent(trainingTensors))
      try writeJSON(progress, to: temporary.appendingPathComponent(progressFile))
      try snapshot.replace(with: temporary)
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      throw error
    }
    try folder.pointLatest(to: snapshot.url)
    return snapshot
  }

  private static func create(_ folder: URL) throws(FileError) {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError(path: folder.relativePath, cause: error)
    }
  }

  /// A snapshot of the same name is there when a run has gone back to an earlier one.
  private func replace(with temporary: URL) throws(FileError) {
    do {
      if FileManager.default.fileExists(atPath: url.path) {
        let old = url.deletingLastPathComponent()
          .appendingPathComponent(".old-\(UUID().uuidString)")
        try FileManager.default.moveItem(at: url, to: old)
        try FileManager.default.moveItem(at: temporary, to: url)
        try FileManager.default.removeItem(at: old)
      } else {
        try FileManager.default.moveItem(at: temporary, to: url)
      }
    } catch {
      throw FileError(path: url.relativePath, cause: error)
    }
  }

  /// Puts everything back into a trainer of the same configuration and says where the run stood.
  ///
  /// Throws `FileError` or `StateDictMismatch`.
  @discardableResult
  package func restore(into trainer: any Trainer) throws -> TrainingProgress {
    for (name, network) in trainer.networks {
      let file = url.appendingPathComponent(Self.networkFile(name))
      try network.load(SafeTensors.read(from: file).byName, from: file.relativePath)
    }
    let tensors = url.appendingPathComponent(Self.trainingTensors)
    try trainer.restoreTrainingState(SafeTensors.read(from: tensors), from: tensors.relativePath)
    let progress = try readProgress()
    trainer.stepCount = progress.step
    return progress
  }

  package func readProgress() throws(FileError) -> TrainingProgress {
    let file = url.appendingPathComponent(Self.progressFile)
    do {
      let progress = try JSONDecoder().decode(
        TrainingProgress.self, from: Data(contentsOf: file))
      guard progress.formatVersion == TrainingProgress.currentFormatVersion else {
        throw FileError(
          path: file.relativePath,
          reason: "format version \(progress.formatVersion) is not "
            + "\(TrainingProgress.currentFormatVersion), the one this program reads")
      }
      let counters = [
        progress.position, progress.step, progress.images, progress.stepsInEpoch,
      ]
      // Far more than any run takes, and far enough from overflow.
      let possible = 0...(1 << 48)
      guard progress.epoch >= 1, possible.contains(progress.epoch),
        counters.allSatisfy(possible.contains)
      else {
        throw FileError(path: file.relativePath, reason: "its counters make no sense")
      }
      return progress
    } catch let error as FileError {
      throw error
    } catch let error as DecodingError {
      throw FileError(path: file.relativePath, reason: "the file is damaged: \(error.shortReason)")
    } catch {
      throw FileError(path: file.relativePath, cause: error)
    }
  }
}

/// The tensors with a prefix and a dot in front of their names.
package func prefixed(
  _ prefix: String, _ tensors: [(name: String, tensor: Tensor)]
) -> [(name: String, tensor: Tensor)] {
  tensors.map { ("\(prefix).\($0.name)", $0.tensor) }
}

extension SafeTensors {
  /// The tensors that `prefixed` named, under their own names.
  package func part(_ prefix: String) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: byName.filter { $0.key.hasPrefix(prefix + ".") }
        .map { (String($0.key.dropFirst(prefix.count + 1)), $0.value) })
  }
}

extension Trainer {
  /// Loads whichever of the networks' files a `WeightsFolder` holds; the other networks keep their fresh
  /// weights.
  ///
  /// Throws `FileError` where the folder holds none of them or one cannot be read, and `StateDictMismatch`
  /// where one does not fit.
  package func loadInitialWeights(from folder: URL) throws {
    var loaded: [String] = []
    for (name, network) in networks {
      guard let file = WeightsFolder(folder).initialFile(of: name) else { continue }
      let saved = try WeightsFile.read(from: file, networks: [name])
      try network.load(saved.byName, from: file.relativePath)
      loaded.append(name)
    }
    guard FileManager.default.fileExists(atPath: folder.path) else {
      throw FileError(path: folder.relativePath, reason: "there is no such run, folder or file")
    }
    if loaded.isEmpty {
      let names = networks.map { "net_\($0.name)" }.joined(separator: ", ")
      throw FileError(
        path: folder.relativePath, reason: "it holds none of \(names) (.safetensors, .pth)")
    }
    initialWeightsWereLoaded(loaded)
  }
}
