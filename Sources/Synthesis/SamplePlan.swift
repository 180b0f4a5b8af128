import Datasets

/// Which images are made of which latents.
package struct SamplePlan: Sendable {
  package enum Kind: Sendable, Equatable {
    /// The samples 1 to `count`.
    case samples(count: Int)
    /// `steps` images from each sample to the next, both ends included: 1 to 2, 2 to 3, ...
    case walks(count: Int, steps: Int)
    /// The sum, then `count - 1` images around it.
    case arithmetic(LatentArithmetic, count: Int)
  }

  private let kind: Kind
  private let seed: UInt64

  package init(_ kind: Kind, seed: UInt64) {
    self.kind = kind
    self.seed = seed
  }

  /// Images in all.
  package var count: Int {
    switch kind {
    case .samples(let count), .arithmetic(_, let count): count
    case .walks(let count, let steps): count * steps
    }
  }

  /// Of a sheet: near a square, or one walk in a row.
  package var columns: Int {
    switch kind {
    case .samples(let count), .arithmetic(_, let count):
      max(1, Int(Double(count).squareRoot().rounded(.up)))
    case .walks(_, let steps): steps
    }
  }

  /// Rows and columns of a sheet with the rows of `terms`.
  package var sheetCells: (rows: Int, columns: Int) {
    let rows = (count + columns - 1) / columns
    guard case .arithmetic(let sum, _) = kind else { return (rows, columns) }
    let widest = sum.terms.map { $0.samples.count == 1 ? 1 : $0.samples.count + 1 }.max() ?? 0
    return (rows + sum.terms.count, max(columns, widest))
  }

  /// The latent of the image at `index`, from 0 to `count - 1`.
  package func latent(at index: Int, _ sampler: Sampler) -> [Float] {
    switch kind {
    case .samples: return sampler.latent(of: index + 1, seed: seed)
    case .walks(_, let steps):
      let walk = index / steps
      return sphericalInterpolation(
        sampler.latent(of: walk + 1, seed: seed), sampler.latent(of: walk + 2, seed: seed),
        at: Double(index % steps) / Double(max(steps - 1, 1)))
    case .arithmetic(let sum, _):
      let result = sum.result { sampler.latent(of: $0, seed: seed) }
      if index == 0 { return result }
      var stream = SplitMix64(mixing: seed, 0x5B, UInt64(index))
      return result.map { $0 + stream.uniform(in: -Self.neighborhood...Self.neighborhood) }
    }
  }

  /// The rows of images that lead to a sum on a sheet: each term's samples and, last, their mean.
  package func terms(_ sampler: Sampler) -> [[[Float]]] {
    guard case .arithmetic(let sum, _) = kind else { return [] }
    return sum.terms.map { term in
      let latents = term.samples.map { sampler.latent(of: $0, seed: seed) }
      return latents.count == 1 ? latents : latents + [LatentArithmetic.mean(latents)]
    }
  }

  /// Uniform noise of this size around a sum, as in the DCGAN paper's figure 7.
  private static let neighborhood: Float = 0.25
}
