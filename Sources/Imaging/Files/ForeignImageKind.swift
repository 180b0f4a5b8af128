import Wording

/// A kind of image file that cannot be read, but is known by its content, so that it can be named.
package struct ForeignImageKind: Sendable, Equatable {
  /// As people write it: "HEIC".
  package let name: String
  /// A program that makes a PNG or JPEG of such a file.
  let converter: String
  /// Any of these makes a file one of the kind.
  private let signatures: [FileSignature]

  init(_ name: String, converter: String = "ImageMagick", _ signatures: [FileSignature]) {
    self.name = name
    self.converter = converter
    self.signatures = signatures
  }

  /// The kind of a file that begins with `start`, of which `FileSignature.reach` bytes are enough; nil for one
  /// of none.
  init?(firstBytes start: [UInt8]) {
    let match = Self.all.first { kind in kind.signatures.contains { $0.matches(start) } }
    guard let match else { return nil }
    self = match
  }

  /// "convert them first, for example with heif-convert or ImageMagick".
  /// - Parameter subject: "it" or "them".
  package static func advice(on kinds: [ForeignImageKind], _ subject: String = "them") -> String {
    var converters: [String] = []
    for kind in kinds where !converters.contains(kind.converter) {
      converters.append(kind.converter)
    }
    return "convert \(subject) first, for example with \(listed(converters, before: " or "))"
  }
}
