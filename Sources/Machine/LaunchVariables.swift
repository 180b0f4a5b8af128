/// What a launcher such as torchrun or Slurm tells a process by environment variables.
package struct LaunchVariables: Sendable {
  private let values: [String: String]

  package init(_ values: [String: String]) { self.values = values }

  /// A variable that is set and not empty.
  package subscript(name: String) -> String? {
    values[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A whole number; `nil` where the variable is not set. Throws for anything else.
  package func number(
    _ name: String, in range: ClosedRange<Int> = 0...1_000_000_000
  ) throws(LaunchError) -> Int? {
    guard let text = self[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw LaunchError("\(name): '\(text)' is not a number from \(range.lowerBound) on")
    }
    return number
  }

  /// Two numbers of which none means anything without the other: which process of how many.
  package func pair(_ index: String, _ count: String) throws(LaunchError) -> (
    index: Int, count: Int
  )? {
    switch (try number(index), try number(count, in: 1...1_000_000_000)) {
    case (let index?, let count?): return (index, count)
    case (nil, nil): return nil
    case (nil, _): throw LaunchError("\(count) is set, but \(index) is not")
    case (_, nil): throw LaunchError("\(index) is set, but \(count) is not")
    }
  }
}

/// Environment variables that do not fit one another; names them.
package struct LaunchError: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
