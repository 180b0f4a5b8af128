import Foundation
import Imaging
import Testing

/// Files of Tests/Fixtures/Imaging, which make_fixtures.py there wrote.
enum Fixture {
  static func url(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/Imaging").appendingPathComponent(name)
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: url(name)))
  }

  /// The pixels in `name`.raw: a line "height width channels bits", then the samples.
  static func pixels(_ name: String) throws -> Image {
    let bytes = try bytes(name + ".raw")
    let lineEnd = try #require(bytes.firstIndex(of: UInt8(ascii: "\n")))
    let numbers = String(decoding: bytes[..<lineEnd], as: UTF8.self).split(separator: " ")
      .compactMap { Int($0) }
    try #require(numbers.count == 4)
    let data = Array(bytes[(lineEnd + 1)...])
    let samples: Image.Samples =
      numbers[3] == 8
      ? .eightBit(data)
      : .sixteenBit(
        stride(from: 0, to: data.count, by: 2).map { UInt16(data[$0]) | UInt16(data[$0 + 1]) << 8 })
    return Image(height: numbers[0], width: numbers[1], channels: numbers[2], samples: samples)
  }
}

/// Runs `body` with a folder of its own, which is removed after.
func withTemporaryFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("imaging-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}

/// The largest difference between two images' samples. Requires the same layout.
func largestDifference(_ left: Image, _ right: Image) throws -> Int {
  try #require(left.height == right.height && left.width == right.width)
  try #require(left.channels == right.channels && left.bitDepth == right.bitDepth)
  switch (left.samples, right.samples) {
  case (.eightBit(let a), .eightBit(let b)):
    return zip(a, b).map { abs(Int($0) - Int($1)) }.max() ?? 0
  case (.sixteenBit(let a), .sixteenBit(let b)):
    return zip(a, b).map { abs(Int($0) - Int($1)) }.max() ?? 0
  default:
    return .max
  }
}
