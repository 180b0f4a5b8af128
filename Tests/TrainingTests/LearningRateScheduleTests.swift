import Foundation
import TestSupport
import Testing

@testable import Training

/// Factors of the learning rate, worked out from REFERENCE.md, section 1.9.
struct LearningRateScheduleTests {
  struct Factor: Sendable {
    let policy: OptimizationSettings.LearningRatePolicy
    let epoch: Int
    let factor: Double

    init(_ policy: OptimizationSettings.LearningRatePolicy, _ epoch: Int, _ factor: Double) {
      self.policy = policy
      self.epoch = epoch
      self.factor = factor
    }
  }

  /// 100 constant epochs and 100 of decay.
  private static let expectedFactors = [
    Factor(.linear, 1, 1), Factor(.linear, 100, 1), Factor(.linear, 101, 100.0 / 101),
    Factor(.linear, 150, 51.0 / 101), Factor(.linear, 200, 1.0 / 101),
    Factor(.step, 1, 1), Factor(.step, 50, 1), Factor(.step, 51, 0.1), Factor(.step, 100, 0.1),
    Factor(.step, 101, 0.01), Factor(.step, 151, 0.001),
    // Half a cosine over 200 epochs: an eighth of a turn after 50, a quarter after 100.
    Factor(.cosine, 1, 1), Factor(.cosine, 51, (1 + 0.5.squareRoot()) / 2),
    Factor(.cosine, 101, 0.5), Factor(.cosine, 151, (1 - 0.5.squareRoot()) / 2),
    Factor(.constant, 1, 1), Factor(.constant, 200, 1), Factor(.plateau, 200, 1),
  ]

  @Test(arguments: expectedFactors) func factor(_ expected: Factor) {
    let schedule = LearningRateSchedule(
      policy: expected.policy, constantEpochs: 100, decayEpochs: 100)
    expectClose(schedule.factor(epoch: expected.epoch), expected.factor, tolerance: 1e-12)
  }

  @Test(arguments: OptimizationSettings.LearningRatePolicy.allCases)
  func noEpochOfAnyLengthTrainsWithNothing(_ policy: OptimizationSettings.LearningRatePolicy) {
    for (constant, decay) in [(1, 0), (0, 1), (2, 3), (100, 100)] {
      let schedule = LearningRateSchedule(
        policy: policy, constantEpochs: constant, decayEpochs: decay)
      for epoch in 1...(constant + decay) {
        let factor = schedule.factor(epoch: epoch)
        #expect(factor > 0 && factor <= 1)
      }
    }
  }

  /// The first epoch is the best so far; five without improvement are borne, the sixth is not.
  @Test func plateauFallsAfterSixEpochsWithoutImprovement() {
    var schedule = plateau()
    #expect(factors(&schedule, [10, 10, 10, 10, 10, 10]) == [1, 1, 1, 1, 1, 1])
    #expect(factors(&schedule, [10]) == [0.2])
    let next = factors(&schedule, [10, 10, 10, 10, 10, 10])
    #expect(next.prefix(5) == [0.2, 0.2, 0.2, 0.2, 0.2])
    expectClose(next[5], 0.04, tolerance: 1e-12)
  }

  /// 1 % less than 10 is 9.9: 9.91 is no improvement, 9.89 is one and starts the count again.
  @Test func onePercentIsAnImprovement() {
    var without = plateau()
    #expect(factors(&without, [10] + [Double](repeating: 9.91, count: 6)).last == 0.2)
    var with = plateau()
    let losses = [10, 10, 10, 10, 10, 10, 9.89, 9.89, 9.89, 9.89, 9.89, 9.89]
    #expect(factors(&with, losses).last == 1)
    #expect(factors(&with, [9.89]) == [0.2])
  }

  @Test func anotherLengthKeepsWhatPlateauHasSeen() throws {
    var schedule = plateau()
    _ = factors(&schedule, [Double](repeating: 10, count: 7))
    var length = RunSchedule()
    length.constantEpochs = 300
    let longer = schedule.changed(to: .plateau, lasting: length)
    #expect(longer.factor(epoch: 1) == 0.2)
    #expect(longer.constantEpochs == 300)
    let saved = try JSONEncoder().encode(longer)
    #expect(try JSONDecoder().decode(LearningRateSchedule.self, from: saved) == longer)
  }

  private func plateau() -> LearningRateSchedule {
    LearningRateSchedule(policy: .plateau, constantEpochs: 100, decayEpochs: 100)
  }

  /// The factors after epochs with these losses.
  private func factors(_ schedule: inout LearningRateSchedule, _ losses: [Double]) -> [Double] {
    losses.map { loss in
      schedule.epochEnded(meanGeneratorLoss: loss)
      return schedule.factor(epoch: 1)
    }
  }
}
