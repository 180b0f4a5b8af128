import Files
import Foundation
import TestSupport
import Testing
import Torch

/// Files nobody should have made: each is refused with its path and a reason, none stops the program.
struct HostileSafeTensorsTests {
  struct Hostile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: Data
    let reason: String
  }

  /// Two tensors of 8 and 4 bytes.
  private static let good =
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#

  @Test func theModelOfTheOthersIsGood() throws {
    let read = try Self.read(Self.file(Self.good, dataLength: 12))
    #expect(read.byName["a"]?.shape == [2])
    #expect(read.byName["b"]?.shape == [1])
  }

  @Test(arguments: lengths + headers + entries) func isRefused(_ hostile: Hostile) throws {
    let error = #expect(throws: FileError.self) { try Self.read(hostile.bytes) }
    #expect(error?.reason == hostile.reason)
    #expect(error?.path.hasSuffix("x.safetensors") == true)
  }

  @Test func everyTruncationIsRefused() {
    let whole = Self.file(Self.good, dataLength: 12)
    for count in 0..<whole.count {
      #expect(throws: FileError.self, "\(count) bytes") { try Self.read(whole.prefix(count)) }
    }
  }

  /// Whatever one byte of the header's length or text becomes, the answer is tensors or an error.
  @Test func everyChangedByteIsReadOrRefused() throws {
    let whole = Self.file(Self.good, dataLength: 12)
    var refused = 0
    for place in 0..<(whole.count - 12) {
      for value in [UInt8(0x00), 0x22, 0x2D, 0x39, 0xFF] {
        var changed = whole
        changed[place] = value
        do { _ = try Self.read(changed) } catch is FileError { refused += 1 }
      }
    }
    #expect(refused > 0)
  }

  /// Twelve values are 48 bytes in float32, whatever they are in the file.
  @Test func aNetworkHasToFitIntoMemory() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      try SafeTensors([
        ("a", Tensor.zeros(shape: [3, 3])), ("b", Tensor.zeros(shape: [3]).converted(to: .float64)),
      ]).write(to: url)
      let file = try WeightsFile(url)
      try file.checkMemory(available: 48)
      let error = #expect(throws: FileError.self) { try file.checkMemory(available: 47) }
      #expect(
        error?.reason == "its network needs 1 MiB of memory, which is more than there is")
    }
  }

  /// A file may be large without taking room on the disk: its header is refused before memory is taken for it.
  @Test func aHugeHeaderIsRefused() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      // 0x40000000 bytes, a GiB, of which there is the first.
      try Data([0, 0, 0, 0x40, 0, 0, 0, 0, UInt8(ascii: "{")]).write(to: url)
      let file = try FileHandle(forWritingTo: url)
      try file.truncate(atOffset: 1 << 31)
      try file.close()
      let error = #expect(throws: FileError.self) { try SafeTensors.read(from: url) }
      #expect(
        error?.reason == "its header claims 1073741824 bytes; at most 100000000 are possible")
    }
  }

  private static let lengths = [
    Hostile(
      testDescription: "empty file", bytes: Data(),
      reason: "not a safetensors file: it has only 0 bytes"),
    Hostile(
      testDescription: "seven bytes", bytes: Data(count: 7),
      reason: "not a safetensors file: it has only 7 bytes"),
    Hostile(
      testDescription: "header one byte longer than the file",
      bytes: Data([3, 0, 0, 0, 0, 0, 0, 0]) + Data("{}".utf8),
      reason: "not a safetensors file, or truncated: its header claims 3 bytes, 2 follow"),
    Hostile(
      testDescription: "header length UInt64.max",
      bytes: Data(repeating: 0xFF, count: 8) + Data("{}".utf8),
      reason: "not a safetensors file, or truncated: its header claims 18446744073709551615 bytes, "
        + "2 follow"),
    Hostile(
      testDescription: "header length Int64.min",
      bytes: Data([0, 0, 0, 0, 0, 0, 0, 0x80]) + Data("{}".utf8),
      reason: "not a safetensors file, or truncated: its header claims 9223372036854775808 bytes, "
        + "2 follow"),
  ]

  private static let headers = [
    ("no JSON", "hello, world"), ("empty header", ""), ("half a header", #"{"a":{"#),
    ("an array", "[]"), ("a number", "1"), ("null", "null"),
    ("an entry that is a number", #"{"a":1}"#),
    ("an entry without offsets", #"{"a":{"dtype":"F32","shape":[2]}}"#),
    ("a shape of fractions", #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}"#),
    ("a shape of words", #"{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}"#),
    ("a size beyond Int64", #"{"a":{"dtype":"F32","shape":[1e30],"data_offsets":[0,8]}}"#),
    (
      "offsets beyond Int64",
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]}}"#
    ),
    ("metadata of numbers", #"{"__metadata__":{"a":1}}"#),
    ("metadata of metadata", #"{"__metadata__":{"a":{"b":"c"}}}"#),
    ("deep nesting", String(repeating: "[", count: 100_000)),
    ("deep nesting of objects", String(repeating: #"{"a":"#, count: 50_000)),
  ].map {
    Hostile(
      testDescription: $0.0, bytes: file($0.1, dataLength: 8),
      reason: "the safetensors header is not valid")
  }

  private static let entries = [
    refusal(
      "unknown type", of: [("a", "C64", "[1]", "[0,8]")], dataLength: 8,
      reason: "tensor 'a' has type C64, which is not supported"),
    refusal(
      "negative size", of: [("a", "F32", "[-2]", "[0,8]")], dataLength: 8,
      reason: "tensor 'a' has the impossible shape [-2]"),
    refusal(
      "two negative sizes", of: [("a", "F32", "[-1,-2]", "[0,8]")], dataLength: 8,
      reason: "tensor 'a' has the impossible shape [-1, -2]"),
    refusal(
      "overflowing size", of: [("a", "F32", "[4611686018427387904,4]", "[0,8]")], dataLength: 8,
      reason: "tensor 'a' has the impossible shape [4611686018427387904, 4]"),
    refusal(
      "overflow to the right length", of: [("a", "U8", "[4294967296,4294967296]", "[0,0]")],
      dataLength: 0, reason: "tensor 'a' has the impossible shape [4294967296, 4294967296]"),
    // Nothing in it, but its strides do not fit an Int64.
    refusal(
      "no elements in overflowing sizes",
      of: [("a", "U8", "[0,4611686018427387904,4611686018427387904]", "[0,0]")], dataLength: 0,
      reason: "tensor 'a' has the impossible shape [0, 4611686018427387904, 4611686018427387904]"),
    refusal(
      "offsets swapped", of: [("a", "F32", "[2]", "[8,0]")], dataLength: 8,
      reason: "tensor 'a' has the offsets [8, 0]"),
    refusal(
      "negative offset", of: [("a", "F32", "[2]", "[-8,0]")], dataLength: 8,
      reason: "tensor 'a' has the offsets [-8, 0]"),
    refusal(
      "extreme offsets",
      of: [("a", "F32", "[2]", "[-9223372036854775808,9223372036854775807]")], dataLength: 8,
      reason: "tensor 'a' has the offsets [-9223372036854775808, 9223372036854775807]"),
    refusal(
      "one offset", of: [("a", "F32", "[2]", "[0]")], dataLength: 8,
      reason: "tensor 'a' has the offsets [0]"),
    refusal(
      "three offsets", of: [("a", "F32", "[2]", "[0,8,8]")], dataLength: 8,
      reason: "tensor 'a' has the offsets [0, 8, 8]"),
    refusal(
      "bytes that are not there", of: [("a", "F32", "[3]", "[0,12]")], dataLength: 8,
      reason: "truncated: tensor 'a' ends at byte 12 of the data, the file has 8"),
    refusal(
      "fewer bytes than the shape", of: [("a", "F32", "[3]", "[0,8]")], dataLength: 8,
      reason: "tensor 'a' of shape [3] needs 12 bytes, its offsets are [0, 8]"),
    refusal(
      "more bytes than the shape", of: [("a", "F32", "[1]", "[0,8]")], dataLength: 8,
      reason: "tensor 'a' of shape [1] needs 4 bytes, its offsets are [0, 8]"),
    refusal(
      "overlap", of: [("a", "F32", "[2]", "[0,8]"), ("b", "F32", "[2]", "[4,12]")], dataLength: 12,
      reason: "the bytes of tensor 'b' do not follow the one before"),
    refusal(
      "the same bytes twice", of: [("a", "F32", "[2]", "[0,8]"), ("b", "F32", "[2]", "[0,8]")],
      dataLength: 8, reason: "the bytes of tensor 'b' do not follow the one before"),
    refusal(
      "hole", of: [("a", "F32", "[1]", "[0,4]"), ("b", "F32", "[1]", "[8,12]")], dataLength: 12,
      reason: "the bytes of tensor 'b' do not follow the one before"),
    refusal(
      "hole at the start", of: [("a", "F32", "[1]", "[4,8]")], dataLength: 8,
      reason: "the bytes of tensor 'a' do not follow the one before"),
    refusal(
      "trailing bytes", of: [("a", "F32", "[1]", "[0,4]")], dataLength: 5,
      reason: "the file has 5 bytes of data, its header names 4"),
  ]

  private static func refusal(
    _ description: String,
    of tensors: [(name: String, dtype: String, shape: String, offsets: String)], dataLength: Int,
    reason: String
  ) -> Hostile {
    let entries = tensors.map {
      #""\#($0.name)":{"dtype":"\#($0.dtype)","shape":\#($0.shape),"data_offsets":\#($0.offsets)}"#
    }
    return Hostile(
      testDescription: description,
      bytes: file("{" + entries.joined(separator: ",") + "}", dataLength: dataLength),
      reason: reason)
  }

  /// The length of the header, the header, and so many bytes of data.
  private static func file(_ header: String, dataLength: Int) -> Data {
    let json = Data(header.utf8)
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json
      + Data(repeating: 1, count: dataLength)
  }

  private static func read(_ bytes: Data) throws -> SafeTensors {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("x.safetensors")
      try bytes.write(to: file)
      return try SafeTensors.read(from: file)
    }
  }
}
