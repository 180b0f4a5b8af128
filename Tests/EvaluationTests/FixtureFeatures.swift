import Foundation
import TestSupport
import Torch

/// Two sets of features with what other programs measure on them: Tests/Fixtures/Evaluation/write_evaluation.py.
struct FixtureFeatures: Decodable {
  let x: [[Float]]
  let y: [[Float]]
  let frechet, kernel, precision, recall, density, coverage: Double

  static func read() throws -> FixtureFeatures {
    try JSONDecoder().decode(
      FixtureFeatures.self, from: Data(contentsOf: fixture("Evaluation/values.json")))
  }
}

/// `[rows, columns]`, float64.
func matrix(_ rows: [[Float]]) -> Tensor {
  Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count]).converted(to: .float64)
}
