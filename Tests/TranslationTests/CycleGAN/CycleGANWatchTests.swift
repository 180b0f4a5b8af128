import Testing
import Torch
import Training

@testable import Translation

/// Generators that go wrong, made by hand: each is told by its alarm, and no other, once.
struct CycleGANWatchTests {
  /// Looks at what `generator` makes of images with differing gradients of brightness.
  private func alarms(
    steps: Int = 2000, cycle: Double = 0.05, _ generator: (Tensor) -> Tensor
  ) -> [Alarm.Kind] {
    var watch = CycleGANWatch("G_A")
    var found: [Alarm.Kind] = []
    for step in stride(from: 10, through: steps, by: 10) {
      let image = Tensor.uniform(shape: [1, 3, 16, 16], seed: UInt64(step)) * 2 - 1
      let target = Tensor.uniform(shape: [1, 3, 16, 16], seed: UInt64(step + 1)) * 2 - 1
      let numbers = watch.look(
        at: generator(image), from: image, target: target, step: step)
      found +=
        numbers.map { watch.judge($0.elements.map(Double.init), cycle: cycle) }?
        .map(\.kind) ?? []
    }
    return found
  }

  @Test func healthyOnesAreSilent() {
    #expect(alarms { $0 * 0.7 + 0.1 } == [])
    // Another domain, which has nothing to do with the images.
    let unrelated = alarms { image in
      Tensor.uniform(shape: image.shape, seed: UInt64(image.elements[0] * 1e6 + 2e6))
    }
    #expect(unrelated == [])
  }

  @Test func alikeForAll() {
    #expect(alarms { $0 * 0.02 + 0.5 } == [.collapsed])
    // Fresh generators get time.
    #expect(alarms(steps: 290) { $0 * 0.02 } == [])
  }

  @Test func darkWhereLight() {
    #expect(alarms { $0 * -0.8 } == [.invertsBrightness])
    // As long as the way back does not lead to the images, it may be on its way.
    #expect(alarms(cycle: 0.6) { $0 * -0.8 } == [])
  }

  @Test func theImageItself() {
    #expect(alarms { $0 * 0.99 } == [.copiesInput])
    #expect(alarms(steps: 990) { $0 * 0.99 } == [])
  }

  @Test func aDiscriminatorThatHasWon() {
    var watch = CycleGANWatch("G_A")
    let found = (1...500).flatMap { _ in
      watch.noteDiscriminator(loss: 0.001, limit: 0.01, "D_A")
    }
    #expect(found == [Alarm(.discriminatorHasWon(steps: 200), "D_A")])
    #expect((1...500).flatMap { _ in watch.noteDiscriminator(loss: -9, limit: nil, "D_A") } == [])
  }

  /// Against 1, 2, 3: the same is 1, turned round -1, and what does not vary 0.
  @Test func correlations() {
    func correlation(_ a: [Float], _ b: [Float]) -> Double {
      let shape = [1, 1, 1, a.count]
      return Tensor(a, shape: shape).correlations(with: Tensor(b, shape: shape)).item
    }
    #expect(abs(correlation([1, 2, 3], [2, 4, 6]) - 1) < 1e-12)
    #expect(abs(correlation([1, 2, 3], [3, 2, 1]) + 1) < 1e-12)
    #expect(correlation([1, 2, 3], [5, 5, 5]) == 0)
  }
}
