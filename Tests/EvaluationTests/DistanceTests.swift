import TestSupport
import Testing
import Torch

@testable import Evaluation

/// Distances between sets of features, from definitions and against other programs.
struct DistanceTests {
  /// For each feature a point on either side of the mean: the covariance is diagonal, with 2 a^2 / (2 d - 1) for a
  /// distance of a from the mean.
  private func cross(mean: [Float], _ distances: [Float]) -> Tensor {
    matrix(
      distances.indices.flatMap { axis in
        [-1, 1].map { side in
          mean.indices.map { mean[$0] + ($0 == axis ? Float(side) * distances[$0] : 0) }
        }
      })
  }

  /// Of normal distributions with diagonal covariances: |m1 - m2|^2 + the sum of (s1 - s2)^2 over the deviations. In
  /// 3 features of 6 points the deviations are a sqrt(2/5): 3^2 + 2/5 (1 + 4 + 0) = 11.
  @Test func frechetOfDiagonalNormalDistributions() {
    let x = cross(mean: [0, 0, 0], [1, 2, 5])
    let y = cross(mean: [0, 3, 0], [2, 4, 5])
    expectClose(FrechetDistance.between(x, y), 11, tolerance: 1e-12)
    expectClose(FrechetDistance.between(y, x), 11, tolerance: 1e-12)
  }

  /// Two points differ along one line alone, with a variance of half the square of their distance; here 2 and 8 along
  /// lines at an angle of 60 degrees. S = s u u^T gives (S1 S2)^(1/2) the trace sqrt(s1 s2) |u1 u2| = 4 / 2, so that
  /// 2 + 8 - 2 * 2 = 6 is left where the means agree. There are more features than points.
  @Test func frechetOfFewerImagesThanFeatures() {
    let half = Float(0.5)
    let root = Float(3).squareRoot() / 2
    let x = matrix([[1, 0, 0], [-1, 0, 0]])
    let y = matrix([[2 * half, 2 * root, 0], [-2 * half, -2 * root, 0]])
    expectClose(FrechetDistance.between(x, y), 6, tolerance: 1e-6)
  }

  @Test func frechetOfEqualSetsIsZero() throws {
    let x = matrix(try FixtureFeatures.read().x)
    expectClose(FrechetDistance.between(x, x), 0, tolerance: 1e-9)
  }

  @Test func frechetIsPyTorchFIDs() throws {
    let values = try FixtureFeatures.read()
    let found = FrechetDistance.between(matrix(values.x), matrix(values.y))
    expectClose(found, values.frechet, tolerance: 1e-6 * values.frechet)
  }

  /// k(a, b) = (a b + 1)^3 of one feature. Within 0, 2: 1; within 1, 1: 8; between them (1 + 1 + 27 + 27) / 4 = 14.
  @Test func kernelByHand() {
    let found = KernelDistance.between(matrix([[0], [2]]), matrix([[1], [1]]))
    expectClose(found, 1 + 8 - 2 * 14, tolerance: 1e-12)
  }

  @Test func kernelIsTorchFidelitys() throws {
    let values = try FixtureFeatures.read()
    let found = KernelDistance.between(
      matrix(Array(values.x.prefix(30))), matrix(Array(values.y.prefix(30))))
    expectClose(found, values.kernel, tolerance: 1e-6 * values.kernel)
  }

  /// On a line with k = 1: real images at 0, 1 and 10 have balls of 1, 1 and 9; made ones at 0.5 and 30 of 29.5. The
  /// first made one lies in two balls, the second in none; every real one lies in a made one's ball; nothing made
  /// is nearer to 10 than 9.
  @Test func neighborsByHand() {
    let found = NeighborMeasures(
      made: matrix([[0.5], [30]]), real: matrix([[0], [1], [10]]), neighbors: 1)
    #expect(found.precision.value == 0.5)
    #expect(found.recall.value == 1)
    #expect(found.density.value == 1)
    expectClose(found.coverage.value, 2.0 / 3, tolerance: 1e-12)
    // The deviation of 1 and 0 is sqrt(1/2); of their mean it is half.
    expectClose(found.precision.error ?? 0, 0.5, tolerance: 1e-12)
    #expect(found.recall.error == 0)
  }

  /// A ball of images that are there twice has no inside.
  @Test func equalImagesHaveNoDistance() {
    let point = (0..<999).map { Float($0) * 12.34567 + 0.1 }
    let found = NeighborMeasures(
      made: matrix(.init(repeating: point, count: 37)),
      real: matrix(.init(repeating: point, count: 41)), neighbors: 1)
    #expect(found.precision.value == 0)
    #expect(found.coverage.value == 0)
  }

  @Test func neighborsArePRDCs() throws {
    let values = try FixtureFeatures.read()
    let found = NeighborMeasures(made: matrix(values.x), real: matrix(values.y))
    expectClose(found.precision.value, values.precision, tolerance: 1e-12)
    expectClose(found.recall.value, values.recall, tolerance: 1e-12)
    expectClose(found.density.value, values.density, tolerance: 1e-12)
    expectClose(found.coverage.value, values.coverage, tolerance: 1e-12)
  }

  /// By rank 0, 1, 2 are each 1 from 1, 2, 3.
  @Test func slicedDistanceByRank() {
    let found = PatchStatistics.slicedDistance(
      [matrix([[2], [0], [1]])], [matrix([[1], [3], [2]])])
    expectClose(found, 1, tolerance: 1e-12)
  }

  /// Of four values those of ranks 1 and 3, from 0 on, stand for two; levels count alike: (0 + 1) / 2.
  @Test func slicedDistanceOfSetsOfOtherSizes() {
    let found = PatchStatistics.slicedDistance(
      [matrix([[0], [1], [2], [3]]), matrix([[5], [5]])],
      [matrix([[3], [1]]), matrix([[6], [6]])])
    expectClose(found, 0.5, tolerance: 1e-12)
  }

  /// The first part of the real ones has a root mean square of sqrt((1 + 49) / 2) = 5, the second of 2.
  @Test func scaledByRealImages() {
    let real = matrix([[1, 2], [7, 2]])
    let found = PatchStatistics.scaled(matrix([[10, 10]]), by: real, parts: 2)
    expectClose(found.elements, [2, 5], tolerance: 1e-6)
  }

  /// The deviation of 1, 2, 3 is 1.
  @Test func standardErrorOfAMean() {
    let found = Estimate(meanOf: [1, 2, 3])
    #expect(found.value == 2)
    expectClose(found.error ?? 0, 1 / 3.0.squareRoot(), tolerance: 1e-12)
    #expect(Estimate(meanOf: [4]) == Estimate(value: 4, error: nil))
  }

  @Test func subsetsHaveNothingTwice() {
    var draws = Draws(seed: 1)
    for _ in 0..<20 {
      let drawn = draws.subset(of: 9, size: 6)
      #expect(drawn.count == 6 && Set(drawn).count == 6 && Set(drawn).isSubset(of: 0..<9))
    }
  }
}
