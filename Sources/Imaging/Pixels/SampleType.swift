/// What the samples of a file are.
package struct SampleType: Sendable, Hashable {
  package enum Kind: UInt32, Sendable, CaseIterable {
    case unsigned = 1
    case signed, float

    fileprivate var word: String {
      switch self {
      case .unsigned: "unsigned"
      case .signed: "signed"
      case .float: "float"
      }
    }
  }

  package let kind: Kind
  package let bits: Int

  package init(_ kind: Kind, bits: Int) {
    self.kind = kind
    self.bits = bits
  }

  /// What an image of 8 or 16 bits or floats (32) is written as.
  package init(ofDepth depth: Int) {
    self.init(depth == 32 ? .float : .unsigned, bits: depth)
  }

  /// All values of the type; nil for floats, which have no end.
  package var range: ValueRange? {
    switch kind {
    case .unsigned: ValueRange(unsignedBits: bits)
    case .signed: ValueRange(signedBits: bits)
    case .float: nil
    }
  }

  /// Of an image that holds such samples: 8, 16, or 32 for floats.
  package var bitDepth: Int {
    switch kind {
    case .unsigned: bits <= 8 ? 8 : bits <= 16 ? 16 : 32
    case .signed, .float: 32
    }
  }

  /// Whether the type has the values of a range.
  package func holds(_ wanted: ValueRange) -> Bool {
    guard let range else { return true }
    return range.low <= wanted.low && wanted.high <= range.high
  }
}

extension SampleType: Codable {
  /// "unsigned12", as `text` has it; nil for other words.
  package init?(text: String) {
    let letters = text.prefix { $0.isLetter }
    guard let kind = Kind.allCases.first(where: { $0.word == letters }),
      let bits = Int(text.dropFirst(letters.count)),
      kind == .float ? [16, 32, 64].contains(bits) : (1...32).contains(bits)
    else { return nil }
    self.init(kind, bits: bits)
  }

  package var text: String { "\(kind.word)\(bits)" }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let type = SampleType(text: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is no type of samples")
    }
    self = type
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
