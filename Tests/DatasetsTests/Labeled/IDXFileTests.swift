import Files
import Foundation
import TestSupport
import Testing

@testable import Datasets

/// IDX files that are not what they say.
struct IDXFileTests {
  private static let images = "train-images-idx3-ubyte"
  private static let labels = "train-labels-idx1-ubyte"

  @Test func wrongMagicNumbersAreNamed() throws {
    // 0x0801 is that of labels, 0x0D03 that of floats with three axes, 0x89504E47 begins a PNG.
    let cases: [([UInt8], String)] = [
      (idx([2], [1, 2]), "2049 (0x00000801)"),
      ([0, 0, 0x0D, 3, 0, 0, 0, 1], "3331 (0x00000d03)"),
      ([0x89, 0x50, 0x4E, 0x47], "2303741511 (0x89504e47)"),
    ]
    for (bytes, words) in cases {
      expectImageError(
        bytes, "the magic number is \(words), not 2051 (0x00000803) as in IDX files of images")
    }
    try withTemporaryFolder { folder in
      let images = idx([1, 1, 1], [1])
      try write([Self.images: images, Self.labels: images], in: folder)
      expectError(
        "/\(Self.labels)",
        "the magic number is 2051 (0x00000803), not 2049 (0x00000801) as in IDX files of labels",
        in: folder)
    }
  }

  @Test func aHeaderHasToBeWhole() {
    expectImageError([], "the file is empty")
    expectImageError([0], "has 1 byte, which is no whole IDX header of 16")
    expectImageError([0, 0, 8], "has 3 bytes, which is no whole IDX header of 16")
    expectImageError(
      Array(idx([1, 1, 1], []).dropLast()), "has 15 bytes, which is no whole IDX header of 16")
  }

  /// 16 bytes of header and 2 * 3 * 4 pixels are 40.
  @Test func fewerAndMoreBytesThanTheHeaderSays() {
    let claim = "where its header says 40 (2 images of 4x3)"
    let pixels = [UInt8](repeating: 0, count: 25)
    expectImageError(idx([2, 3, 4], Array(pixels[..<23])), "has 39 bytes \(claim)")
    expectImageError(idx([2, 3, 4], []), "has 16 bytes \(claim)")
    expectImageError(idx([2, 3, 4], pixels), "has 41 bytes \(claim)")
  }

  @Test func fewerAndMoreLabelsThanTheHeaderSays() throws {
    try withTemporaryFolder { folder in
      let claim = "where its header says 9 (1 label)"
      for (labels, size) in [(idx([1], []), 8), (idx([1], [1, 1]), 10)] {
        try write([Self.images: idx([1, 1, 1], [1]), Self.labels: labels], in: folder)
        expectError("/\(Self.labels)", "has \(size) bytes \(claim)", in: folder)
      }
    }
  }

  /// 16 + 4,294,967,295 * 28 * 28 = 3,367,254,359,296, in a file of 17 bytes.
  @Test func hugeClaimsOfASmallFileCostNoMemory() {
    expectImageError(
      idx([.max, 28, 28], [0]),
      "has 17 bytes where its header says 3,367,254,359,296 (4,294,967,295 images of 28x28)")
  }

  /// (2^32 - 1)^3 does not fit; neither does 2^31 * 2^31 * 2, the first beyond the largest number; with
  /// 2^31 * 2^30 * 2 = 2^62 there would be no room for the header.
  @Test func sizesThatOverflowAreNamed() {
    let sizes: [([UInt32], String)] = [
      ([.max, .max, .max], "4,294,967,295 images of 4294967295x4294967295"),
      ([2, 1 << 31, 1 << 31], "2 images of 2147483648x2147483648"),
      ([2, 1 << 31, 1 << 30], "2 images of 1073741824x2147483648"),
    ]
    for (sizes, claim) in sizes {
      expectImageError(idx(sizes, [0]), "its header says \(claim), more than any file can hold")
    }
  }

  /// 2^26 * 2^16 * 2^16 = 2^58 pixels, which the file has; one byte more is asked for.
  @Test(.enabled(if: sparseFilesAreAvailable))
  func imagesBeyondTheMemoryAreNamed() throws {
    let header = idx([1 << 26, 1 << 16, 1 << 16], [])
    try withSparseFile(Self.images, start: header, size: 16 + (1 << 58)) { folder in
      expectError(
        "/\(Self.images)",
        "not enough memory for its 288,230,376,151,711,744 bytes and 16 more for each of "
          + "67,108,864 images", in: folder)
    }
  }

  /// 100 pixels, and 16 bytes for the places of each image: 1,700. Labels have no order.
  @Test func theMemoryOfTheOrderCounts() throws {
    try withTemporaryFolder { folder in
      try write([Self.images: idx([100, 1, 1], [UInt8](repeating: 1, count: 100))], in: folder)
      let file = folder.appendingPathComponent(Self.images)
      #expect(try IDXFile(reading: file, as: .images, available: 1700).bytes.count == 100)
      let error = #expect(throws: FileError.self) {
        try IDXFile(reading: file, as: .images, available: 1699)
      }
      #expect(
        error?.reason == "not enough memory for its 100 bytes and 16 more for each of 100 images")
      try write([Self.labels: idx([100], [UInt8](repeating: 1, count: 100))], in: folder)
      let labels = folder.appendingPathComponent(Self.labels)
      #expect(try IDXFile(reading: labels, as: .labels, available: 100).bytes.count == 100)
    }
  }

  @Test func nothingIsNoData() throws {
    expectImageError(idx([0, 28, 28], []), "holds no images")
    expectImageError(idx([3, 0, 28], []), "its images have 28x0 pixels")
    expectImageError(idx([3, 28, 0], []), "its images have 0x28 pixels")
    try withTemporaryFolder { folder in
      try write([Self.images: idx([1, 1, 1], [1]), Self.labels: idx([0], [])], in: folder)
      expectError("/\(Self.labels)", "holds no labels", in: folder)
    }
  }

  @Test func whatIsNoRegularFileIsNotWaitedFor() throws {
    try withTemporaryFolder { folder in
      try #require(mkfifo(folder.appendingPathComponent(Self.images).path, 0o600) == 0)
      expectError("/\(Self.images)", "is not a regular file", in: folder)
    }
  }

  private func expectImageError(
    _ bytes: [UInt8], _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: Never.self, sourceLocation: sourceLocation) {
      try withTemporaryFolder { folder in
        try write([Self.images: bytes], in: folder)
        expectError("/\(Self.images)", reason, in: folder, sourceLocation: sourceLocation)
      }
    }
  }
}
