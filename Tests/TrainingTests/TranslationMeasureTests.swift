import TestSupport
import Testing
import Torch

@testable import Training

/// The unpaired measure against values worked out by hand, and what it chooses.
struct TranslationMeasureTests {
  private func flat(_ value: Double, side: Int = 16, count: Int = 2) -> Tensor {
    .full(value, shape: [count, 3, side, side])
  }

  // MARK: Patches

  @Test func equalSetsAreNoDistanceApart() {
    let x = Tensor.uniform(shape: [3, 3, 40, 48], seed: 1)
    #expect(TranslationMeasure.patchDistance(x, x) == 0)
    let other = Tensor.concatenated([1, 2, 0].map { x.narrowed(axis: 0, $0..<$0 + 1) }, axis: 0)
    #expect(TranslationMeasure.patchDistance(x, other) == 0)
    // Of the larger set the first three are taken.
    #expect(
      TranslationMeasure.patchDistance(x, .concatenated([x, x + 1], axis: 0)) == 0)
  }

  /// A patch of one value v projected on w is v sum(w), so that the distance is |a - b| times the mean of |sum(w)|:
  /// for unit vectors of 147 numbers sqrt(2 / pi) = 0.798, with a deviation of 0.603 / sqrt(128) = 0.053
  /// for the mean of 128.
  @Test func colorsCount() {
    let one = TranslationMeasure.patchDistance(flat(0), flat(1))
    expectClose(one, 0.798, tolerance: 4 * 0.053)
    let half = TranslationMeasure.patchDistance(flat(0.25), flat(-0.25))
    expectClose(half, one / 2, tolerance: 1e-5)
    // Another seed has other directions.
    #expect(TranslationMeasure.patchDistance(flat(0), flat(1), seed: 1) != one)
  }

  /// 64 pixels have levels of 64, 32 and 16; those of flat images are zero but for the last.
  @Test func theMeanIsOverTheLevels() {
    let small = TranslationMeasure.patchDistance(flat(0), flat(1), seed: 2)
    let large = TranslationMeasure.patchDistance(flat(0, side: 64), flat(1, side: 64), seed: 0)
    expectClose(large, small / 3, tolerance: 1e-5)
  }

  /// Every sample stands for itself: values of 0 and 1 in equal parts against 1/2 everywhere are 1/2 apart, though
  /// the means agree.
  @Test func spreadCounts() {
    let mixed = Tensor.concatenated([flat(0, count: 1), flat(1, count: 1)], axis: 0)
    let one = TranslationMeasure.patchDistance(flat(0), flat(1))
    expectClose(TranslationMeasure.patchDistance(mixed, flat(0.5)), one / 2, tolerance: 1e-5)
  }

  /// One pixel of 1 in the middle: 6/16 of it along each axis stay in the middle of the half, 1/16 beside it.
  /// Back in its place come 4 (36^2 + 4 * 6^2 + 4) / 256^2 = 5776 / 65536.
  @Test func theLevelsOfAPyramid() {
    var pixels = [Float](repeating: 0, count: 32 * 32)
    pixels[16 * 32 + 16] = 1
    let levels = TranslationMeasure.laplacianPyramid(Tensor(pixels, shape: [1, 1, 32, 32]))
    #expect(levels.map(\.shape) == [[1, 1, 32, 32], [1, 1, 16, 16]])
    let (fine, rest) = (levels[0].elements, levels[1].elements)
    expectClose(
      [rest[8 * 16 + 8], rest[8 * 16 + 9], rest[9 * 16 + 9], rest[8 * 16 + 10]],
      [36.0 / 256, 6.0 / 256, 1.0 / 256, 0], tolerance: 1e-7)
    expectClose(Double(fine[16 * 32 + 16]), 1 - 5776.0 / 65536, tolerance: 1e-6)
    // One value stays one up to the border, also with odd sides.
    let one = TranslationMeasure.laplacianPyramid(.full(0.7, shape: [1, 2, 33, 70]))
    #expect(one.map(\.shape) == [[1, 2, 33, 70], [1, 2, 17, 35]])
    expectClose(one[0], one[0].filled(with: 0), tolerance: 1e-6)
    expectClose(one[1], one[1].filled(with: 0.7), tolerance: 1e-6)
  }

  // MARK: Edges

  /// Images of one row of edges, from their columns.
  private func columns(_ values: [Float]) -> Tensor {
    Tensor((0..<3).flatMap { _ in values }, shape: [1, 1, 3, values.count])
  }

  /// Sobel's slopes of 0 0 1 1 1 are 4 4 0 and of 0 0 0 1 1 they are 0 4 4. Less their mean, 8/3, the products sum
  /// up to -16/3 and the squares to 32/3 each.
  @Test func correlationByHand() {
    let (x, y) = (columns([0, 0, 1, 1, 1]), columns([0, 0, 0, 1, 1]))
    expectClose(TranslationMeasure.edgeCorrelation(x, y), -0.5, tolerance: 1e-5)
    expectClose(TranslationMeasure.edgeCorrelation(x, x), 1, tolerance: 1e-5)
    // The mean over the images.
    let both = TranslationMeasure.edgeCorrelation(
      .concatenated([x, x], axis: 0), .concatenated([x, y], axis: 0))
    expectClose(both, 0.25, tolerance: 1e-5)
  }

  /// Where edges lie counts, not which side is the lighter one, nor how strong they are.
  @Test func colorsDoNotMatterToEdges() {
    let x = Tensor.uniform(shape: [2, 3, 20, 20], seed: 4)
    expectClose(TranslationMeasure.edgeCorrelation(x, x * -0.5 + 0.1), 1, tolerance: 1e-4)
    expectClose(
      TranslationMeasure.edgeCorrelation(x, x.mean(axes: [1])), 1, tolerance: 1e-4)
    #expect(TranslationMeasure.edgeCorrelation(x, flat(0.3, side: 20)) == 0)
  }

  // MARK: The order

  private func scores(_ pairs: [(Double, Double)]) -> [TranslationMeasure.Scores] {
    pairs.map { .init(patchDistance: $0.0, edgeCorrelation: $0.1) }
  }

  /// Distances 3 1 2 are ranks 3 1 2; correlations 0.9 0.5 0.7 are ranks 1 3 2. Equal ones share theirs.
  @Test func ranksAreAddedUp() {
    #expect(TranslationMeasure.ranks(of: scores([(3, 0.9), (1, 0.5), (2, 0.7)])) == [4, 4, 4])
    #expect(TranslationMeasure.ranks(of: scores([(1, 0.9), (2, 0.8), (2, 0.1)])) == [2, 4.5, 5.5])
    #expect(TranslationMeasure.ranks(of: []) == [])
  }

  /// Scenes of three colors that one number at each place gives: those of domain A, or others of domain B.
  private func scenes(_ seed: UInt64, _ colors: (Tensor) -> [Tensor]) -> Tensor {
    var height = Tensor.uniform(shape: [8, 1, 8, 8], seed: seed)
    for _ in 0..<3 { height = height.doubledBilinearly() }
    return .concatenated(colors(height), axis: 1)
  }

  /// The edges alone choose the one that changes nothing; the distance alone has next to nothing against scenes that
  /// have nothing to do with the input. Together they choose the translation, though noise costs it the first place
  /// by edges: its ranks are 1 and at most 3, where identity has 4 and 1, half-way 3 and at least 2, and other scenes 2
  /// and 4. The real images are the truth in another order, which the distance does not know.
  @Test func neitherIdentityNorOtherScenesWin() {
    func inA(_ h: Tensor) -> [Tensor] { [h, h * 0.5 + 0.4, h * -0.3] }
    func inB(_ h: Tensor) -> [Tensor] { [h * 0.4 - 0.5, h * 0.3 + 0.1, h * 0.8] }
    let (a, truth) = (scenes(1, inA), scenes(1, inB))
    let realB = Tensor.concatenated(
      (0..<8).reversed().map { truth.narrowed(axis: 0, $0..<$0 + 1) }, axis: 0)
    func noisy(_ x: Tensor, _ by: Double) -> Tensor {
      x + Tensor.normal(shape: x.shape, seed: 9) * by
    }
    let candidates = [
      ("identity", a), ("half-way", a * 0.5 + truth * 0.5), ("translation", noisy(truth, 0.01)),
      ("other scenes", scenes(3, inB)),
    ]
    let found = candidates.map { _, results in
      TranslationMeasure.Scores(
        patchDistance: TranslationMeasure.patchDistance(results, realB),
        edgeCorrelation: TranslationMeasure.edgeCorrelation(a, results))
    }
    let best = { (values: [Double]) in candidates[values.firstIndex(of: values.min()!)!].0 }
    #expect(best(found.map { -$0.edgeCorrelation }) == "identity")
    #expect(found[3].patchDistance < found[0].patchDistance / 2)
    #expect(found[3].edgeCorrelation < 0.5)
    let ranks = TranslationMeasure.ranks(of: found)
    #expect(best(ranks) == "translation")
    #expect(ranks[2] < ranks[0] && ranks[2] < ranks[3])
  }
}
