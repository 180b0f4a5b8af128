/// Watches for losses that leave their range long before they are no numbers any more.
struct LossWatch {
  /// The losses of one name in steps of one kind.
  private struct Series: Hashable {
    let name: String
    let kind: Int
  }

  /// Absolute values of the last steps.
  private var recent: [Series: [Double]] = [:]
  private var told: Set<String> = []

  private static let window = 101
  private static let least = 50
  private static let limit = 100.0
  /// Losses of this size and below come and go: a discriminator's is near zero while it wins.
  private static let small = 0.1

  /// Alarms for the losses of the next step.
  /// - Parameter kind: which terms they have; they are compared with those of steps of the same kind.
  mutating func note(_ losses: [(name: String, value: Double)], kind: Int = 0) -> [Alarm] {
    losses.compactMap { name, value in
      let size = abs(value)
      let series = Series(name: name, kind: kind)
      var known = recent[series, default: []]
      defer {
        if known.count == Self.window { known.removeFirst() }
        recent[series] = known + [size]
      }
      guard known.count >= Self.least, !told.contains(name) else { return nil }
      let median = max(known.sorted()[known.count / 2], Self.small)
      guard size > Self.limit * median else { return nil }
      told.insert(name)
      return Alarm(.explodes(times: Int(min(size / median, 1e9))), name)
    }
  }
}
