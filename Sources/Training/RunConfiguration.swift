import Files
import Foundation
import Torch

/// What was decided about a run, as its `config.json` holds it. A continuation may change all of it but the
/// `identity`.
package protocol RunConfiguration: Codable, Sendable, Equatable {
  /// What a snapshot fits to: the networks, and the seed from which every random draw follows.
  associatedtype Identity: Codable, Sendable, Equatable
  /// Raised when a key moves or changes its meaning; a new key needs no other version.
  static var currentFormatVersion: Int { get }
  var formatVersion: Int { get }
  var seed: UInt64 { get set }
  var schedule: RunSchedule { get set }
  var optimization: OptimizationSettings { get set }
  var validation: ValidationSettings { get }
  /// Samples that go through the networks together, in all processes.
  var batchSize: Int { get set }
  var record: RunRecord { get set }
  var identity: Identity { get }
  /// The folders that hold the images.
  var dataFolders: [String] { get }
  /// What a file with this `model` in it, or with none, has where a key is missing; `nil` if it is another
  /// kind of run's.
  static func defaults(model: String?) -> Self?
  /// Changes what an older version of the file says into what this one says.
  static func migrate(_ stored: inout [String: Any], from version: Int)
}

/// What is asked of a run. What it leaves open is decided once, when the run begins.
package protocol RunRequest: Sendable, Equatable {
  associatedtype Configuration: RunConfiguration
  /// What needs no deciding.
  var configuration: Configuration { get set }
  /// Asks for exactly what a run was: nothing is open.
  init(_ decided: Configuration)
  /// With everything decided that does not depend on the images.
  var decided: Configuration { get }
}

extension RunConfiguration {
  package var validation: ValidationSettings { ValidationSettings() }

  /// Samples of one optimization step, in all processes and passes.
  package var samplesOfStep: Int { batchSize * optimization.accumulatedBatches }

  /// Throws `FileError` for a file that is missing, not JSON or of a newer format version, and `RunError`
  /// for another kind of run.
  package static func read(from url: URL) throws -> Self {
    let data: Data
    do { data = try Data(contentsOf: url) } catch {
      throw FileError(path: url.relativePath, cause: error)
    }
    guard
      var stored = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let version = stored["formatVersion"] as? Int
    else {
      throw FileError(path: url.relativePath, reason: "this is not the configuration of a run")
    }
    let model = stored["model"] as? String
    guard let defaults = defaults(model: model) else {
      throw RunError.otherKind(configuration: url, model: model)
    }
    guard (1...currentFormatVersion).contains(version) else {
      throw FileError(
        path: url.relativePath,
        reason:
          "format version \(version) is not one from 1 to \(currentFormatVersion), which this "
          + "program reads")
    }
    if version < 3 { moveSchedule(in: &stored) }
    if version < currentFormatVersion { migrate(&stored, from: version) }
    keepAllSnapshots(in: &stored)
    stored["formatVersion"] = currentFormatVersion
    do {
      return try decode(stored, over: defaults)
    } catch {
      let reason = (error as? DecodingError)?.shortReason ?? "it cannot be read"
      throw FileError(path: url.relativePath, reason: "the configuration is damaged: \(reason)")
    }
  }

  /// Until version 2 the epochs were among the settings of the optimization. A limit of steps was there as
  /// well, which belongs to one call.
  private static func moveSchedule(in stored: inout [String: Any]) {
    guard let optimization = stored["optimization"] as? [String: Any] else { return }
    stored["schedule"] = optimization.filter {
      $0.key == "constantEpochs" || $0.key == "decayEpochs"
    }
  }

  /// Runs of programs that never removed a snapshot go on to keep them.
  private static func keepAllSnapshots(in stored: inout [String: Any]) {
    var schedule = stored["schedule"] as? [String: Any] ?? [:]
    guard schedule["keepLast"] == nil else { return }
    schedule["keepLast"] = 0
    stored["schedule"] = schedule
  }
}

/// Decodes JSON in which any key may be missing or null, and then has the value of `defaults`.
private func decode<Value: Codable>(_ stored: [String: Any], over defaults: Value) throws -> Value {
  let encoded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(defaults))
  let whole = merged(stored, over: encoded)
  return try JSONDecoder().decode(Value.self, from: JSONSerialization.data(withJSONObject: whole))
}

/// Objects that share no key are different cases of an enumeration, of which the stored one is meant.
private func merged(_ stored: Any, over defaults: Any) -> Any {
  guard let stored = stored as? [String: Any], let defaults = defaults as? [String: Any] else {
    return stored
  }
  let given = stored.filter { !($0.value is NSNull) }
  if !given.isEmpty, given.keys.allSatisfy({ defaults[$0] == nil }) { return given }
  return defaults.merging(given) { merged($1, over: $0) }
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
