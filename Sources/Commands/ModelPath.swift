import Files
import Foundation
import Synthesis
import Training
import Wording

/// What a command is given as its model: a run, a snapshot or a weights file.
enum ModelPath {
  /// Throws `FileError` where there is nothing, which names the run that was probably meant.
  static func url(_ path: String) throws(FileError) -> URL {
    let url = URL(fileURLWithPath: path)
    guard FileKind(of: url) == nil else { return url }
    let runs = RunFolder.all(
      in: URL(fileURLWithPath: RunCallOptions(name: "").checkpointsDirectory))
    let name = url.lastPathComponent
    let meant = NearestMatch.find(name, among: runs.map(\.url.lastPathComponent))
    let run = runs.first { $0.url.lastPathComponent == meant }
    throw FileError(
      path: path,
      reason: "there is no such run, snapshot or weights file"
        + (run.map { "; did you mean \($0.url.relativePath)?" } ?? ""))
  }

  /// The same for a command that takes models of some kinds. Throws `FileError` for one that is known to be of another.
  static func url(
    _ path: String, of kinds: [ModelKind], for command: String
  ) throws(FileError) -> URL {
    let url = try url(path)
    let found = ModelKind.found(at: url)
    guard let other = found.first, !found.contains(where: kinds.contains) else { return url }
    throw FileError(
      path: path,
      reason: "it is \(other.words), which '\(other.command)' takes; '\(command)' takes "
        + listed(kinds.map(\.words), before: " or "))
  }

  /// Reads an autoencoder, and says which.
  static func autoencoder(
    _ path: String, for command: String, _ console: Console
  ) throws -> AutoencoderModel {
    let model = try AutoencoderModel(at: url(path, of: [.autoencoder], for: command))
    tell(model.file, notices: model.notices, console)
    console.notice("\(model.file.relativePath): \(model.configuration.summary)")
    return model
  }

  /// Says what to know of a model's file.
  static func tell(
    _ file: URL, warnings: [String] = [], notices: [String], _ console: Console
  ) {
    for warning in warnings { console.warning("\(file.relativePath): \(warning)") }
    for notice in notices { console.notice("\(file.relativePath): \(notice)") }
  }

  /// Whether there are weights at a path.
  static func hasWeights(_ path: String) -> Bool {
    let url = URL(fileURLWithPath: path)
    return !WeightsFolder(url).newestFiles.isEmpty
      || WeightsFolder.extensions.contains(url.pathExtension)
  }
}

extension RunFolder {
  /// The runs in a folder, by name.
  static func all(in folder: URL) -> [RunFolder] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { RunFolder(folder.appendingPathComponent($0)) }
      .filter { FileKind(of: $0.configuration) == .file }
  }
}
