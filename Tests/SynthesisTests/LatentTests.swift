import Foundation
import TestSupport
import Testing

@testable import Synthesis

/// What samples are made of: numbered latents, walks between them and sums of them.
struct LatentTests {
  /// A quarter circle: cos and sin of 30, 45 and 60 degrees.
  private static let points: [(Double, [Float])] = [
    (1.0 / 3, [0.8660254, 0.5]), (0.5, [0.7071068, 0.7071068]), (0, [1, 0]),
  ]

  @Test(arguments: points) func aWalkFollowsTheCircle(_ fraction: Double, expected: [Float]) {
    expectClose(
      sphericalInterpolation([1, 0], [0, 1], at: fraction), expected, tolerance: 1e-6)
  }

  /// Half-way between [2, 0] and [0, 1]: both times sin(45) / sin(90).
  @Test func lengthsGoOverIntoEachOther() {
    expectClose(
      sphericalInterpolation([2, 0], [0, 1], at: 0.5), [1.4142136, 0.7071068], tolerance: 1e-6)
  }

  private static let ends: [[Float]] = [[2, 2], [-1, -1], [0, 0]]

  @Test(arguments: ends)
  func withoutACircleTheWayIsStraight(_ end: [Float]) {
    let middle = sphericalInterpolation([1, 1], end, at: 0.5)
    expectClose(middle, end.map { (1 + $0) / 2 }, tolerance: 1e-6)
  }

  @Test func aSampleDependsOnSeedAndNumberAlone() {
    let distribution = LatentDistribution.normal
    let seventh = distribution.sample(7, size: 5, seed: 3)
    #expect(seventh == distribution.sample(7, size: 5, seed: 3))
    #expect(seventh != distribution.sample(8, size: 5, seed: 3))
    #expect(seventh != distribution.sample(7, size: 5, seed: 4))
  }

  /// 10,000 draws: uniform on [-1, 1) has mean 0 and variance 1/3, normal 0 and 1. Means spread by
  /// 1/100, variances by less than 0.015; four times that.
  @Test(arguments: [(LatentDistribution.uniform, 1.0 / 3), (.normal, 1.0)])
  func distributions(_ distribution: LatentDistribution, variance: Double) {
    let values = distribution.draw(count: 100, size: 100, seed: 1).elements.map(Double.init)
    let mean = values.reduce(0, +) / 10_000
    expectClose(mean, 0, tolerance: 0.04)
    expectClose(values.map { $0 * $0 }.reduce(0, +) / 10_000, variance, tolerance: 0.06)
    if distribution == .uniform { #expect(values.allSatisfy { (-1..<1).contains($0) }) }
  }

  @Test func aSumIsReadAsWritten() throws {
    let sum = try #require(LatentArithmetic(" 1,5,9 - 2, 3,7+4 "))
    #expect(sum.terms.map(\.samples) == [[1, 5, 9], [2, 3, 7], [4]])
    #expect(sum.terms.map(\.isSubtracted) == [false, true, false])
    #expect(LatentArithmetic(" - 3 ")?.terms.map(\.samples) == [[3]])
    #expect(LatentArithmetic("-3")?.terms.map(\.isSubtracted) == [true])
  }

  @Test(arguments: [
    "", " ", "+", "1 +", "1 - - 2", "1,,2", "0", "-0", "a", "1.5", "1 * 2", "1,2,",
    "99999999999999999999", "1;2", "1 5 9 - 2", "1,5 9", "- 1 2",
    String(repeating: "1,", count: 100) + "1",
  ])
  func whatIsNoSumIsRefused(_ text: String) {
    #expect(LatentArithmetic(text) == nil)
  }

  /// Ten images in rows of four are three rows; a term of two samples is a row of three with its mean.
  @Test func theCellsOfASheet() throws {
    func cells(_ kind: SamplePlan.Kind) -> [Int] {
      let cells = SamplePlan(kind, seed: 0).sheetCells
      return [cells.rows, cells.columns]
    }
    #expect(cells(.samples(count: 10)) == [3, 4])
    #expect(cells(.walks(count: 2, steps: 7)) == [2, 7])
    let sum = try #require(LatentArithmetic("1,2 - 3"))
    #expect(cells(.arithmetic(sum, count: 1)) == [3, 3])
    #expect(cells(.arithmetic(sum, count: 10)) == [5, 4])
  }

  /// Samples n have the latent [n, 1]: mean(1, 3) - 2 + 5 is [2 - 2 + 5, 1 - 1 + 1].
  @Test func meansAreAddedAndSubtracted() throws {
    let sum = try #require(LatentArithmetic("1,3 - 2 + 5"))
    #expect(sum.result { [Float($0), 1] } == [5, 1])
  }
}
