import Foundation
import Imaging
import Testing

@testable import Translation

/// Which images wait for each other.
struct TranslationBatchesTests {
  private func add(
    _ name: Int, _ height: Int, _ width: Int, bitDepth: Int = 8,
    to batches: inout TranslationBatches
  ) -> [String]? {
    let image = Image(
      height: height, width: width, channels: 1,
      pixels: [UInt8](repeating: 0, count: height * width))
    let url = URL(fileURLWithPath: "/out/\(name)")
    let job = TranslationJob(input: url, output: url, format: .png)
    return batches.add(Source(job, ImageFile(image: image, format: .png)), image).map(names)
  }

  private func names(_ batch: [Source]) -> [String] { batch.map(\.job.output.lastPathComponent) }

  /// Sizes alternate; each waits for three of its own.
  @Test func imagesOfOneSizeWaitForEachOther() {
    var batches = TranslationBatches(size: 3)
    #expect(add(0, 8, 8, to: &batches) == nil)
    #expect(add(1, 4, 8, to: &batches) == nil)
    #expect(add(2, 8, 8, to: &batches) == nil)
    #expect(add(3, 8, 4, to: &batches) == nil)
    #expect(add(4, 8, 8, to: &batches) == ["0", "2", "4"])
    #expect(add(5, 8, 8, to: &batches) == nil)
    #expect(batches.takeRest().map(names) == [["1"], ["3"], ["5"]])
    #expect(batches.takeRest().isEmpty)
  }

  /// 2 * 256 * 256 pixels together: two of 256x256, one of 257x256, eight of 128x128, at most 32.
  @Test(arguments: [(256, 256, 2), (257, 256, 1), (128, 128, 8), (16, 16, 32), (3000, 4000, 1)])
  func withoutASizeThePixelsDecide(_ height: Int, _ width: Int, _ count: Int) {
    var batches = TranslationBatches(size: nil)
    for index in 0..<(count - 1) { #expect(add(index, height, width, to: &batches) == nil) }
    #expect(add(count - 1, height, width, to: &batches)?.count == count)
  }

  /// 63 images of sizes of their own and one more of the first size: with 64 the fullest batch goes.
  @Test func fewImagesWait() {
    var batches = TranslationBatches(size: nil)
    for index in 1...63 { #expect(add(index, 2, index, to: &batches) == nil) }
    #expect(add(64, 2, 5, to: &batches) == ["5", "64"])
    #expect(batches.takeRest().count == 62)
  }

  /// More than wait otherwise, where a batch of so many is asked for.
  @Test func aLargeBatchComesTogether() {
    var batches = TranslationBatches(size: 100)
    for index in 0..<99 { #expect(add(index, 2, 2, to: &batches) == nil) }
    #expect(add(99, 2, 2, to: &batches)?.count == 100)
  }
}
