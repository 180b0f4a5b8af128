import Foundation
import Imaging
import TestSupport
import Testing

@testable import Datasets

/// Every image is decoded once before training, and what cannot be used is left out with a reason.
struct CheckedImagesTests {
  @Test func whatCannotBeUsedIsListedInOrder() throws {
    try withTemporaryFolder { folder in
      var files = try writeImages(3, to: folder, height: 16, width: 20)
      let broken = folder.appendingPathComponent("3.png")
      try Data(Data(contentsOf: files[0]).prefix(60)).write(to: broken)
      let small = folder.appendingPathComponent("4.png")
      try ImageFile(image: makeImage(4, height: 16, width: 10), format: .png).write(to: small)
      files.insert(broken, at: 1)
      files.append(small)
      var done: [Int] = []
      let checked = try CheckedImages(
        pages(files), preprocessing: preprocessing(.crop, crop: 12), minimumSize: 4, workers: 3
      ) { done.append($0) }
      #expect(checked.images == pages([files[0], files[2], files[3]]))
      #expect(checked.skipped.map(\.path) == [broken.relativePath, small.relativePath])
      #expect(checked.skipped.first?.reason == "PNG ends in the middle of the image data")
      #expect(checked.skipped.last?.reason == "10x16 is smaller than the crop of 12x12")
      #expect(checked.outputSizes == [ImageSize(height: 12, width: 12)])
      #expect(done == [1, 2, 3, 4, 5])
    }
  }

  @Test func resizingComesBeforeTheCrop() throws {
    try withTemporaryFolder { folder in
      let files = try writeImages(1, to: folder, height: 5, width: 6)
      let checked = try CheckedImages(
        pages(files), preprocessing: preprocessing(.resizeAndCrop, crop: 12), minimumSize: 4,
        workers: 1)
      #expect(checked.images == pages(files))
    }
  }

  @Test func whatTheNetworksCannotTakeIsLeftOut() throws {
    try withTemporaryFolder { folder in
      let files = try writeImages(1, to: folder, height: 40, width: 9)
      let checked = try CheckedImages(
        pages(files), preprocessing: preprocessing(.none, crop: 12), minimumSize: 12, workers: 1)
      #expect(checked.images.isEmpty)
      #expect(
        checked.skipped.map(\.reason)
          == ["9x40 is too small for the networks, which take 12x12 and more"])
    }
  }

  @Test func theSizesThatReachTheNetworkAreGathered() throws {
    try withTemporaryFolder { folder in
      let wide = try writeImages(2, to: folder.appendingPathComponent("w"), height: 16, width: 21)
      let tall = try writeImages(1, to: folder.appendingPathComponent("t"), height: 32, width: 16)
      let checked = try CheckedImages(
        pages(wide + tall), preprocessing: preprocessing(.none, crop: 12), minimumSize: 4,
        workers: 2)
      #expect(
        checked.outputSizes
          == [ImageSize(height: 16, width: 20), ImageSize(height: 32, width: 16)])
    }
  }

  private func preprocessing(_ mode: Preprocessing.Mode, crop: Int) -> Preprocessing {
    Preprocessing(
      mode: mode, loadSize: 14, cropSize: crop, flip: false, channels: 3, sizeMultiple: 4)
  }
}
