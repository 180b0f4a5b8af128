import Datasets
import Files
import Foundation
import Imaging
import TestSupport
import Testing

/// What an epoch of two unequal folders shows.
struct UnpairedDatasetTests {
  @Test func everyImageIsShown() throws {
    try withDomains(5, 3) { a, b in
      let dataset = UnpairedDataset(a: a, b: b, seed: 1, serial: false, strict: false)
      #expect(dataset.count == 5)
      for epoch in 1...4 {
        let shown = try numbers(dataset.epoch(epoch))
        #expect(shown.a.sorted() == [0, 1, 2, 3, 4])
        #expect(Set(shown.b) == [0, 1, 2])
        #expect(shown.b.count == 5)
      }
    }
  }

  @Test func theSmallerSideMayBeA() throws {
    try withDomains(2, 7) { a, b in
      let dataset = UnpairedDataset(a: a, b: b, seed: 1, serial: false, strict: false)
      let shown = try numbers(dataset.epoch(1))
      #expect(Set(shown.a) == [0, 1])
      #expect(shown.b.sorted() == Array(0..<7))
    }
  }

  /// 10 images have 3.6 million orders.
  @Test func ordersDifferBetweenEpochsSidesAndSeeds() throws {
    try withDomains(10, 10) { a, b in
      func shown(_ seed: UInt64, _ epoch: Int) throws -> (a: [Int], b: [Int]) {
        let dataset = UnpairedDataset(a: a, b: b, seed: seed, serial: false, strict: false)
        return try numbers(dataset.epoch(epoch))
      }
      let first = try shown(1, 1)
      #expect(try shown(1, 1) == first)
      #expect(first.a != first.b)
      #expect(try shown(1, 2).a != first.a)
      #expect(try shown(1, 2).b != first.b)
      #expect(try shown(2, 1).a != first.a)
    }
  }

  @Test func serialIsSideBySideInSortedOrder() throws {
    try withDomains(5, 3) { a, b in
      let dataset = UnpairedDataset(a: a, b: b, seed: 1, serial: true, strict: false)
      for epoch in 1...2 {
        let shown = try numbers(dataset.epoch(epoch))
        #expect(shown.a == [0, 1, 2, 3, 4])
        #expect(shown.b == [0, 1, 2, 0, 1])
      }
    }
  }

  /// Random crops and flips included.
  @Test func theNumberOfWorkersChangesNothing() throws {
    try withDomains(6, 6, crop: 8, flip: true) { a, b in
      let epoch = UnpairedDataset(a: a, b: b, seed: 1, serial: false, strict: false).epoch(3)
      func samples(workers: Int) throws -> [[Image]] {
        let prefetcher = Prefetcher(0..<epoch.count, depth: 2 * workers, workers: workers) {
          try epoch.sample(at: $0)
        }
        var samples: [[Image]] = []
        while let sample = try prefetcher.next() { samples.append([sample.a, sample.b]) }
        return samples
      }
      let alone = try samples(workers: 1)
      #expect(alone.count == 6)
      #expect(try samples(workers: 4) == alone)
    }
  }

  /// The same image is cut elsewhere in another epoch, and the two sides by themselves.
  @Test func cropsDifferBetweenEpochsAndSides() throws {
    try withDomains(1, 1, crop: 4, firstB: 0) { a, b in
      let dataset = UnpairedDataset(a: a, b: b, seed: 1, serial: true, strict: false)
      let samples = try (1...20).map { try dataset.epoch($0).sample(at: 0) }
      #expect(samples.contains { $0.a != samples[0].a })
      #expect(samples.contains { $0.a != $0.b })
    }
  }

  @Test func filesThatBreakLaterAreReplacedAndListed() throws {
    try withDomains(3, 3) { a, b in
      try Data("no image".utf8).write(to: a.images[2].file)
      let dataset = UnpairedDataset(a: a, b: b, seed: 1, serial: true, strict: false)
      let sample = try dataset.epoch(1).sample(at: 2)
      #expect(sample.a == makeImage(0))
      #expect(sample.b == makeImage(firstOfB + 2))
      #expect(sample.skipped.map(\.path) == [a.images[2].file.relativePath])
      #expect(
        sample.skipped.map(\.description)
          == ["\(a.images[2].file.path): is neither a JPEG, a PNG, a TIFF nor a WebP"])
      #expect(try dataset.epoch(1).sample(at: 1).skipped.isEmpty)
    }
  }

  @Test func filesThatShrinkLaterAreReplacedAndListed() throws {
    try withDomains(3, 3, crop: 12) { a, b in
      let small = makeImage(9, height: 16, width: 10)
      try ImageFile(image: small, format: .png).write(to: a.images[1].file)
      let dataset = UnpairedDataset(a: a, b: b, seed: 1, serial: true, strict: false)
      let sample = try dataset.epoch(1).sample(at: 1)
      #expect(sample.a.height == 12 && sample.a.width == 12)
      #expect(sample.skipped.map(\.reason) == ["10x16 is smaller than the crop of 12x12"])
      #expect(sample.skipped.map(\.path) == [a.images[1].file.relativePath])
    }
  }

  @Test func strictOnesThrow() throws {
    try withDomains(3, 3) { a, b in
      try FileManager.default.removeItem(at: b.images[1].file)
      let dataset = UnpairedDataset(a: a, b: b, seed: 1, serial: true, strict: true)
      let error = #expect(throws: FileError.self) { try dataset.epoch(1).sample(at: 1) }
      #expect(error?.path == b.images[1].file.path)
      _ = try dataset.epoch(1).sample(at: 0)
    }
  }

  @Test func withoutAnyImageLeftItThrows() throws {
    try withDomains(2, 2) { a, b in
      for image in a.images { try FileManager.default.removeItem(at: image.file) }
      let dataset = UnpairedDataset(a: a, b: b, seed: 1, serial: false, strict: false)
      #expect(throws: FileError.self) { try dataset.epoch(1).sample(at: 0) }
    }
  }

  /// Of four files the first and the third; the second is the next in their place.
  @Test func samplingSpreadsOverTheFilesThatDecode() throws {
    try withDomains(4, 1) { a, _ in
      let whole = a.samplingImages(from: a.images, count: 2)
      #expect(whole.map(\.image) == [makeImage(0), makeImage(2)])
      #expect(whole.map(\.name) == [a.images[0].name, a.images[2].name])
      try Data().write(to: a.images[0].file)
      #expect(
        a.samplingImages(from: a.images, count: 2).map(\.image) == [makeImage(1), makeImage(2)])
    }
  }

  /// Images of B have other numbers than those of A.
  private let firstOfB = 100

  private func withDomains(
    _ countA: Int, _ countB: Int, crop: Int = 16, flip: Bool = false, firstB: Int? = nil,
    _ body: (UnpairedDataset.Domain, UnpairedDataset.Domain) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let preprocessing = Preprocessing(
        mode: .crop, loadSize: 16, cropSize: crop, flip: flip, channels: 3, sizeMultiple: 4)
      let filesA = try writeImages(countA, to: folder.appendingPathComponent("a"))
      let filesB = try writeImages(
        countB, to: folder.appendingPathComponent("b"), first: firstB ?? firstOfB)
      try body(
        UnpairedDataset.Domain(images: pages(filesA), preprocessing: preprocessing),
        UnpairedDataset.Domain(images: pages(filesB), preprocessing: preprocessing))
    }
  }

  /// The numbers of the images of an epoch; -1 for what is none of them.
  private func numbers(_ epoch: UnpairedDataset.Epoch) throws -> (a: [Int], b: [Int]) {
    let samples = try (0..<epoch.count).map { try epoch.sample(at: $0) }
    func number(_ image: Image, from first: Int) -> Int {
      (0..<20).first { makeImage(first + $0) == image } ?? -1
    }
    return (
      samples.map { number($0.a, from: 0) }, samples.map { number($0.b, from: firstOfB) }
    )
  }
}
