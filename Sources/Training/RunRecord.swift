import Foundation

/// What a run remembers of itself in `config.json` beside its settings.
package struct RunRecord: Codable, Sendable, Equatable {
  /// CPU threads that computed; another number rounds differently. `nil` in runs of older programs.
  package var threads: Int?
  /// Names and sizes of the images' files; see `dataFingerprint`.
  package var data: String?
  /// What the images are of, as people call it, and how many were used at the latest start: A and B, or the one
  /// there is.
  package var domains: [DomainRecord] = []
  /// What continuations have changed, oldest first.
  package var changes: [OptionChange] = []

  package init() {}
}

/// A folder of images.
package struct DomainRecord: Codable, Sendable, Equatable {
  package let name: String
  /// That can be trained on.
  package let images: Int

  package init(name: String, images: Int) {
    (self.name, self.images) = (name, images)
  }
}

/// An option that a continuation was given with another value than the run had.
package struct OptionChange: Codable, Sendable, Equatable {
  /// Steps that were taken before.
  package let step: Int
  /// Without the dashes in front.
  package let option: String
  /// As on a command line; `nil` for none.
  package let from: String?
  package let to: String?

  package init(step: Int, option: String, from: String?, to: String?) {
    (self.step, self.option, self.from, self.to) = (step, option, from, to)
  }
}

/// A short text that is another one for other content; FNV-1a of 64 bits. No protection against purpose.
package struct Fingerprint {
  package private(set) var state: UInt64 = 0xcbf2_9ce4_8422_2325

  package init() {}

  var text: String { String(format: "%016llx", state) }

  /// Adds a text and where it ends.
  package mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte) }
    add(0)
  }

  private mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
}

/// What identifies a configuration whose snapshots fit: of what a continuation cannot change, all that is not as
/// by default. A setting that a later program adds is as by default in an older run.
func fingerprint<Configuration: RunConfiguration>(of configuration: Configuration) throws -> String
{
  let model = (try object(configuration) as? [String: Any])?["model"] as? String
  let usual =
    try Configuration.defaults(model: model).map { leaves(try object($0.identity)) } ?? [:]
  var fingerprint = Fingerprint()
  let own = leaves(try object(configuration.identity))
  for (path, value) in own.sorted(by: { $0.key < $1.key }) where usual[path] != value {
    fingerprint.add("\(path) \(value)")
  }
  return fingerprint.text
}

private func object(_ value: some Encodable) throws -> Any {
  try JSONSerialization.jsonObject(with: JSONEncoder().encode(value))
}

/// Values by their paths. Numbers stand for themselves, however they are written.
private func leaves(_ value: Any, at path: String = "") -> [String: String] {
  switch value {
  case let object as [String: Any]:
    object.reduce(into: [:]) {
      $0.merge(leaves($1.value, at: "\(path)/\($1.key)")) { first, _ in first }
    }
  case let list as [Any]:
    list.enumerated().reduce(into: ["\(path)/count": "\(list.count)"]) {
      $0.merge(leaves($1.element, at: "\(path)/\($1.offset)")) { first, _ in first }
    }
  case let number as NSNumber: [path: String(number.doubleValue.bitPattern)]
  default: [path: "\(value)"]
  }
}

/// What identifies the files in folders and below, wherever the folders are: their names and sizes.
package func dataFingerprint(of folders: [String]) -> String {
  var fingerprint = Fingerprint()
  for folder in folders {
    let root = URL(fileURLWithPath: folder).resolvingSymlinksInPath()
    var lines: [String] = []
    let files = FileManager.default.enumerator(
      at: root, includingPropertiesForKeys: [.fileSizeKey], options: .skipsHiddenFiles)
    for case let file as URL in files ?? FileManager.DirectoryEnumerator() {
      guard let values = try? file.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey]),
        values.isRegularFile == true
      else { continue }
      lines.append("\(file.path.dropFirst(root.path.count)) \(values.fileSize ?? 0)")
    }
    for line in lines.sorted() { fingerprint.add(line) }
    fingerprint.add("")
  }
  return fingerprint.text
}
