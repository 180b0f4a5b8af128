import TestSupport
import Testing
import Training

@testable import Synthesis

struct CodeMapTests {
  /// 97.5 % of N(0, 1) lie below 1.959964 and half below 0; tables of the distribution.
  @Test(arguments: [(0.5, 0.0), (0.975, 1.959964), (0.025, -1.959964), (1e-9, -5.997807)])
  func quantiles(_ probability: Double, _ expected: Double) {
    expectClose(normalQuantile(probability), expected, tolerance: 1e-6)
  }

  /// The first number grows to the right and the second upwards, from the top left to the bottom right.
  @Test func codesOfEvenSteps() {
    let map = CodeMap(side: 3, extent: .reach(2))
    #expect(map.count == 9)
    #expect(map.code(at: 0) == [-2, 2])
    #expect(map.code(at: 2) == [2, 2])
    #expect(map.code(at: 4) == [0, 0])
    #expect(map.code(at: 6) == [-2, -2])
  }

  /// Of two on a side: the quantiles 1/4 and 3/4, which are -0.67449 and 0.67449.
  @Test func codesOfQuantiles() {
    let map = CodeMap(side: 2, extent: .quantiles)
    expectClose(map.code(at: 1), [0.67449, 0.67449], tolerance: 1e-5)
    expectClose(map.code(at: 2), [-0.67449, -0.67449], tolerance: 1e-5)
  }
}

struct CodeWatchTests {
  @Test func silentCodesAreToldOnce() {
    var watch = CodeWatch()
    var steps: [Int] = []
    for step in 1...1200 where watch.note(step == 100 ? 2 : 0.01) != nil { steps.append(step) }
    #expect(steps == [600])
  }

  /// A snapshot in between changes nothing, and one that was tampered with is taken as new.
  @Test func theStateSurvives() {
    var watch = CodeWatch()
    for _ in 1...499 { _ = watch.note(0) }
    var restored = CodeWatch(numbers: watch.numbers)
    #expect(restored.note(0)?.kind == .codeIsUnused)
    #expect(CodeWatch(numbers: [.nan, 0]) == CodeWatch())
    #expect(CodeWatch(numbers: [1]) == CodeWatch())
  }
}
