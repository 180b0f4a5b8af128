import Testing
import Torch

/// Expects two numbers to differ by at most `tolerance`; what is not a number never passes.
package func expectClose(
  _ actual: Double, _ expected: Double, tolerance: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let difference = abs(actual - expected)
  #expect(
    difference <= tolerance, "\(actual) is not \(expected) ± \(tolerance)",
    sourceLocation: sourceLocation)
}

/// Expects as many numbers as given, each within `tolerance`. Names the first that is not.
package func expectClose(
  _ actual: [Float], _ expected: [Float], tolerance: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, "not as many numbers", sourceLocation: sourceLocation)
  // Written as a negation, so that what is not a number is found.
  let wrong = zip(actual, expected).enumerated().first { _, pair in
    !(abs(Double(pair.0) - Double(pair.1)) <= tolerance)
  }
  guard let (index, (found, wanted)) = wrong else { return }
  Issue.record(
    "element \(index) is \(found), not \(wanted) ± \(tolerance)", sourceLocation: sourceLocation)
}

/// Expects the same shape, and every element within `tolerance`.
package func expectClose(
  _ actual: Tensor, _ expected: Tensor, tolerance: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let (shape, wanted) = (actual.shape, expected.shape)
  #expect(shape == wanted, sourceLocation: sourceLocation)
  expectClose(
    actual.elements, expected.elements, tolerance: tolerance, sourceLocation: sourceLocation)
}
