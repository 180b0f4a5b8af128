import Files
import Foundation
import TestSupport
import Testing
import Torch

/// Reading a file's header alone.
struct SafeTensorsListingTests {
  @Test func namesTypesAndShapes() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("x.safetensors")
      try SafeTensors(
        [("b", .zeros(shape: [2, 3])), ("a", .zeros(shape: [], dtype: .int64))],
        metadata: ["format": "pt"]
      ).write(to: file)
      let found = try SafeTensors.list(file)
      #expect(found.tensors.map(\.name) == ["b", "a"])
      #expect(found.tensors.map(\.dtype) == [.float32, .int64])
      #expect(found.tensors.map(\.shape) == [[2, 3], []])
      #expect(found.metadata == ["format": "pt"])
    }
  }

  /// 64 GiB of zeros that take no room on the disk: more than there is memory.
  @Test func theTensorsAreNotRead() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("x.safetensors")
      let count = 1 << 34
      let json = #"{"a":{"dtype":"F32","shape":[\#(count)],"data_offsets":[0,\#(4 * count)]}}"#
      var bytes = withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Data($0) }
      bytes.append(contentsOf: json.utf8)
      try bytes.write(to: file)
      let handle = try FileHandle(forWritingTo: file)
      try handle.truncate(atOffset: UInt64(bytes.count + 4 * count))
      #expect(try SafeTensors.list(file).tensors.map(\.shape) == [[count]])
      // One byte less, and the last tensor is cut off.
      try handle.truncate(atOffset: UInt64(bytes.count + 4 * count - 1))
      try handle.close()
      let error = #expect(throws: FileError.self) { try SafeTensors.list(file) }
      #expect(error?.reason.hasPrefix("truncated: tensor 'a'") == true)
    }
  }

  /// What is no file, no safetensors file or an empty one is refused in the words of `read`.
  @Test func refusesWhatReadingRefuses() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("x")
      let contents: [String: Data] = [
        "empty": Data(), "short": Data([1, 2, 3]), "noHeader": Data(count: 8),
        "claims": Data([255, 0, 0, 0, 0, 0, 0, 0, 1]),
        "notJSON": Data([1, 0, 0, 0, 0, 0, 0, 0, 1]),
      ]
      for (name, data) in contents {
        try data.write(to: file)
        let reading = #expect(throws: FileError.self) { try SafeTensors.read(from: file) }
        let listing = #expect(throws: FileError.self) { try SafeTensors.list(file) }
        #expect(listing?.description == reading?.description, "\(name)")
      }
      for absent in [folder.appendingPathComponent("missing/x"), folder] {
        let reading = #expect(throws: FileError.self) { try SafeTensors.read(from: absent) }
        let listing = #expect(throws: FileError.self) { try SafeTensors.list(absent) }
        #expect(listing?.description == reading?.description)
      }
    }
  }
}
