import Foundation
import Testing

@testable import Training

@Suite struct ValidationTests {
  private func line(
    _ step: Int, distances: (Double, Double), edges: (Double, Double)
  ) -> ValidationLine {
    ValidationLine(
      step: step, epoch: step / 10,
      values: [
        ("distance_G_A", distances.0), ("distance_G_B", distances.1),
        ("edges_G_A", edges.0), ("edges_G_B", edges.1),
        // Of weights that nothing is chosen by.
        ("distance_G_A_raw", -Double(step)), ("edges_G_A_raw", Double(step)),
      ])
  }

  private func best(
    by criterion: ValidationSettings.Criterion, _ lines: [ValidationLine],
    among steps: Set<Int> = [10, 20, 30]
  ) -> Int? {
    var settings = ValidationSettings()
    settings.criterion = criterion
    return settings.bestStep(lines, among: steps)
  }

  /// | step | distances | their ranks | edges | their ranks | sum |
  /// | --- | --- | --- | --- | --- | --- |
  /// | 10 | 3, 1 | 3, 1 | .9, .9 | 1, 1 | 6 |
  /// | 20 | 1, 1.5 | 1, 2 | .7, .8 | 2, 2 | 7 |
  /// | 30 | 2, 1.6 | 2, 3 | .5, .6 | 3, 3 | 11 |
  ///
  /// The distances' sums are 4, 2.5 and 3.6.
  @Test func theCriterionDecides() {
    let lines = [
      line(10, distances: (3, 1), edges: (0.9, 0.9)),
      line(20, distances: (1, 1.5), edges: (0.7, 0.8)),
      line(30, distances: (2, 1.6), edges: (0.5, 0.6)),
    ]
    #expect(best(by: .ranks, lines) == 10)
    #expect(best(by: .distance, lines) == 20)
    #expect(best(by: .edges, lines) == 10)
    // Those that are not there any more count in the ranks, but cannot be chosen.
    #expect(best(by: .ranks, lines, among: [20, 30]) == 20)
    #expect(best(by: .distance, lines, among: [10, 30]) == 30)
    #expect(best(by: .ranks, lines, among: [40]) == nil)
    #expect(best(by: .ranks, []) == nil)
  }

  @Test func ofEqualOnesTheNewestIsTaken() {
    let lines = [10, 20].map { line($0, distances: (1, 1), edges: (0.5, 0.5)) }
    #expect(best(by: .ranks, lines) == 20)
  }

  @Test func whatIsNoNumberIsTheWorst() {
    let lines = [
      line(10, distances: (9, 9), edges: (0, 0)),
      line(20, distances: (.nan, 1), edges: (.nan, 1)),
    ]
    #expect(best(by: .distance, lines) == 10)
    #expect(best(by: .edges, lines) == 10)
  }

  @Test func linesAreReadAsTheyAreWritten() throws {
    let line = ValidationLine(step: 20, epoch: 2, values: [("a", 0.1), ("b", .infinity)])
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = try encoder.encode(line)
    #expect(String(decoding: text, as: UTF8.self) == #"{"a":0.1,"epoch":2,"step":20}"#)
    let read = try JSONDecoder().decode(ValidationLine.self, from: text)
    #expect((read.step, read.epoch) == (20, 2))
    #expect(read.values == ["a": 0.1])
  }
}
