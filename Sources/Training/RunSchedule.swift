import Foundation

/// How long a run goes on and what it leaves on its way.
package struct RunSchedule: Codable, Sendable, Equatable {
  /// Epochs at the full learning rate; `n_epochs` in the reference.
  package var constantEpochs = 100
  /// Epochs of decay after them; `n_epochs_decay`.
  package var decayEpochs = 100
  package var saveEvery = SaveInterval.epochs(5)
  /// A snapshot is saved when so much time has passed since the last, whatever `saveEvery` says.
  package var saveAtLeast = Minutes(30)
  /// Steps between lines of `metrics.jsonl`.
  package var logEvery = 100
  /// Steps between sample sheets; `nil` draws one with each snapshot.
  package var sampleEvery: Int?
  /// How many of the newest snapshots are kept; 0 keeps all. Older programs kept all.
  package var keepLast = 3
  /// Snapshots of epochs that are multiples of this are kept in any case; 0 for none.
  package var keepEvery = 50

  package init() {}

  package var totalEpochs: Int { constantEpochs + decayEpochs }
}

/// What lies between two snapshots of a run.
package enum SaveInterval: Sendable, Equatable {
  case epochs(Int)
  case steps(Int)
  case time(Minutes)

  /// Reads "5", "2000steps" and "30min"; `nil` for what is not one of these, or not positive.
  package init?(text: String) {
    func count(before unit: String) -> Int? {
      let count = text.hasSuffix(unit) ? Int(text.dropLast(unit.count)) : nil
      return count.flatMap { (1...1_000_000_000).contains($0) ? $0 : nil }
    }
    if let count = count(before: "epochs") ?? count(before: "") {
      self = .epochs(count)
    } else if let count = count(before: "steps") {
      self = .steps(count)
    } else if text.hasSuffix(Minutes.unit), let minutes = Minutes(text: text) {
      self = .time(minutes)
    } else {
      return nil
    }
  }

  package var text: String {
    switch self {
    case .epochs(let count): "\(count)"
    case .steps(let count): "\(count)steps"
    case .time(let minutes): minutes.text
    }
  }
}

/// A number for epochs, as older runs have it, or a text.
extension SaveInterval: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = (try? container.decode(Int.self)).map(String.init)
    guard let value = try SaveInterval(text: text ?? container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "neither epochs, steps nor minutes")
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if case .epochs(let count) = self {
      try container.encode(count)
    } else {
      try container.encode(text)
    }
  }
}

/// A length of time; at least a hundredth of a second, at most a year.
package struct Minutes: Sendable, Equatable {
  package let count: Double

  static let unit = "min"
  private static let possible = 1.0 / 6000...60 * 24 * 366

  /// Traps on a length that is out of range.
  package init(_ count: Double) {
    precondition(Self.possible.contains(count))
    self.count = count
  }

  /// Reads "30min" and "30"; `nil` for what is not a number, or out of range.
  package init?(text: String) {
    let number = text.hasSuffix(Self.unit) ? text.dropLast(Self.unit.count) : text[...]
    guard let count = Double(number), Self.possible.contains(count) else { return nil }
    self.count = count
  }

  package var text: String {
    let number = count.description
    return (number.hasSuffix(".0") ? String(number.dropLast(2)) : number) + Self.unit
  }

  var duration: Duration { .seconds(count * 60) }
}

extension Minutes: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let value = try Minutes(text: container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no length of time")
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
