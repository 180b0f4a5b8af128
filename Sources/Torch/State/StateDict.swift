import Foundation

/// Why a state dict does not fit a module: the first differences in one line, then each on a line of its own.
package struct StateDictMismatch: Error, Sendable, CustomStringConvertible {
  package let path: String
  package let missing: [String]
  package let unexpected: [String]
  package let misshapen: [(name: String, found: [Int], expected: [Int])]

  package var description: String {
    let differences =
      missing.map { ("missing", escaped($0)) } + unexpected.map { ("unexpected", escaped($0)) }
      + misshapen.map {
        ("shape", "\(escaped($0.name)): file has \($0.found), model wants \($0.expected)")
      }
    let count = differences.count
    let first = differences.prefix(3).map { "\($0) \($1)" } + (count > 3 ? ["..."] : [])
    let lines = differences.map {
      "  " + $0.padding(toLength: 12, withPad: " ", startingAt: 0) + $1
    }
    return
      "\(path) does not fit this model (\(count) \(count == 1 ? "difference" : "differences")): "
      + "\(first.joined(separator: "; "))\n\(lines.joined(separator: "\n"))"
  }

  /// Throws unless `found` has exactly the names and shapes of `expected`.
  static func check(
    found: [String: [Int]], expected: [(name: String, shape: [Int])], path: String
  ) throws(StateDictMismatch) {
    let expectedNames = Set(expected.map(\.name))
    let mismatch = StateDictMismatch(
      path: path,
      missing: expected.map(\.name).filter { found[$0] == nil },
      unexpected: found.keys.filter { !expectedNames.contains($0) }.sorted(),
      misshapen: expected.compactMap { name, shape in
        guard let other = found[name], other != shape else { return nil }
        return (name, other, shape)
      })
    if mismatch.missing.isEmpty && mismatch.unexpected.isEmpty && mismatch.misshapen.isEmpty {
      return
    }
    throw mismatch
  }
}

extension Module {
  /// Every tensor under its name, for saving.
  package var stateDict: [(name: String, tensor: Tensor)] {
    namedParameters().map { ($0.name, $0.value.tensor.detached()) }
  }

  /// Copies a state dict into the module, converting types to the module's.
  ///
  /// Throws `StateDictMismatch`, and changes nothing, unless every name and shape fits.
  /// - Parameter path: named in the error.
  package func load(_ saved: [String: Tensor], from path: String) throws(StateDictMismatch) {
    let own = namedParameters()
    try StateDictMismatch.check(
      found: saved.mapValues(\.shape),
      expected: own.map { ($0.name, $0.value.tensor.shape) }, path: path)
    for (name, parameter) in own { parameter.tensor.copyInPlace(from: saved[name]!) }
  }
}
