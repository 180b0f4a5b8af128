import Foundation
import Torch

/// One saved state of a run: the four networks, and what training needs beside them.
struct Snapshot {
  let url: URL

  private static let trainingTensors = "training.safetensors"
  private static let progressFile = "training.json"

  static func networkFile(_ name: String) -> String { "net_\(name).safetensors" }

  /// Writes a snapshot under a temporary name and renames it, then lets `latest` point to it. Whatever
  /// fails leaves the snapshots before it as they are.
  static func save(
    _ trainer: CycleGANTrainer, _ progress: TrainingProgress, named name: String,
    in folder: RunFolder
  ) throws(FileError) -> Snapshot {
    let snapshot = Snapshot(url: folder.snapshots.appendingPathComponent(name))
    let temporary = folder.snapshots.appendingPathComponent(".\(name)-\(UUID().uuidString)")
    do throws(FileError) {
      try create(temporary)
      for (name, network) in trainer.networks {
        try SafeTensors(network.stateDict, metadata: ["format": "pt"])
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
  func restore(into trainer: CycleGANTrainer) throws -> TrainingProgress {
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

  func readProgress() throws(FileError) -> TrainingProgress {
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

extension CycleGANTrainer {
  /// Adam's moments of both optimisers and the pictures of both pools.
  var trainingState: [(name: String, tensor: Tensor)] {
    func named(_ prefix: String, _ tensors: [(name: String, tensor: Tensor)])
      -> [(name: String, tensor: Tensor)]
    {
      tensors.map { ("\(prefix).\($0.name)", $0.tensor) }
    }
    func numbered(_ tensors: [Tensor]) -> [(name: String, tensor: Tensor)] {
      tensors.enumerated().map { (String($0.offset), $0.element) }
    }
    return named("adam.G", generatorOptimizer.state)
      + named("adam.D", discriminatorOptimizer.state)
      + named("pool.A", numbered(poolA.pictures)) + named("pool.B", numbered(poolB.pictures))
  }

  /// Throws `StateDictMismatch` where the optimisers' state does not fit, `FileError` where a pool's
  /// pictures cannot have come from these networks.
  func restoreTrainingState(_ saved: SafeTensors, from path: String) throws {
    let all = saved.byName
    func part(_ prefix: String) -> [String: Tensor] {
      Dictionary(
        uniqueKeysWithValues: all.filter { $0.key.hasPrefix(prefix + ".") }
          .map { (String($0.key.dropFirst(prefix.count + 1)), $0.value) })
    }
    func pictures(_ prefix: String, channels: Int) throws(FileError) -> [Tensor] {
      let found = part(prefix)
      return try (0..<found.count).map { (index) throws(FileError) in
        let name = "\(prefix).\(index)"
        guard let picture = found[String(index)] else {
          throw FileError(path: path, reason: "'\(name)' of \(found.count) pictures is missing")
        }
        try checkPooled(picture.shape, named: name, channels: channels, path)
        return picture.converted(to: .float32).moved(to: device)
      }
    }
    try generatorOptimizer.load(part("adam.G"), from: path)
    try discriminatorOptimizer.load(part("adam.D"), from: path)
    let networks = configuration.networks
    poolA.restore(try pictures("pool.A", channels: networks.channelsA))
    poolB.restore(try pictures("pool.B", channels: networks.channelsB))
  }

  /// Throws `FileError` for a shape that the discriminators cannot judge.
  private func checkPooled(
    _ shape: [Int], named name: String, channels: Int, _ path: String
  ) throws(FileError) {
    let smallest = configuration.networks.minimumPictureSize
    guard shape.count == 4, shape[..<2] == [1, channels], shape[2...].allSatisfy({ $0 >= smallest })
    else {
      throw FileError(
        path: path,
        reason: "'\(name)' of shape \(shape) is no picture for these networks, which take "
          + "[1, \(channels), height, width] from \(smallest)x\(smallest) on")
    }
  }
}
