/// Shows how far a long job is: a live line or two on a terminal, else a plain line now and then.
///
/// Used by the one thread that does the job.
struct ProgressDisplay {
  private let console: Console
  private let unit: String
  private let linesEvery: Int
  private let clock: @Sendable () -> Double

  private let begun: Double
  private var lastTime: Double
  private var lastDone: Int?
  private var lastDrawn = -Double.infinity
  private var lastLine: Double
  private var doneAtLastLine: Int?
  private var seconds = Smoothed()
  private var units = Smoothed()
  private var steps = Smoothed()
  private var values: [(name: String, value: Smoothed)] = []
  private var latest: ProgressReading?

  /// - Parameters:
  ///   - unit: what is counted in the speed.
  ///   - linesEvery: steps between plain lines where there is no terminal.
  ///   - clock: seconds from any beginning that never go back.
  init(
    console: Console, unit: String = "images", linesEvery: Int,
    clock: @escaping @Sendable () -> Double = Self.monotonicSeconds
  ) {
    self.console = console
    self.unit = unit
    self.linesEvery = max(linesEvery, 1)
    self.clock = clock
    begun = clock()
    lastTime = begun
    lastLine = lastTime
  }

  /// Takes note of a step that has just been done.
  ///
  /// - Parameters:
  ///   - counters: from the slowest to the fastest; the last one's total is the end of the job.
  ///   - units: how many of the speed's units the step took.
  ///   - values: such as the step's losses, the same names each time.
  mutating func advance(
    _ counters: [ProgressReading.Counter], units count: Int,
    values newValues: [(name: String, value: Double)] = []
  ) {
    guard let job = counters.last else { return }
    let now = clock()
    let stepsDone = job.done - (lastDone ?? job.done - 1)
    seconds.add(now - lastTime)
    units.add(Double(count))
    steps.add(Double(stepsDone))
    smooth(newValues)
    lastTime = now
    lastDone = job.done
    let reading = reading(counters, job)
    latest = reading
    if console.isInteractive {
      drawIfDue(reading, now)
    } else {
      printIfDue(reading, job.done, now)
    }
  }

  /// Ends the display with a whole line of the latest state.
  mutating func finish() {
    console.erase()
    guard let latest, console.isInteractive || doneAtLastLine != lastDone else { return }
    console.notice(ProgressFormat.line(latest))
    self.latest = nil
  }

  private mutating func smooth(_ newValues: [(name: String, value: Double)]) {
    if values.map(\.name) != newValues.map(\.name) {
      values = newValues.map { ($0.name, Smoothed()) }
    }
    for (index, new) in newValues.enumerated() { values[index].value.add(new.value) }
  }

  private func reading(
    _ counters: [ProgressReading.Counter], _ job: ProgressReading.Counter
  ) -> ProgressReading {
    var reading = ProgressReading(counters: counters, unit: unit)
    reading.secondsElapsed = lastTime - begun
    if seconds.mean > 0 {
      reading.unitsPerSecond = units.mean / seconds.mean
      if steps.mean > 0 {
        reading.secondsLeft = Double(max(job.total - job.done, 0)) * seconds.mean / steps.mean
      }
    }
    reading.values = values.map { ($0.name, $0.value.mean) }
    return reading
  }

  private mutating func drawIfDue(_ reading: ProgressReading, _ now: Double) {
    guard now - lastDrawn >= Self.secondsBetweenDrawings else { return }
    lastDrawn = now
    console.draw(ProgressFormat.lines(reading, width: console.width))
  }

  private mutating func printIfDue(_ reading: ProgressReading, _ done: Int, _ now: Double) {
    guard done % linesEvery == 0 || now - lastLine >= Self.secondsBetweenLines else { return }
    lastLine = now
    doneAtLastLine = done
    console.notice(ProgressFormat.line(reading))
  }

  /// Ten drawings a second are as many as an eye can use.
  private static let secondsBetweenDrawings = 0.1
  /// Slow steps still show a sign of life in a log each minute.
  private static let secondsBetweenLines = 60.0

  @Sendable static func monotonicSeconds() -> Double {
    let elapsed = ContinuousClock.now - processStart
    return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
  }

  private static let processStart = ContinuousClock.now
}

/// A mean in which older values count less and less.
///
/// Each value weighs 0.95 times the one after it, and the weights are divided by their sum, so that the
/// first means are not drawn towards zero.
struct Smoothed: Sendable {
  private static let decay = 0.95
  private var sum = 0.0
  private var weight = 0.0

  mutating func add(_ value: Double) {
    sum = sum * Self.decay + value
    weight = weight * Self.decay + 1
  }

  /// Zero before the first value.
  var mean: Double { weight == 0 ? 0 : sum / weight }
}
