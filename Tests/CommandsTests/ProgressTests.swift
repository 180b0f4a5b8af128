import Synchronization
import Testing

@testable import Commands

@Suite struct ProgressFormatTests {
  private let reading = ProgressReading(
    counters: [
      .init(name: "epoch", done: 3, total: 200), .init(name: "step", done: 1204, total: 21400),
    ],
    unitsPerSecond: 3.1, secondsElapsed: 388, secondsLeft: 6729,
    values: [("cycle_A", 12.34), ("G_A", 0.412)])

  @Test func wholeLine() {
    #expect(
      ProgressFormat.line(reading)
        == "epoch 3/200  step 1204/21400  3.10 images/s  0:06:28 elapsed  1:52:09 left  cycle_A 12.3  G_A 0.412"
    )
  }

  @Test func nothingIsClaimedBeforeAnythingIsDone() {
    let reading = ProgressReading(counters: [.init(name: "image", done: 0, total: 9)])
    #expect(ProgressFormat.line(reading) == "image 0/9")
  }

  /// The whole line has 102 characters, that up to "left" 78, the values 23; one column stays free.
  @Test(arguments: [
    (
      103,
      [
        "epoch 3/200  step 1204/21400  3.10 images/s  0:06:28 elapsed  1:52:09 left  cycle_A 12.3  G_A 0.412"
      ]
    ),
    (
      80,
      [
        "epoch 3/200  step 1204/21400  3.10 images/s  0:06:28 elapsed  1:52:09 left",
        "cycle_A 12.3  G_A 0.412",
      ]
    ),
    (20, ["epoch 3/200", "cycle_A 12.3"]),
    (1, []), (0, []),
  ])
  func whatDoesNotFitOneLineHasTwo(_ width: Int, _ expected: [String]) {
    #expect(ProgressFormat.lines(reading, width: width) == expected)
  }

  @Test(arguments: [
    (0, "0:00:00"), (59.4, "0:00:59"), (59.5, "0:01:00"), (3599.9, "1:00:00"),
    (6729, "1:52:09"), (360_000, "100:00:00"), (-1, "-:--:--"), (.infinity, "-:--:--"),
    (.nan, "-:--:--"),
  ])
  func duration(_ seconds: Double, _ expected: String) {
    #expect(ProgressFormat.duration(seconds) == expected)
  }

  @Test(arguments: [
    (0, "0"), (0.4123, "0.412"), (0.9994, "0.999"), (0.9996, "1.00"), (3.14159, "3.14"),
    (9.994, "9.99"), (9.996, "10.0"), (12.34, "12.3"), (99.96, "100"), (1234.5, "1234"),
    (0.000012, "1.2e-05"), (-0.5, "-0.500"), (.nan, "nan"), (.infinity, "inf"),
  ])
  func significantDigits(_ value: Double, _ expected: String) {
    #expect(ProgressFormat.significant(value) == expected)
  }
}

@Suite struct SmoothedTests {
  /// Weights 0.95^2, 0.95 and 1 for the values 1, 2 and 4: (0.9025 + 1.9 + 4) / (0.9025 + 0.95 + 1)
  /// = 6.8025 / 2.8525.
  @Test func laterValuesCountMore() {
    var smoothed = Smoothed()
    #expect(smoothed.mean == 0)
    smoothed.add(1)
    #expect(smoothed.mean == 1)
    smoothed.add(2)
    smoothed.add(4)
    // Rounding of a few sums and products.
    #expect(abs(smoothed.mean - 6.8025 / 2.8525) < 1e-12)
  }

  @Test func equalValuesStayThemselves() {
    var smoothed = Smoothed()
    for _ in 0..<1000 { smoothed.add(0.25) }
    #expect(abs(smoothed.mean - 0.25) < 1e-12)
  }
}

@Suite struct ProgressDisplayTests {
  /// A clock that the test turns.
  private final class Clock: Sendable {
    private let seconds = Mutex(0.0)
    var now: Double { seconds.withLock { $0 } }
    func advance(_ more: Double) { seconds.withLock { $0 += more } }
  }

  private func run(
    _ recording: Recording, steps: ClosedRange<Int>, of total: Int, secondsEach: Double,
    linesEvery: Int, finishing: Bool = true
  ) {
    let clock = Clock()
    var display = ProgressDisplay(
      console: recording.console, linesEvery: linesEvery, clock: { clock.now })
    for step in steps {
      clock.advance(secondsEach)
      display.advance(
        [.init(name: "step", done: step, total: total)], units: 2, values: [("G_A", 0.5)])
    }
    if finishing { display.finish() }
  }

  /// Two images in half a second are 4 a second; 6 steps remain after the fourth, 4 after the sixth.
  @Test func plainLinesComeEachSoManySteps() {
    let recording = Recording()
    run(recording, steps: 1...7, of: 10, secondsEach: 0.5, linesEvery: 3, finishing: false)
    #expect(
      recording.standardError == """
        step 3/10  4.00 images/s  0:00:02 elapsed  0:00:04 left  G_A 0.500
        step 6/10  4.00 images/s  0:00:03 elapsed  0:00:02 left  G_A 0.500

        """)
  }

  @Test func slowStepsShowALineEachMinute() {
    let recording = Recording()
    run(recording, steps: 1...5, of: 100, secondsEach: 25, linesEvery: 100, finishing: false)
    #expect(
      recording.standardError == """
        step 3/100  0.080 images/s  0:01:15 elapsed  0:40:25 left  G_A 0.500

        """)
  }

  @Test func theEndIsShownOnce() {
    let recording = Recording()
    run(recording, steps: 1...4, of: 4, secondsEach: 1, linesEvery: 4)
    #expect(
      recording.standardError
        == "step 4/4  2.00 images/s  0:00:04 elapsed  0:00:00 left  G_A 0.500\n")
    let other = Recording()
    run(other, steps: 1...4, of: 4, secondsEach: 1, linesEvery: 3)
    #expect(
      other.standardError == """
        step 3/4  2.00 images/s  0:00:03 elapsed  0:00:01 left  G_A 0.500
        step 4/4  2.00 images/s  0:00:04 elapsed  0:00:00 left  G_A 0.500

        """)
  }

  /// A run that goes on at step 91 of 100 has 9 steps left, not 99.
  @Test func aResumedJobCountsFromWhereItStands() {
    let recording = Recording()
    run(recording, steps: 91...91, of: 100, secondsEach: 2, linesEvery: 91, finishing: false)
    #expect(
      recording.standardError
        == "step 91/100  1.00 images/s  0:00:02 elapsed  0:00:18 left  G_A 0.500\n")
  }

  /// Steps of 0.0625 seconds: the first and then each second one is a tenth of a second after the last.
  @Test func aTerminalIsDrawnTenTimesASecondAtMost() {
    let recording = Recording(isTerminal: true, width: 16)
    run(recording, steps: 1...4, of: 9, secondsEach: 0.0625, linesEvery: 1)
    let erased = "\r\u{1B}[K\u{1B}[A\u{1B}[K"
    #expect(
      recording.standardError
        == "\r\u{1B}[Kstep 1/9\nG_A 0.500" + erased + "step 3/9\nG_A 0.500" + erased
        + "step 4/9  32.0 images/s  0:00:00 elapsed  0:00:00 left  G_A 0.500\n")
  }
}
