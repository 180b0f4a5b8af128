import Foundation

/// One object of `metrics.jsonl`, whose keys DESIGN.md fixes.
struct MetricsLine: Encodable {
  let step: StepReport
  let alarms: [Alarm]
  /// Since the run began, over all calls.
  let secondsElapsed: Double

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: Key.self)
    func put(_ value: some Encodable, _ key: String) throws {
      try line.encode(value, forKey: Key(stringValue: key))
    }
    try put(step.step, "step")
    try put(step.epoch, "epoch")
    try put(step.images, "images")
    try put(step.learningRate, "lr")
    for (name, value) in step.means { try put(value, name) }
    if !alarms.isEmpty { try put(alarms.map(\.description), "alarms") }
    try put(step.secondsPerStep, "seconds_per_step")
    try put(step.secondsWaitingForData, "seconds_waiting_for_data")
    try put(secondsElapsed, "seconds_elapsed")
    try put(step.secondsPerStep * Double(step.totalSteps - step.step), "seconds_left")
  }
}
