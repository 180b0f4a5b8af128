import Files
import Foundation
import TestSupport
import Testing
import Torch

/// Files of ours and of the format's own library.
struct SafeTensorsTests {
  /// Every bit pattern comes back: the bytes are those of no particular numbers, NaN among them.
  @Test(arguments: DType.allCases) func everyTypeComesBack(_ dtype: DType) throws {
    let bytes = (0..<(6 * dtype.byteCount)).map { UInt8(truncatingIfNeeded: 255 - 7 * $0) }
    let tensor = bytes.withUnsafeBytes { Tensor(bytes: $0, dtype: dtype, shape: [2, 3]) }
    let other = Tensor([1], shape: [1])
    let read = try roundTrip(SafeTensors([("odd", other), ("all", tensor)]))
    let found = try #require(read.byName["all"])
    #expect(found.dtype == dtype)
    #expect(found.shape == [2, 3])
    #expect(found.bytes == bytes)
    #expect(read.byName["odd"]?.elements == [1])
    #expect(read.tensors.count == 2)
  }

  @Test func shapesWithoutAxesAndWithoutElementsComeBack() throws {
    let read = try roundTrip(
      SafeTensors([
        ("scalar", Tensor([2.5], shape: [])), ("none", .zeros(shape: [3, 0])),
        ("last", Tensor([1, 2], shape: [2])),
      ]))
    #expect(read.byName["scalar"]?.shape == [])
    #expect(read.byName["scalar"]?.item == 2.5)
    #expect(read.byName["none"]?.shape == [3, 0])
    #expect(read.byName["last"]?.elements == [1, 2])
  }

  @Test func namesAndMetadataComeBack() throws {
    let names = ["model.1.weight", "a/b \"quoted\" \\ \n é 🂡", ""]
    let metadata = ["format": "pt", "note": "line\nbreak \"and\" quotes"]
    let tensors = names.enumerated().map { ($1, Tensor([Float($0)], shape: [1])) }
    let read = try roundTrip(SafeTensors(tensors, metadata: metadata))
    #expect(read.metadata == metadata)
    #expect(Set(read.byName.keys) == Set(names))
    #expect(names.map { read.byName[$0]?.item } == [0, 1, 2])
  }

  @Test func storageOutOfOrderIsWrittenInOrder() throws {
    let transposed = Tensor([1, 2, 3, 4], shape: [2, 2]).permuted([1, 0])
    let read = try roundTrip(SafeTensors([("t", transposed)]))
    #expect(read.byName["t"]?.elements == [1, 3, 2, 4])
  }

  @Test func dataStartsAtAMultipleOfEight() throws {
    for length in 1...9 {
      try withTemporaryFolder { folder in
        let file = folder.appendingPathComponent("x")
        let name = String(repeating: "n", count: length)
        try SafeTensors([(name, Tensor([1], shape: [1]))]).write(to: file)
        let bytes = try Data(contentsOf: file)
        let header = bytes.prefix(8).enumerated().reduce(0) {
          $0 + Int($1.element) << (8 * $1.offset)
        }
        #expect(header % 8 == 0)
        #expect(bytes.count == 8 + header + 4)
      }
    }
  }

  /// Made by write_dtypes.py; the values are in its description.
  @Test func theFormatsOwnLibraryIsUnderstood() throws {
    let read = try SafeTensors.read(from: fixture("SafeTensors/dtypes.safetensors"))
    let types: [String: DType] = [
      "f32": .float32, "f64": .float64, "f16": .float16, "bf16": .bfloat16, "u8": .uint8,
      "i64": .int64,
    ]
    for (name, dtype) in types {
      let tensor = try #require(read.byName[name])
      #expect(tensor.dtype == dtype)
      #expect(tensor.shape == [2, 3])
      #expect(tensor.elements == [0, 1, 2, 3, 4, 5])
    }
    #expect(read.byName["scalar"]?.shape == [])
    #expect(read.byName["scalar"]?.item == -1.5)
    #expect(read.byName["empty"]?.shape == [0, 3])
    #expect(read.byName["\"\\./é"]?.elements == [7])
    #expect(read.tensors.count == 9)
    #expect(read.metadata == ["format": "pt", "note": "two\nwords"])
  }

  @Test func writingReplacesAFileWhole() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("x.safetensors")
      try SafeTensors([("a", .zeros(shape: [1000]))]).write(to: file)
      try SafeTensors([("b", .zeros(shape: [1]))]).write(to: file)
      #expect(try SafeTensors.read(from: file).byName.keys.sorted() == ["b"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.safetensors"])
    }
  }

  @Test func whatCannotBeReadOrWrittenIsNamed() throws {
    try withTemporaryFolder { folder in
      let missing = folder.appendingPathComponent("missing/x.safetensors")
      let reading = #expect(throws: FileError.self) { try SafeTensors.read(from: missing) }
      #expect(reading?.description == "\(missing.path): No such file or directory")
      let writing = #expect(throws: FileError.self) { try SafeTensors([]).write(to: missing) }
      #expect(writing?.description == "\(missing.path): No such file or directory")
    }
  }

  private func roundTrip(_ file: SafeTensors) throws -> SafeTensors {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      try file.write(to: url)
      return try SafeTensors.read(from: url)
    }
  }
}
