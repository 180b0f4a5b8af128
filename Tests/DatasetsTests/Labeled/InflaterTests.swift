import CCodec
import CZlib
import Foundation
import TestSupport
import Testing

/// The shim over zlib, called as a careless caller would.
struct InflaterTests {
  /// What write_archives.py put into images.gz and members.gz.
  private static let text = idx([3, 3, 2], Array(10...27))

  @Test(arguments: [1, 2, 7, 1000], [1, 3, 1000])
  func piecesOfAnySizeGiveTheSameText(inputPiece: Int, outputPiece: Int) throws {
    let archive = Array(try Data(contentsOf: fixture("Images/members.gz")))
    let outcome = inflate(archive, inputPiece: inputPiece, outputPiece: outputPiece)
    #expect(outcome.status == CODEC_OK)
    #expect(outcome.text == Self.text)
    #expect(outcome.message == "")
  }

  @Test func nothingIsNoArchive() {
    let outcome = inflate([], inputPiece: 1, outputPiece: 1)
    #expect(outcome.status == CODEC_TRUNCATED)
    #expect(outcome.message == "the archive is empty")
  }

  /// 78 9C begins zlib's own format; a first member may not be padding.
  @Test(arguments: [[0x78, 0x9C, 1, 2], [0, 0, 0, 0], [0x1F, 0x8B, 7, 0]] as [[UInt8]])
  func otherFormatsAreRefused(bytes: [UInt8]) {
    let outcome = inflate(bytes, inputPiece: 1, outputPiece: 1)
    #expect(outcome.status == CODEC_BROKEN)
    #expect(!outcome.message.isEmpty)
  }

  @Test func releasingNothingIsAllowed() {
    czlib_inflater_release(nil)
  }

  private func inflate(
    _ archive: [UInt8], inputPiece: Int, outputPiece: Int
  ) -> (status: codec_status, text: [UInt8], message: String) {
    var message = [CChar](repeating: 0, count: Int(CODEC_MESSAGE_CAPACITY))
    var inflater: OpaquePointer?
    var status = czlib_inflater_create(&inflater, &message)
    defer { czlib_inflater_release(inflater) }
    var text: [UInt8] = []
    var rest = archive[...]
    while status == CODEC_OK {
      let piece = Array(rest.prefix(inputPiece))
      var target = [UInt8](repeating: 0, count: outputPiece)
      var consumed = 0
      var produced = 0
      status = czlib_inflate(
        inflater, piece, piece.count, &consumed, &target, outputPiece, &produced, &message)
      if piece.isEmpty && produced == 0 { break }
      rest = rest.dropFirst(consumed)
      text += target.prefix(produced)
    }
    let words = message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    return (status, text, String(decoding: words, as: UTF8.self))
  }
}
