import Files
import Foundation
import Torch

/// The files of one run under `checkpoints/<name>`; DESIGN.md fixes them.
package struct RunFolder: Sendable {
  package let url: URL

  package init(_ url: URL) { self.url = url }

  package var configuration: URL { url.appendingPathComponent("config.json") }
  package var metrics: URL { url.appendingPathComponent("metrics.jsonl") }
  package var samples: URL { url.appendingPathComponent("samples") }
  package var snapshots: URL { url.appendingPathComponent("snapshots") }
  /// A link to the newest whole snapshot.
  package var latest: URL { url.appendingPathComponent("latest") }

  package var hasSnapshot: Bool { FileManager.default.fileExists(atPath: latest.path) }

  /// Makes the folders that are missing. Throws `FileError`.
  func create() throws(FileError) {
    for folder in [samples, snapshots] {
      do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      } catch {
        throw FileError(path: folder.relativePath, cause: error)
      }
    }
  }

  /// Lets `latest` point to a snapshot, in one step: it never points to nothing.
  func pointLatest(to snapshot: URL) throws(FileError) {
    let temporary = url.appendingPathComponent(".latest-\(UUID().uuidString)")
    do {
      try FileManager.default.createSymbolicLink(
        atPath: temporary.path, withDestinationPath: "snapshots/\(snapshot.lastPathComponent)")
    } catch {
      throw FileError(path: latest.relativePath, cause: error)
    }
    // FileManager refuses to replace; rename(2) does it atomically.
    if rename(temporary.path, latest.path) != 0 {
      let reason = String(cString: strerror(errno))
      try? FileManager.default.removeItem(at: temporary)
      throw FileError(path: latest.relativePath, reason: reason)
    }
  }
}

extension RunConfiguration {
  /// Throws `FileError` for a file that is missing, not JSON, of another format version or of another
  /// kind of run.
  package static func read(from url: URL) throws(FileError) -> Self {
    let data: Data
    do { data = try Data(contentsOf: url) } catch {
      throw FileError(path: url.relativePath, cause: error)
    }
    guard let version = try? JSONDecoder().decode(ConfigurationVersion.self, from: data) else {
      throw FileError(path: url.relativePath, reason: "this is not the configuration of a run")
    }
    guard accepts(model: version.model) else {
      let command = version.model.map { "\($0) train" } ?? "train"
      throw FileError(
        path: url.relativePath, reason: "this is a run of another command, 'cyclegan \(command)'")
    }
    guard version.formatVersion == currentFormatVersion else {
      throw FileError(
        path: url.relativePath,
        reason: "format version \(version.formatVersion) is not \(currentFormatVersion), "
          + "the one this program reads")
    }
    do {
      return try JSONDecoder().decode(Self.self, from: data)
    } catch {
      let reason = (error as? DecodingError)?.shortReason ?? "it cannot be read"
      throw FileError(path: url.relativePath, reason: "the configuration is damaged: \(reason)")
    }
  }
}

private struct ConfigurationVersion: Decodable {
  let formatVersion: Int
  let model: String?
}

/// Writes a value as readable JSON with sorted keys, under a temporary name first.
package func writeJSON(_ value: some Encodable, to url: URL) throws(FileError) {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  let bytes: Data
  do { bytes = try encoder.encode(value) } catch {
    throw FileError(path: url.relativePath, cause: error)
  }
  try replaceFile(at: url, with: bytes)
}

extension DecodingError {
  /// What a JSON decoder found wrong, in one line.
  package var shortReason: String {
    switch self {
    case .keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? "it is not JSON" : "'\(path)' is not of the right kind"
    @unknown default: return "it cannot be read"
    }
  }
}
