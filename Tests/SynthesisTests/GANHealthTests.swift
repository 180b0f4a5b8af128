import TestSupport
import Testing
import Torch
import Training

@testable import Synthesis

/// The two warnings, each once, and what they wait for.
struct GANHealthTests {
  @Test func aWinnerIsNamedOnceAfter200Steps() {
    var health = GANHealth()
    let warnings = (1...500).compactMap { step in
      health.note(loss: 0.01, limit: 0.05).map { (step, $0) }
    }
    #expect(warnings.map(\.0) == [200])
    #expect(warnings.first?.1 == Alarm(.discriminatorHasWon(steps: 200), "D"))
  }

  @Test func aSingleGoodStepBeginsTheCountAnew() {
    var health = GANHealth()
    for step in 1...1000 {
      #expect(health.note(loss: step % 199 == 0 ? 0.6 : 0.01, limit: 0.05) == nil)
    }
  }

  @Test func lossesThatDoNotTellAreIgnored() {
    var health = GANHealth()
    for _ in 1...300 { #expect(health.note(loss: -100, limit: nil) == nil) }
  }

  /// A tenth of the data's spread of 1 is the limit.
  @Test func collapseIsNamedOnce() {
    var health = GANHealth()
    #expect((1...20).compactMap { _ in health.noteSpread(fake: 0.11, real: 1) }.isEmpty)
    let warnings = (1...20).compactMap { look in
      health.noteSpread(fake: 0.09, real: 1).map { (look, $0) }
    }
    #expect(warnings.map(\.0) == [5])
    #expect(warnings.first?.1 == Alarm(.collapsed, "G"))
  }

  @Test func freshGeneratorsAreNotLookedAt() {
    #expect((1...130).filter { GANHealth.looks(at: $0) } == [100, 110, 120, 130])
  }

  @Test func theStateSurvivesASnapshot() {
    var health = GANHealth()
    for _ in 1...150 { _ = health.note(loss: 0, limit: 1) }
    _ = health.noteSpread(fake: 0, real: 1)
    #expect(GANHealth(numbers: health.numbers) == health)
    #expect(GANHealth(numbers: []) == GANHealth())
    #expect(GANHealth(numbers: [-1, .nan, .infinity]) == GANHealth())
  }

  /// Two images of two pixels, [0, 0] and [2, 0]: variances 1 and 0, root of their mean.
  @Test func spread() {
    let batch = Tensor([0, 0, 2, 0], shape: [2, 1, 1, 2])
    expectClose(batch.spreadBetweenSamples.item, 0.5.squareRoot(), tolerance: 1e-6)
    #expect(Tensor.full(3, shape: [4, 1, 2, 2]).spreadBetweenSamples.item == 0)
  }
}
