/// Measures steps and the waiting for images within them, as means since the last reset.
struct StepClock {
  private let clock = ContinuousClock()
  private var begun: ContinuousClock.Instant?
  private var total = Duration.zero
  private var waiting = Duration.zero
  private var steps = 0

  mutating func begin() { begun = clock.now }

  mutating func dataArrived() {
    if let begun { waiting += clock.now - begun }
  }

  mutating func stepEnded() {
    if let begun { total += clock.now - begun }
    steps += 1
  }

  mutating func reset() {
    (total, waiting, steps) = (.zero, .zero, 0)
  }

  var secondsPerStep: Double { total / .seconds(1) / Double(max(steps, 1)) }

  var secondsWaiting: Double { waiting / .seconds(1) / Double(max(steps, 1)) }
}
