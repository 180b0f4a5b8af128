/// What the samples of a file are.
package struct SampleType: Sendable, Hashable {
  package enum Kind: UInt32, Sendable {
    case unsigned = 1
    case signed, float
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
