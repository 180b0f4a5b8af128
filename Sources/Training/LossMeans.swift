/// Means of named values over the steps between two lines of a log: a single step of one image says little.
package struct LossMeans: Codable, Equatable {
  private var sums: [String: Double] = [:]
  private var steps = 0

  /// Adds a step, which has the same names as the others.
  mutating func add(_ values: [(name: String, value: Double)]) {
    for (name, value) in values { sums[name, default: 0] += value }
    steps += 1
  }

  /// In the order of `values`, which are the last step's.
  func means(of values: [(name: String, value: Double)]) -> [(name: String, value: Double)] {
    values.map { ($0.name, (sums[$0.name] ?? 0) / Double(max(steps, 1))) }
  }

  /// Whether steps can have added up to this, and not a damaged file.
  var isPossible: Bool { sums.values.allSatisfy(\.isFinite) && steps >= 0 }
}
