import Files
import Foundation
import Imaging
import TestSupport
import Testing

@testable import Datasets

/// Images as squares: what is cut out, and in which order they come.
struct SquareDatasetTests {
  /// Of 3 rows and 6 columns, the columns 1 to 3 are the middle: (6 - 3) / 2 rounded down.
  @Test func theMiddleIsCutOut() {
    let wide = Image(
      height: 3, width: 6, channels: 1, pixels: (0..<18).map { UInt8($0 % 6) })
    #expect(
      square(wide, 3, channels: 1)
        == Image(height: 3, width: 3, channels: 1, pixels: [1, 2, 3, 1, 2, 3, 1, 2, 3]))
    let high = Image(height: 5, width: 1, channels: 1, pixels: [0, 1, 2, 3, 4])
    #expect(square(high, 1, channels: 3).samples == .eightBit([2, 2, 2]))
  }

  /// Resized first, this one would have two billion pixels.
  @Test func aVeryWideImageCostsNothing() {
    let wide = Image(
      height: 1, width: 500_000, channels: 1, pixels: [UInt8](repeating: 9, count: 500_000))
    #expect(
      square(wide, 64, channels: 1).samples
        == .eightBit([UInt8](repeating: 9, count: 64 * 64)))
  }

  private func square(
    _ image: Image, _ size: Int, channels: Int, background: Color = .white
  ) -> Image {
    SquarePreparation(size: size, channels: channels, background: background).prepared(image)
  }

  private func withDataset(
    count: Int? = nil, strict: Bool = false, _ body: (SquareDataset, URL) throws -> Void
  ) throws {
    try withTemporaryFolder { root in
      try writeImages(6, to: root, height: 10, width: 12)
      let source = try ImageSource(at: root, class: nil, strict: false, workers: 2)
      try body(
        SquareDataset(source, size: 8, channels: 1, maximumCount: count, seed: 5, strict: strict),
        root)
    }
  }

  private func images(_ dataset: SquareDataset, epoch: Int) throws -> [Image] {
    let sample = dataset.samples(ofEpoch: epoch)
    return try (0..<dataset.count).map { try sample($0).image }
  }

  @Test func everyImageComesOnceInEachEpoch() throws {
    try withDataset { dataset, _ in
      let (first, second) = (try images(dataset, epoch: 1), try images(dataset, epoch: 2))
      #expect(first.allSatisfy { $0.height == 8 && $0.width == 8 && $0.channels == 1 })
      #expect(first != second)
      for image in first { #expect(second.filter { $0 == image }.count == 1) }
      #expect(try images(dataset, epoch: 1) == first)
    }
  }

  /// What was kept does not ask for its file again, and looks the same.
  @Test func aSquareIsKept() throws {
    try withTemporaryFolder { root in
      try writeImages(3, to: root, height: 10, width: 12)
      let source = try ImageSource(at: root, class: nil, strict: false, workers: 1)
      // Two squares of 8x8 pixels of one byte, and no third.
      let cache = ImageCache(capacity: 2 * 64 + 63)
      func dataset(_ cache: ImageCache) -> SquareDataset {
        SquareDataset(
          source, size: 8, channels: 1, maximumCount: 2, seed: 5, strict: true, cache: cache)
      }
      let read = try images(dataset(ImageCache(capacity: 0)), epoch: 1)
      #expect(try images(dataset(cache), epoch: 1) == read)
      #expect(cache.contents == (2, 128))
      try FileManager.default.removeItem(at: root)
      #expect(try images(dataset(cache), epoch: 1) == read)
    }
  }

  @Test func theBackgroundShowsThrough() {
    let clear = Image(height: 2, width: 2, channels: 2, pixels: [9, 0, 9, 0, 9, 0, 9, 0])
    #expect(square(clear, 2, channels: 1).samples == .eightBit([255, 255, 255, 255]))
    let black = square(clear, 2, channels: 1, background: .black)
    #expect(black.samples == .eightBit([0, 0, 0, 0]))
  }

  @Test func atMostSoMany() throws {
    try withDataset(count: 4) { dataset, _ in #expect(dataset.count == 4) }
    try withDataset(count: 400) { dataset, _ in #expect(dataset.count == 6) }
  }

  @Test func theNextImageTakesThePlaceOfOneThatIsGone() throws {
    try withDataset { dataset, root in
      try FileManager.default.removeItem(at: root.appendingPathComponent("03.png"))
      let sample = dataset.samples(ofEpoch: 1)
      let skipped = try (0..<6).flatMap { try sample($0).skipped }
      #expect(skipped.count == 1)
      #expect(skipped.first?.path.hasSuffix("/03.png") == true)
    }
    try withDataset(strict: true) { dataset, root in
      try FileManager.default.removeItem(at: root.appendingPathComponent("03.png"))
      #expect(throws: FileError.self) { try images(dataset, epoch: 1) }
    }
  }

  @Test func grayFoldersAreKnownAsGray() throws {
    try withTemporaryFolder { root in
      try writeImages(3, to: root, height: 9, width: 20, channels: 1)
      let gray = try ImageSource(at: root, class: nil, strict: false, workers: 1)
      #expect(gray.typicalImage() == (1, 9))
      let color = root.appendingPathComponent("color")
      try writeImages(1, to: color, height: 9, width: 20, channels: 3)
      let mixed = try ImageSource(at: root, class: nil, strict: false, workers: 1)
      #expect(mixed.typicalImage().channels == 3)
    }
  }
}
