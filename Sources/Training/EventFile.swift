import Files
import Foundation
import ProtocolBuffers

/// A file of records that TensorBoard reads while it is written: scalars, images and a text.
///
/// Sources: tensorflow/core/util/event.proto, framework/summary.proto and framework/tensor.proto for the fields;
/// tensorflow/core/lib/io/record_writer.h for the records.
struct EventFile {
  private let url: URL
  /// Records that could not be written yet.
  private var pending = Data()
  /// Bytes that may wait when an image comes.
  private static let mostWaiting = 1 << 20

  /// Begins a file in a run's folder; nothing is written before the first `flush`.
  ///
  /// - Parameter step: steps that the run has taken. What earlier files hold of later ones is void.
  init(in folder: URL, after step: Int) {
    let seconds = Int(Date.now.timeIntervalSince1970)
    let host = ProcessInfo.processInfo.hostName
    let process = ProcessInfo.processInfo.processIdentifier
    // Readers take the files of a folder in the order of their names.
    url = folder.appendingPathComponent("events.out.tfevents.\(seconds).\(host).\(process).0")
    add { $0.text(3, "brain.Event:2") }
    if step > 0 {
      add(step: step + 1) { event in
        event.message(7) { $0.integer(1, 1) }  // session_log: START
      }
    }
  }

  mutating func add(scalars: [(name: String, value: Double)], step: Int) {
    addSummary(step: step) { summary in
      for (name, value) in scalars {
        summary.message(1) {
          $0.text(1, name)
          $0.float(2, Float(value))
        }
      }
    }
  }

  /// Large as they are, images do not wait: where what came before could not be written, this one is left out.
  /// - Parameter png: its file.
  mutating func add(image png: Data, height: Int, width: Int, name: String, step: Int) {
    guard pending.count < Self.mostWaiting else { return }
    addSummary(step: step) { summary in
      summary.message(1) { value in
        value.text(1, name)
        value.message(4) {
          $0.integer(1, height)
          $0.integer(2, width)
          $0.integer(3, 3)  // RGB
          $0.data(4, png)
        }
      }
    }
  }

  /// - Parameter text: Markdown.
  mutating func add(text: String, name: String, step: Int) {
    addSummary(step: step) { summary in
      summary.message(1) { value in
        value.text(1, name)
        value.message(8) { tensor in
          tensor.integer(1, 7)  // DT_STRING
          tensor.message(2) { shape in shape.message(2) { $0.integer(1, 1) } }
          tensor.text(8, text)
        }
        value.message(9) { metadata in metadata.message(1) { $0.text(1, "text") } }
      }
    }
  }

  /// Writes what was added. Throws `FileError` where that is not possible; it is written with what comes next.
  mutating func flush() throws(FileError) {
    if pending.isEmpty { return }
    try appendToFile(at: url, pending)
    pending = Data()
  }

  private mutating func addSummary(step: Int, _ body: (inout ProtocolBuffer) -> Void) {
    add(step: step) { $0.message(5, body) }
  }

  private mutating func add(step: Int = 0, _ body: (inout ProtocolBuffer) -> Void) {
    var event = ProtocolBuffer()
    event.double(1, Date.now.timeIntervalSince1970)
    if step > 0 { event.integer(2, step) }
    body(&event)
    pending += Self.record(event.bytes)
  }

  /// Length, checksum of the length, bytes, checksum of the bytes.
  static func record(_ bytes: Data) -> Data {
    var record = Data()
    func add(_ number: some FixedWidthInteger) {
      withUnsafeBytes(of: number.littleEndian) { record.append(contentsOf: $0) }
    }
    add(UInt64(bytes.count))
    add(maskedChecksum(record))
    record += bytes
    add(maskedChecksum(bytes))
    return record
  }

  /// So that the checksum of data that holds checksums is no special number.
  private static func maskedChecksum(_ bytes: Data) -> UInt32 {
    let checksum = checksum(bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xa282_ead8
  }

  /// CRC-32C (RFC 3720, appendix B.4), which zlib does not have.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  }

  /// What each byte adds: its bits, lowest first, divided by the polynomial 0x1EDC6F41, written lowest bit first.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 0 ? 0 : 0x82f6_3b78) }
  }
}
