import Foundation
import Torch
import Wording

/// One number of a comparison, with what it is.
package struct Measurement: Sendable, Equatable {
  /// For programs: "fid".
  package let key: String
  /// For people: "FID".
  package let name: String
  /// nil where it cannot be computed.
  package var value: Double?
  package var error: Double?
  /// What the error is, or why there is no value.
  package var remark: String
  /// What people see it times.
  package var factor = 1

  init(_ key: String, _ name: String, value: Double?, error: Double? = nil, _ remark: String) {
    (self.key, self.name, self.value, self.error, self.remark) = (key, name, value, error, remark)
  }

  init(_ key: String, _ name: String, _ estimate: Estimate, _ remark: String) {
    self.init(key, name, value: estimate.value, error: estimate.error, remark)
  }

  /// The same, shown a thousand times as large.
  func inThousandths() -> Measurement {
    var result = self
    result.factor = 1000
    return result
  }
}

/// How sets are compared.
package struct ComparisonSettings: Sendable {
  package var seed: UInt64 = 0
  /// Images of a subset for the kernel distance; nil takes half of the smaller set, at most 1,000.
  package var subsetSize: Int?
  package var subsets = 100

  package init() {}
}

/// Compares made images with real ones, set against set.
struct SetComparison {
  let made: SetStatistics
  let real: SetStatistics
  /// nil where the features are those of patches.
  let network: FeatureNetwork?
  let settings: ComparisonSettings

  private var counts: (made: Int, real: Int) { (made.count, real.count) }
  private static let needsTwo = "needs two images on each side"

  func measurements() -> [Measurement] {
    withoutGradients {
      let (x, y) = features()
      return (network == nil ? [] : [frechet(x, y)]) + [kernel(x, y), sliced()] + neighbors(x, y)
        + [
          Self.diversity(
            "diversity", "diversity", made, against: real, "the real images'", settings)
        ]
    }
  }

  /// Those of a network as they are, those of patches in units of the real images'.
  private func features() -> (Tensor, Tensor) {
    let (x, y) = (made.features.converted(to: .float64), real.features.converted(to: .float64))
    if network != nil { return (x, y) }
    let parts = 2 * real.levels.count
    return (
      PatchStatistics.scaled(x, by: y, parts: parts), PatchStatistics.scaled(y, by: y, parts: parts)
    )
  }

  private func frechet(_ x: Tensor, _ y: Tensor) -> Measurement {
    let isStandard = network?.isStandard(features: x.shape[1]) ?? false
    let (key, name) = ("fid", isStandard ? "FID" : "Fréchet distance")
    guard min(counts.made, counts.real) > 1 else {
      return Measurement(key, name, value: nil, Self.needsTwo)
    }
    let value = FrechetDistance.between(x, y)
    let cost = FrechetDistance.cost(counts: counts, features: x.shape[1])
    let resamples = Int(min(100, max(10, 2e12 / cost)))
    let error = bootstrapped(resamples) { draws in
      let (a, b) = (draws.withReplacement(counts.made), draws.withReplacement(counts.real))
      return FrechetDistance.between(x.rows(a), y.rows(b))
    }
    return Measurement(key, name, value: value, error: error, Self.words(resamples))
  }

  private func kernel(_ x: Tensor, _ y: Tensor) -> Measurement {
    let (key, name) =
      network == nil ? ("patch_kid", "KID of patches") : ("kid", "KID")
    let smaller = min(counts.made, counts.real)
    guard smaller > 1 else { return Measurement(key, name, value: nil, Self.needsTwo) }
    let size = min(smaller, settings.subsetSize ?? max(2, min(1000, smaller / 2)))
    // All subsets that are as large as both sets are these.
    let isWhole = size == counts.made && size == counts.real
    var draws = Draws(seed: settings.seed &+ 1)
    var values: [Double] = []
    for _ in 0..<(isWhole ? 1 : settings.subsets) {
      let (a, b) = (
        draws.subset(of: counts.made, size: size), draws.subset(of: counts.real, size: size)
      )
      values.append(KernelDistance.between(x.rows(a), y.rows(b)))
    }
    return Measurement(
      key, name, value: values.reduce(0, +) / Double(values.count), error: deviation(values),
      isWhole
        ? "of all images, without subsets"
        : "mean and deviation of \(counted(values.count, "subset")) of \(counted(size, "image"))"
    ).inThousandths()
  }

  private func sliced() -> Measurement {
    let value = PatchStatistics.slicedDistance(made.levels, real.levels)
    let error = bootstrapped(Self.slicedResamples) { draws in
      func resampled(_ set: SetStatistics) -> [Tensor] {
        let images = draws.withReplacement(set.count)
        return set.levels.map { level in
          let patches = level.shape[0] / set.count
          return level.rows(images.flatMap { $0 * patches..<($0 + 1) * patches })
        }
      }
      return PatchStatistics.slicedDistance(resampled(made), resampled(real))
    }
    return Measurement(
      "swd", "sliced Wasserstein distance", value: value, error: error,
      Self.words(Self.slicedResamples)
    ).inThousandths()
  }

  private static let slicedResamples = 10

  private func neighbors(_ x: Tensor, _ y: Tensor) -> [Measurement] {
    let names = ["precision", "recall", "density", "coverage"]
    let k = NeighborMeasures.neighbors
    guard min(counts.made, counts.real) > k else {
      return names.map {
        Measurement($0, $0, value: nil, "needs more than \(k) images on each side")
      }
    }
    let found = NeighborMeasures(made: x, real: y)
    let values = [found.precision, found.recall, found.density, found.coverage]
    return zip(names, values).map {
      Measurement($0, $0, $1, "standard error, \(k) neighbors")
    }
  }

  /// How much images differ among themselves, over how much others do: the deviation between the images at 16x16
  /// pixels, root mean square.
  ///
  /// - Parameter words: whose the others are.
  static func diversity(
    _ key: String, _ name: String, _ set: SetStatistics, against other: SetStatistics,
    _ words: String, _ settings: ComparisonSettings
  ) -> Measurement {
    func ratio(_ x: Tensor, _ y: Tensor) -> Double? {
      let (own, others) = (spread(x), spread(y))
      return others > 0 ? own / others : nil
    }
    guard min(set.count, other.count) > 1 else {
      return Measurement(key, name, value: nil, needsTwo)
    }
    guard let value = ratio(set.thumbnails, other.thumbnails) else {
      return Measurement(key, name, value: nil, "the other images are all alike")
    }
    var draws = Draws(seed: settings.seed &+ 2)
    var values: [Double] = []
    for _ in 0..<resamplesOfDiversity {
      let drawn = ratio(
        set.thumbnails.rows(draws.withReplacement(set.count)),
        other.thumbnails.rows(draws.withReplacement(other.count)))
      if let drawn { values.append(drawn) }
    }
    return Measurement(
      key, name, value: value, error: deviation(values),
      "over \(words); \(Self.words(resamplesOfDiversity))")
  }

  private static let resamplesOfDiversity = 50

  private static func spread(_ thumbnails: Tensor) -> Double {
    (thumbnails - thumbnails.mean(axes: [0])).squared().mean().item.squareRoot()
  }

  private static func words(_ resamples: Int) -> String {
    "bootstrap, \(counted(resamples, "resample"))"
  }

  private func bootstrapped(
    _ count: Int, _ body: (inout Draws) -> Double
  ) -> Double? {
    guard min(counts.made, counts.real) > 1 else { return nil }
    var draws = Draws(seed: settings.seed)
    var values: [Double] = []
    for _ in 0..<count {
      values.append(body(&draws))
    }
    return deviation(values)
  }
}
