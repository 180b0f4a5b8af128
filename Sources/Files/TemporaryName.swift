import Foundation

/// A name for a file that is not whole yet: `.name-UUID` beside `name`.
package struct TemporaryName {
  package let path: String
  private var slot: Int?

  package init(beside path: String) {
    let path = path as NSString
    let name = Self.name(for: path.lastPathComponent)
    let folder = path.deletingLastPathComponent
    self.path = folder.isEmpty ? name : (folder as NSString).appendingPathComponent(name)
  }

  /// Another one each time.
  package static func name(for name: String) -> String { ".\(name)-\(UUID().uuidString)" }

  /// Whether a file's name is of this form.
  package static func isTemporary(_ name: String) -> Bool {
    name.hasPrefix(".") && name.dropLast(36).hasSuffix("-")
      && UUID(uuidString: String(name.suffix(36))) != nil
  }

  /// Lets the file go with the process, if that ends before `withdraw`.
  mutating func announce() { slot = EphemeralPaths.all.insert(path) }

  mutating func withdraw() {
    if let slot { EphemeralPaths.all.remove(slot) }
    slot = nil
  }
}
