import Files
import Foundation
import Imaging
import TestSupport
import Testing

@testable import Datasets

/// What becomes of CIFAR-10's batches.
struct CIFAR10BatchesTests {
  private static let knownNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  /// A record is a label, then 1,024 red samples row by row, then green, then blue. The pixel in row 2,
  /// column 5 is the 2 * 32 + 5 = 69th of each plane: bytes 1 + 69, 1 + 1,024 + 69 and 1 + 2,048 + 69.
  @Test func planesAreRedGreenBlueRowByRow() throws {
    try withTemporaryFolder { folder in
      var record = cifarRecord(6, red: 1, green: 2, blue: 3)
      record[70] = 101
      record[1094] = 102
      record[2118] = 103
      // Row 31, column 0: 31 * 32 = 992, of the green plane 1 + 1,024 + 992.
      record[2017] = 200
      try write(["data_batch_1.bin": cifarRecord(0) + record], in: folder)
      let image = try source(folder).image(at: 1)
      var pixels = [[UInt8]](repeating: [1, 2, 3], count: 1024)
      pixels[69] = [101, 102, 103]
      pixels[992] = [1, 200, 3]
      #expect(
        image == Image(height: 32, width: 32, channels: 3, pixels: pixels.flatMap { $0 }))
    }
  }

  @Test(arguments: ["", "cifar-10-batches-bin/"])
  func batchesFollowEachOtherInTheOrderOfTheirNumbers(below: String) throws {
    try withTemporaryFolder { folder in
      for number in 1...5 {
        let record = cifarRecord(UInt8(number), red: UInt8(number))
        try write(["\(below)data_batch_\(number).bin": record], in: folder)
      }
      try write(["\(below)test_batch.bin": cifarRecord(9)], in: folder)
      let source = try source(folder)
      #expect(source.kind == .cifar10)
      #expect(source.channels == 3)
      #expect(source.nativeSize == 32)
      #expect(source.summary == "CIFAR-10, 5 images of 32x32, 3 channels, 10 classes")
      #expect(source.warnings.isEmpty)
      let reds = try (0..<5).map { try red(source.image(at: $0)) }
      #expect(reds == [1, 2, 3, 4, 5])
    }
  }

  @Test func missingBatchesAreNamed() throws {
    try withTemporaryFolder { folder in
      try write(
        ["data_batch_2.bin": cifarRecord(0), "data_batch_4.bin": cifarRecord(0)], in: folder)
      let names = "data_batch_1.bin, data_batch_3.bin, data_batch_5.bin"
      #expect(
        try source(folder).warnings == ["\(folder.path): \(names) missing; the others are used"])
    }
  }

  @Test func batchesOfOtherNamesAreFoundByTheirContent() throws {
    try withTemporaryFolder { folder in
      try write(
        [
          "a.bin": cifarRecord(1), "b": cifarRecord(9) + cifarRecord(0), "test": cifarRecord(0),
          "no-label": cifarRecord(10), "short": Array(cifarRecord(1).dropLast()),
        ], in: folder)
      let source = try source(folder)
      #expect(source.kind == .cifar10)
      #expect(source.count == 3)
    }
  }

  @Test func classesByNameAndByNumber() throws {
    try withTemporaryFolder { folder in
      let records = cifarRecord(6, red: 1) + cifarRecord(3, red: 2) + cifarRecord(6, red: 3)
      try write(["data_batch_1.bin": records], in: folder)
      for name in ["frog", "Frog", "6"] {
        let frogs = try source(folder, class: name)
        #expect(frogs.summary == "CIFAR-10, 2 images of 32x32, 3 channels, class frog")
        #expect(frogs.classNames == Self.knownNames)
        #expect(try red(frogs.image(at: 1)) == 3)
      }
      expectError("", "no image is of the class 'dog'", in: folder, class: "dog")
      expectError(
        "",
        "there is no class 'frogs'; there are 'airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', "
          + "'horse', 'ship' and 'truck'", in: folder, class: "frogs")
    }
  }

  /// The archive's file ends with an empty line.
  @Test func theMetaFileNamesTheClasses() throws {
    try withTemporaryFolder { folder in
      let names = (0..<10).map { "kind \($0)" }
      let meta = Array((names.joined(separator: "\r\n") + "\n\n").utf8)
      try write(["data_batch_1.bin": cifarRecord(4), "batches.meta.txt": meta], in: folder)
      #expect(try source(folder, class: "KIND 4").classNames == names)
    }
  }

  @Test func aMetaFileWithoutTenNamesIsAnError() throws {
    try withTemporaryFolder { folder in
      try write(
        ["data_batch_1.bin": cifarRecord(4), "batches.meta.txt": Array("cat\ndog\n".utf8)],
        in: folder)
      expectError("/batches.meta.txt", "has 2 class names where CIFAR-10 has 10", in: folder)
    }
  }

  @Test func lengthsThatAreNoWholeRecordsAreNamed() throws {
    try withTemporaryFolder { folder in
      let rest = "no multiple of the 3,073 of an image and its label"
      let two = cifarRecord(1) + cifarRecord(2)
      for (bytes, size) in [(two.dropLast(), "6,145"), (two + [0], "6,147"), ([1], nil)] {
        try write(
          ["data_batch_1.bin": cifarRecord(0), "data_batch_2.bin": Array(bytes)], in: folder)
        expectError(
          "/data_batch_2.bin", "has \(size.map { "\($0) bytes" } ?? "1 byte"), \(rest)", in: folder)
      }
      try write(["data_batch_2.bin": []], in: folder)
      expectError("/data_batch_2.bin", "the file is empty", in: folder)
    }
  }

  @Test func labelsAboveNineAreNamed() throws {
    try withTemporaryFolder { folder in
      let records = cifarRecord(9) + cifarRecord(0) + cifarRecord(10) + cifarRecord(255)
      try write(["data_batch_5.bin": records], in: folder)
      expectError(
        "/data_batch_5.bin", "its image 3 has the label 10; CIFAR-10's are 0 to 9", in: folder)
    }
  }

  /// The last multiple of 3,073 below 2^58.
  @Test(.enabled(if: sparseFilesAreAvailable))
  func batchesBeyondTheMemoryAreNamed() throws {
    try withSparseFile("data_batch_1.bin", start: [], size: 288_230_376_151_710_139) { folder in
      expectError(
        "/data_batch_1.bin",
        "not enough memory for its 288,230,376,151,710,139 bytes and 16 more for each of "
          + "93,794,460,186,043 images", in: folder)
    }
  }

  /// One record of 3,073 bytes in the file and in the array, and 16 for its places: 6,162.
  @Test func theMemoryOfTheOrderCounts() throws {
    try withTemporaryFolder { folder in
      try write(["data_batch_1.bin": cifarRecord(1)], in: folder)
      let listing = try #require(FolderListing(folder))
      let batches = try #require(CIFAR10Batches(named: listing))
      #expect(try batches.read(available: 6162).images.count == 1)
      let error = #expect(throws: FileError.self) { try batches.read(available: 6161) }
      #expect(
        error?.reason == "not enough memory for its 3,073 bytes and 16 more for each of 1 image")
    }
  }

  @Test func theVersionForPythonIsRecognized() throws {
    try withTemporaryFolder { folder in
      try write(["cifar-10-batches-py/data_batch_1": [0x80, 2]], in: folder)
      expectError(
        "", "data_batch_1 is of CIFAR-10's version for Python; only the binary version can be read",
        in: folder)
    }
  }

  private func red(_ image: Image) throws -> UInt8 {
    guard case .eightBit(let samples) = image.samples else { return 0 }
    return try #require(samples.first)
  }
}
