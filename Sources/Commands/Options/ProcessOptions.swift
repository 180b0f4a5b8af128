import Machine
import Torch

/// How the processes that a launcher has started train together.
struct ProcessOptions: OptionGroup {
  var backend = ProcessGroup.Transport.auto
  var timeout = Seconds(600)

  static let rows: [Option<ProcessOptions>] = [
    .choice(
      "backend", "name",
      "how several processes exchange gradients: nccl for GPUs, gloo for all; its network is "
        + "GLOO_SOCKET_IFNAME's", \.backend),
    .value(
      "collective-timeout", "time",
      "how long processes wait for one another, such as 90s or 10min", \.timeout),
  ]
}

/// A length of time; at least a second, at most a week.
struct Seconds: OptionValue, Equatable {
  let count: Double

  static var kind: String { "a time such as 90s or 10min" }
  private static let possible = 1.0...604_800

  init(_ count: Double) { self.count = count }

  /// Reads "90s", "90" and "1.5min".
  init?(optionText text: String) {
    let units = [("min", 60.0), ("s", 1)]
    let unit = units.first { text.hasSuffix($0.0) } ?? ("", 1)
    guard let number = Double(text.dropLast(unit.0.count)), case let count = number * unit.1,
      Self.possible.contains(count)
    else { return nil }
    self.count = count
  }

  var optionText: String {
    let isMinutes = count.truncatingRemainder(dividingBy: 60) == 0
    return isMinutes ? "\(Int(count / 60))min" : "\(count.optionText)s"
  }
}
