import Files
import Foundation
import Torch
import Wording

/// One saved state of a run: the networks, and what training needs beside them.
package struct Snapshot {
  package let url: URL

  package init(url: URL) { self.url = url }

  private static let trainingTensors = "training.safetensors"
  private static let progressFile = "training.json"

  /// What a network's file says of its snapshot: files of several can be told apart.
  package static let stepKey = "step"

  package static func networkFile(_ name: String) -> String { "net_\(name).safetensors" }

  /// Whether a folder's name is one that a snapshot gets: see `name(afterEpoch:)` and `name(atStep:)`.
  static func isName(_ name: String) -> Bool { name.wholeMatch(of: /(epoch|step)-\d+/) != nil }

  /// `epoch-0005`, after the fifth epoch.
  static func name(afterEpoch number: Int) -> String { "epoch-" + padded(number, to: 4) }

  /// `step-0001234`, inside an epoch.
  static func name(atStep step: Int) -> String { "step-" + padded(step, to: 7) }

  /// Whether all that is in the folder is of a snapshot, whole or not.
  var holdsNothingElse: Bool {
    let names = try? FileManager.default.contentsOfDirectory(atPath: url.path)
    return names?.allSatisfy { $0.hasPrefix("net_") || $0.hasPrefix("training.") } == true
  }

  /// Writes a snapshot under a temporary name and renames it, then lets `latest` point to it. Whatever
  /// fails leaves the snapshots before it as they are.
  ///
  /// Throws `FileError`, and `NotFinite` for a state from which training could not go on.
  static func save(
    _ trainer: any Trainer, _ progress: TrainingProgress, named name: String,
    in folder: RunFolder
  ) throws -> Snapshot {
    let trainingState = trainer.trainingState
    try checkFinite(trainer.networks, trainingState)
    let snapshot = Snapshot(url: folder.snapshots.appendingPathComponent(name))
    let temporary = folder.snapshots.appendingPathComponent(TemporaryName.name(for: name))
    do throws(FileError) {
      // Not above them: a run's folder that is gone is not made anew.
      try makeFolder(at: folder.snapshots, makingParents: false)
      try makeFolder(at: temporary, makingParents: false)
      for (name, network) in trainer.networks {
        let metadata = trainer.metadata(ofNetwork: name)
          .merging([stepKey: "\(progress.step)"]) { own, _ in own }
        try SafeTensors(network.stateDict, metadata: metadata)
          .write(to: temporary.appendingPathComponent(networkFile(name)))
      }
      try SafeTensors(trainingState, metadata: identity(of: progress))
        .write(to: temporary.appendingPathComponent(trainingTensors))
      try writeJSON(progress, to: temporary.appendingPathComponent(progressFile))
      try snapshot.replace(with: temporary, in: folder)
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      throw error
    }
    try folder.point(folder.latest, to: snapshot.url)
    return snapshot
  }

  /// A state that holds an infinity or something that is not a number.
  struct NotFinite: Error {
    let what: String
  }

  private static func checkFinite(
    _ networks: [(name: String, network: any Module)], _ state: [(name: String, tensor: Tensor)]
  ) throws(NotFinite) {
    for (name, network) in networks where !Tensor.areFinite(network.stateDict.map(\.tensor)) {
      throw NotFinite(what: "a weight of \(name) is not a finite number")
    }
    guard Tensor.areFinite(state.map(\.tensor)) else {
      throw NotFinite(what: "the optimizers' state is not finite")
    }
  }

  /// A snapshot of the same name is there when a run has gone back to an earlier one.
  private func replace(with temporary: URL, in folder: RunFolder) throws(FileError) {
    guard FileManager.default.fileExists(atPath: url.path) else {
      return try rename(temporary, to: url)
    }
    let old = folder.temporaryName(ofReplaced: url.lastPathComponent)
    try rename(url, to: old)
    do throws(FileError) { try rename(temporary, to: url) } catch {
      try? rename(old, to: url)
      throw error
    }
    try? FileManager.default.removeItem(at: old)
  }

  /// Removes the snapshot; what is left of it after a power cut is not taken for one.
  func remove() {
    let gone = url.deletingLastPathComponent()
      .appendingPathComponent(TemporaryName.name(for: url.lastPathComponent))
    guard (try? rename(url, to: gone)) != nil else { return }
    try? FileManager.default.removeItem(at: gone)
  }

  /// Puts everything back into a trainer of the same configuration and says where the run stood.
  ///
  /// Throws `FileError` or `StateDictMismatch`.
  @discardableResult
  package func restore(into trainer: any Trainer) throws -> TrainingProgress {
    let progress = try readProgress()
    for (name, network) in trainer.networks {
      let file = url.appendingPathComponent(Self.networkFile(name))
      let path = file.relativePath
      let saved = try WeightsFile(file)
      // Older programs did not store it.
      if let step = saved.metadata[Self.stepKey], step != "\(progress.step)" {
        throw FileError(
          path: path,
          reason: "it was saved after step \(step), \(Self.progressFile) beside it after step "
            + "\(progress.step): the files belong to different snapshots")
      }
      try trainer.check(saved.metadata, ofNetwork: name, path: path)
      try network.load(saved)
    }
    let tensors = url.appendingPathComponent(Self.trainingTensors)
    try trainer.restoreTrainingState(SafeTensors.read(from: tensors), from: tensors.relativePath)
    trainer.stepCount = progress.step
    return progress
  }

  /// Where the run stood. Throws `FileError` for a file that cannot be, and for one that is not of this snapshot.
  package func readProgress() throws(FileError) -> TrainingProgress {
    let file = url.appendingPathComponent(Self.progressFile)
    let progress: TrainingProgress
    do {
      progress = try JSONDecoder().decode(TrainingProgress.self, from: Data(contentsOf: file))
    } catch let error as DecodingError {
      throw FileError(path: file.relativePath, reason: "the file is damaged: \(error.shortReason)")
    } catch {
      throw FileError(path: file.relativePath, cause: error)
    }
    guard progress.formatVersion == TrainingProgress.currentFormatVersion else {
      throw FileError(
        path: file.relativePath,
        reason: "format version \(progress.formatVersion) is not "
          + "\(TrainingProgress.currentFormatVersion), the one this program reads")
    }
    if let fault = progress.fault {
      throw FileError(path: file.relativePath, reason: "its counters make no sense: \(fault)")
    }
    let tensors = url.appendingPathComponent(Self.trainingTensors)
    let stored = try SafeTensors.list(tensors).metadata
    for (name, value) in Self.identity(of: progress) {
      // Older programs did not store it.
      guard let other = stored[name], other != value else { continue }
      throw FileError(
        path: file.relativePath,
        reason:
          "its \(name) is \(value), that of \(Self.trainingTensors) beside it is \(other): the files "
          + "belong to different snapshots")
    }
    return progress
  }

  /// What the tensors' file says of the snapshot it belongs to.
  private static func identity(of progress: TrainingProgress) -> [String: String] {
    var identity = [
      "step": "\(progress.step)", "epoch": "\(progress.epoch)", "seed": "\(progress.seed)",
    ]
    identity["configuration"] = progress.fingerprint
    return identity
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
