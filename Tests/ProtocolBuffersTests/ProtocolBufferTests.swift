import Foundation
import ProtocolBuffers
import Testing

/// The examples of the encoding's own documentation, and the edges beside them.
struct ProtocolBufferTests {
  /// `{ a: 150 }` with a = 1 is 08 96 01.
  @Test func integersAreVarints() {
    #expect(buffer { $0.integer(1, 150) } == [0x08, 0x96, 0x01])
    #expect(buffer { $0.integer(1, 0) } == [0x08, 0x00])
    #expect(buffer { $0.integer(2, 127) } == [0x10, 0x7F])
    #expect(buffer { $0.integer(2, 128) } == [0x10, 0x80, 0x01])
    // -2 is 2^64 - 2: ten bytes.
    #expect(
      buffer { $0.integer(1, -2) }
        == [0x08, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])
    // Field 20 does not fit into one byte with its type: 20 * 8 = 160.
    #expect(buffer { $0.integer(20, 7) } == [0xA0, 0x01, 0x07])
  }

  /// `{ b: "testing" }` with b = 2 is 12 07 and the seven letters.
  @Test func textsHaveALength() {
    #expect(
      buffer { $0.text(2, "testing") } == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
    #expect(buffer { $0.data(2, [] as [UInt8]) } == [0x12, 0x00])
  }

  /// `{ c: { a: 150 } }` with c = 3 is 1A 03 08 96 01.
  @Test func messagesStandInMessages() {
    #expect(
      buffer { $0.message(3) { $0.integer(1, 150) } } == [0x1A, 0x03, 0x08, 0x96, 0x01])
  }

  /// 1 is 0x3F800000 and 0x3FF0000000000000, the lowest byte first.
  @Test func fractionsHaveFixedLengths() {
    #expect(buffer { $0.float(2, 1) } == [0x15, 0, 0, 0x80, 0x3F])
    #expect(buffer { $0.double(1, 1) } == [0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
  }

  private func buffer(_ body: (inout ProtocolBuffer) -> Void) -> [UInt8] {
    var buffer = ProtocolBuffer()
    body(&buffer)
    return Array(buffer.bytes)
  }
}
