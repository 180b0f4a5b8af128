import Foundation

/// A message in the protocol-buffer encoding, field by field: small enough to need no library, whose copy would
/// meet the one inside libtorch. Source: protobuf.dev/programming-guides/encoding.
package struct ProtocolBuffer: Sendable, Equatable {
  package private(set) var bytes = Data()

  package init() {}

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case delimited = 2
    case fixed32 = 5
  }

  private mutating func key(_ field: Int, _ type: WireType) {
    varint(UInt64(field) << 3 | type.rawValue)
  }

  /// Seven bits a byte, the lowest first; the highest bit says that more follow.
  private mutating func varint(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// An `int32`, `int64`, `uint64`, `bool` or enumeration; negative numbers take ten bytes.
  package mutating func integer(_ field: Int, _ value: Int) {
    key(field, .varint)
    varint(UInt64(bitPattern: Int64(value)))
  }

  package mutating func float(_ field: Int, _ value: Float) {
    key(field, .fixed32)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func double(_ field: Int, _ value: Double) {
    key(field, .fixed64)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func data(_ field: Int, _ value: some Collection<UInt8>) {
    begin(field, count: value.count)
    bytes.append(contentsOf: value)
  }

  /// Begins a field of `count` bytes, a message or data, which whoever writes the buffer puts behind it: so that what
  /// is large need not be in memory.
  package mutating func begin(_ field: Int, count: Int) {
    key(field, .delimited)
    varint(UInt64(count))
  }

  package mutating func text(_ field: Int, _ value: String) { data(field, value.utf8) }

  package mutating func message(_ field: Int, _ value: ProtocolBuffer) { data(field, value.bytes) }

  /// The fields of another message, behind those of this one.
  package mutating func append(_ fields: ProtocolBuffer) { bytes.append(fields.bytes) }

  /// Filled in by `body`.
  package mutating func message(_ field: Int, _ body: (inout ProtocolBuffer) -> Void) {
    var inner = ProtocolBuffer()
    body(&inner)
    message(field, inner)
  }
}
