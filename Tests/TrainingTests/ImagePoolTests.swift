import Datasets
import Testing
import Torch

@testable import Training

/// Pictures of one value, so that each is known by it.
struct ImagePoolTests {
  private func picture(_ value: Int) -> Tensor { .full(Double(value), shape: [1, 1, 2, 2]) }

  private func values(_ pictures: [Tensor]) -> [Int] {
    pictures.map { Int($0.mean().item) }
  }

  @Test func withoutCapacityEveryQueryComesBack() {
    var pool = ImagePool(capacity: 0)
    var generator = SplitMix64(seed: 1)
    for value in 0..<5 {
      #expect(values([pool.query(picture(value), drawing: &generator)]) == [value])
    }
    #expect(pool.pictures.isEmpty)
  }

  @Test func untilItIsFullEveryPictureIsKeptAndReturned() {
    var pool = ImagePool(capacity: 3)
    var generator = SplitMix64(seed: 1)
    for value in 0..<3 {
      #expect(values([pool.query(picture(value), drawing: &generator)]) == [value])
      #expect(values(pool.pictures) == Array(0...value))
    }
  }

  /// Either the new picture comes back and nothing changes, or an old one does and the new one has its
  /// place. Of 600 queries half exchange, give or take four standard deviations of 12; of about 300
  /// exchanges each of three places has a third, give or take four of 8.
  @Test func aFullPoolExchangesHalfOfThePictures() {
    var pool = ImagePool(capacity: 3)
    var generator = SplitMix64(seed: 1)
    for value in 0..<3 { _ = pool.query(picture(value), drawing: &generator) }
    var expected = [0, 1, 2]
    var exchanges = [0, 0, 0]
    for value in 3..<603 {
      let returned = values([pool.query(picture(value), drawing: &generator)])[0]
      if returned != value, let place = expected.firstIndex(of: returned) {
        expected[place] = value
        exchanges[place] += 1
      } else {
        #expect(returned == value)
      }
      #expect(values(pool.pictures) == expected)
    }
    let total = exchanges.reduce(0, +)
    #expect(abs(total - 300) < 49)
    #expect(exchanges.allSatisfy { abs($0 - total / 3) < 33 })
  }

  /// A batch is queried picture by picture: the second may bring back the first.
  @Test func batchesAreQueriedPictureByPicture() {
    var pool = ImagePool(capacity: 1)
    var generator = SplitMix64(seed: 2)
    var broughtBack = false
    for round in 0..<20 {
      let pair = Tensor.concatenated([picture(2 * round), picture(2 * round + 1)], axis: 0)
      let returned = pool.query(pair, drawing: &generator)
      #expect(returned.shape == [2, 1, 2, 2])
      let second = returned.narrowed(axis: 0, 1..<2)
      if values([second]) == [2 * round] { broughtBack = true }
    }
    #expect(broughtBack)
  }

  @Test func picturesHaveNoGraphAndStorageOfTheirOwn() {
    var pool = ImagePool(capacity: 2)
    var generator = SplitMix64(seed: 1)
    let source = picture(7)
    let fake = source.requiringGradient() * 1
    #expect(fake.requiresGradient)
    #expect(!pool.query(fake, drawing: &generator).requiresGradient)
    let plain = picture(8)
    _ = pool.query(plain, drawing: &generator)
    plain.copyInPlace(from: picture(9))
    #expect(values(pool.pictures) == [7, 8])
    var empty = ImagePool(capacity: 0)
    #expect(!empty.query(fake, drawing: &generator).requiresGradient)
  }

  @Test func savedPicturesComeBackUpToTheCapacity() {
    var pool = ImagePool(capacity: 2)
    pool.restore([picture(1), picture(2), picture(3)])
    #expect(values(pool.pictures) == [1, 2])
  }
}
