import Datasets
import Testing
import Torch

@testable import Translation

/// Images of one value, so that each is known by it.
struct ImagePoolTests {
  private func image(_ value: Int) -> Tensor { .full(Double(value), shape: [1, 1, 2, 2]) }

  private func values(_ images: [Tensor]) -> [Int] {
    images.map { Int($0.mean().item) }
  }

  @Test func withoutCapacityEveryQueryComesBack() {
    var pool = ImagePool(capacity: 0)
    var generator = SplitMix64(seed: 1)
    for value in 0..<5 {
      #expect(values([pool.query(image(value), drawing: &generator)]) == [value])
    }
    #expect(pool.images.isEmpty)
  }

  @Test func untilItIsFullEveryImageIsKeptAndReturned() {
    var pool = ImagePool(capacity: 3)
    var generator = SplitMix64(seed: 1)
    for value in 0..<3 {
      #expect(values([pool.query(image(value), drawing: &generator)]) == [value])
      #expect(values(pool.images) == Array(0...value))
    }
  }

  /// Either the new image comes back and nothing changes, or an old one does and the new one has its
  /// place. Of 600 queries half exchange, give or take four standard deviations of 12; of about 300
  /// exchanges each of three places has a third, give or take four of 8.
  @Test func aFullPoolExchangesHalfOfTheImages() {
    var pool = ImagePool(capacity: 3)
    var generator = SplitMix64(seed: 1)
    for value in 0..<3 { _ = pool.query(image(value), drawing: &generator) }
    var expected = [0, 1, 2]
    var exchanges = [0, 0, 0]
    for value in 3..<603 {
      let returned = values([pool.query(image(value), drawing: &generator)])[0]
      if returned != value, let place = expected.firstIndex(of: returned) {
        expected[place] = value
        exchanges[place] += 1
      } else {
        #expect(returned == value)
      }
      #expect(values(pool.images) == expected)
    }
    let total = exchanges.reduce(0, +)
    #expect(abs(total - 300) < 49)
    #expect(exchanges.allSatisfy { abs($0 - total / 3) < 33 })
  }

  /// A batch is queried image by image: the second may bring back the first.
  @Test func batchesAreQueriedImageByImage() {
    var pool = ImagePool(capacity: 1)
    var generator = SplitMix64(seed: 2)
    var broughtBack = false
    for round in 0..<20 {
      let pair = Tensor.concatenated([image(2 * round), image(2 * round + 1)], axis: 0)
      let returned = pool.query(pair, drawing: &generator)
      #expect(returned.shape == [2, 1, 2, 2])
      let second = returned.narrowed(axis: 0, 1..<2)
      if values([second]) == [2 * round] { broughtBack = true }
    }
    #expect(broughtBack)
  }

  @Test func imagesHaveNoGraphAndStorageOfTheirOwn() {
    var pool = ImagePool(capacity: 2)
    var generator = SplitMix64(seed: 1)
    let source = image(7)
    let fake = source.requiringGradient() * 1
    #expect(fake.requiresGradient)
    #expect(!pool.query(fake, drawing: &generator).requiresGradient)
    let plain = image(8)
    _ = pool.query(plain, drawing: &generator)
    plain.copyInPlace(from: image(9))
    #expect(values(pool.images) == [7, 8])
    var empty = ImagePool(capacity: 0)
    #expect(!empty.query(fake, drawing: &generator).requiresGradient)
  }

  @Test func savedImagesComeBackUpToTheCapacity() {
    var pool = ImagePool(capacity: 2)
    pool.restore([image(1), image(2), image(3)])
    #expect(values(pool.images) == [1, 2])
  }
}
