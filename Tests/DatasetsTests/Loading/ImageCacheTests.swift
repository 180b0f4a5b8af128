import Foundation
import Imaging
import Machine
import TestSupport
import Testing
import Wording

@testable import Datasets

/// Images in memory: each file is decoded once, and nothing else changes.
struct ImageCacheTests {
  /// 20x18 pixels become 16x16 of three bytes.
  private let bytesOfOne = 16 * 16 * 3

  @Test func afterTheCheckNoFileIsNeeded() throws {
    try withTemporaryFolder { folder in
      let files = try writeImages(4, to: folder, height: 20, width: 18)
      let plain = try samples(files, ImageCache(capacity: 0))
      let cache = ImageCache(capacity: 4 * bytesOfOne)
      _ = try CheckedImages(
        pages(files), preprocessing: preprocessing, minimumSize: 4, workers: 3, cache: cache)
      #expect(cache.contents == (count: 4, byteCount: 4 * bytesOfOne))
      for file in files { try FileManager.default.removeItem(at: file) }
      #expect(try samples(files, cache) == plain)
    }
  }

  /// Nothing is thrown out: which images are kept does not depend on the order of later epochs.
  @Test func whatDoesNotFitIsReadAgain() throws {
    try withTemporaryFolder { folder in
      let files = try writeImages(4, to: folder, height: 20, width: 18)
      let cache = ImageCache(capacity: 3 * bytesOfOne - 1)
      let plain = try samples(files, ImageCache(capacity: 0))
      #expect(try samples(files, cache) == plain)
      #expect(try samples(files, cache) == plain)
      #expect(cache.contents == (count: 2, byteCount: 2 * bytesOfOne))
    }
  }

  /// One folder may be both domains, in color and in gray.
  @Test func channelsAreKeptApart() throws {
    try withTemporaryFolder { folder in
      let files = try writeImages(1, to: folder, height: 20, width: 18)
      let cache = ImageCache(capacity: 1 << 20)
      var gray = preprocessing
      gray.channels = 1
      for preprocessing in [preprocessing, gray, preprocessing, gray] {
        let domain = UnpairedDataset.Domain(
          images: pages(files), preprocessing: preprocessing, cache: cache)
        #expect(try domain.loader.image(pages(files)[0]).channels == preprocessing.channels)
      }
      #expect(cache.contents.count == 2)
    }
  }

  @Test func memoryIsSomethingAndLessThanAPetabyte() throws {
    let memory = try #require(availableMemory())
    #expect((1 << 20..<1 << 50).contains(memory))
    #expect(CacheSize.off.capacity == 0)
    #expect(CacheSize.gibibytes(1.5).capacity == 3 << 29)
  }

  @Test func whatIsGrantedIsNotYetThere() {
    #expect(memorySuffices(forBytes: 1000, available: 1000))
    #expect(!memorySuffices(forBytes: 1001, available: 1000))
    #expect(memorySuffices(forBytes: 1001, available: nil))
    #expect(!memorySuffices(forBytes: .max, available: nil))
  }

  private var preprocessing: Preprocessing {
    Preprocessing(
      mode: .resizeAndCrop, loadSize: 16, cropSize: 8, flip: true, channels: 3, sizeMultiple: 4)
  }

  /// Three epochs.
  private func samples(_ files: [URL], _ cache: ImageCache) throws -> [Image] {
    let domain = UnpairedDataset.Domain(
      images: pages(files), preprocessing: preprocessing, cache: cache)
    let dataset = UnpairedDataset(a: domain, b: domain, seed: 4, serial: false, strict: true)
    return try (1...3).flatMap { number in
      let epoch = dataset.epoch(number)
      return try (0..<epoch.count).flatMap {
        let sample = try epoch.sample(at: $0)
        return [sample.a, sample.b]
      }
    }
  }

  /// There is room for one more 16x16 image, but neither for two nor for one that is a row larger.
  @Test func roomIsTold() {
    let cache = ImageCache(capacity: 2 * bytesOfOne + 3)
    #expect(cache.hasRoom(height: 32, width: 16, channels: 3))
    cache.keep(makeImage(1), of: ImagePage(URL(fileURLWithPath: "/one")))
    #expect(cache.hasRoom(height: 16, width: 16, channels: 3))
    #expect(!cache.hasRoom(height: 17, width: 16, channels: 3))
    #expect(!ImageCache(capacity: 0).hasRoom(height: 1, width: 1, channels: 1))
  }
}
