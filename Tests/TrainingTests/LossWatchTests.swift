import Testing

@testable import Training

struct LossWatchTests {
  private func alarms(_ values: [Double]) -> [(step: Int, alarm: Alarm)] {
    var watch = LossWatch()
    return values.enumerated().flatMap { step, value in
      watch.note([("G", value)]).map { (step + 1, $0) }
    }
  }

  /// The median of fifty 2s is 2; 199 is less than a hundred times that, 201 more. Told once.
  @Test func aHundredTimesTheMedianIsTold() {
    let usual = [Double](repeating: 2, count: 50)
    #expect(alarms(usual + [199]).isEmpty)
    let found = alarms(usual + [201, 1e6])
    #expect(found.map(\.step) == [51])
    #expect(found.first?.alarm == Alarm(.explodes(times: 100), "G"))
  }

  /// Losses may be negative, and small ones may grow a hundredfold: 0.1 is the least median.
  @Test func sizesCountAndSmallOnesDoNot() {
    #expect(alarms([Double](repeating: -2, count: 50) + [-201]).count == 1)
    #expect(alarms([Double](repeating: 1e-4, count: 50) + [0.5, 9]).isEmpty)
    #expect(alarms([Double](repeating: 1e-4, count: 50) + [11]).count == 1)
  }

  /// A penalty of every fourth step makes its loss 300 times as large there: those steps are compared with one another.
  @Test func stepsAreComparedWithThoseOfTheirKind() {
    var watch = LossWatch()
    func alarms(_ step: Int, _ value: Double) -> [Alarm] {
      watch.note([("D", value)], kind: step.isMultiple(of: 4) ? 1 : 0)
    }
    for step in 1...200 { #expect(alarms(step, step.isMultiple(of: 4) ? 600 : 2).isEmpty) }
    #expect(alarms(204, 59_000).isEmpty)
    #expect(alarms(208, 61_000) == [Alarm(.explodes(times: 101), "D")])
  }

  @Test func theFirstStepsAreNotJudged() {
    #expect(alarms([Double](repeating: 2, count: 49) + [1e6]).isEmpty)
  }

  /// A rise that lasts becomes the usual: after 51 of 101 steps at 300 the median is 300.
  @Test func theMedianRuns() {
    let risen = [Double](repeating: 2, count: 50) + [Double](repeating: 150, count: 80)
    #expect(alarms(risen + [201]).isEmpty)
  }
}
