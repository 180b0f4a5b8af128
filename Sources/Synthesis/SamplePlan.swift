import Datasets
import Imaging

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

  /// Rows and columns of a sheet, those of a sum's terms included.
  package var sheetCells: (rows: Int, columns: Int) {
    let rows = (count + columns - 1) / columns
    guard case .arithmetic(let sum, _) = kind else { return (rows, columns) }
    let widest = sum.terms.map { $0.samples.count == 1 ? 1 : $0.samples.count + 1 }.max() ?? 0
    return (rows + sum.terms.count, max(columns, widest))
  }

  /// No cell of a sheet takes more than this, with what is between and over cells, for images of `size` pixels.
  package func largestSheetCell(size: Int) -> Int {
    guard case .arithmetic = kind else { return size + 2 }
    return size + Self.smallestCell + 2 * Image.textHeight + 8
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

  /// A grid of the images of all latents. Under those of a sum are the rows that lead to it, with words over them:
  /// each term's samples and, last, their mean. Traps without images.
  package func sheet(_ images: [Image], _ sampler: Sampler) -> Image {
    guard case .arithmetic(let sum, _) = kind else { return .sheet(images, columns: columns) }
    let terms = sum.terms.map { term in
      let latents = term.samples.map { sampler.latent(of: $0, seed: seed) }
      let numbers = term.samples.map(String.init).joined(separator: ", ")
      return (
        words: (term.isSubtracted ? "- " : "+ ") + numbers
          + (latents.count > 1 ? ", their mean" : ""),
        images: (latents.count == 1 ? latents : latents + [LatentArithmetic.mean(latents)])
          .map(sampler.image)
      )
    }
    func rows(_ images: [Image]) -> [[Image]] {
      stride(from: 0, to: images.count, by: columns).map { start in
        images[start..<min(start + columns, images.count)].map { $0.converted(toChannels: 3) }
      }
    }
    let table = LabeledTable(
      of: images, columns: sheetCells.columns, smallestCell: Self.smallestCell)
    return LabeledTable.sheet(
      [table.line("the sum, and around it")] + rows(images).map(table.row)
        + terms.flatMap { term in
          [
            table.line(term.words), table.row(term.images.map { $0.converted(toChannels: 3) }),
          ]
        })
  }

  /// Room for words over the images of a sum.
  private static let smallestCell = 64

  /// Uniform noise of this size around a sum, as in the DCGAN paper's figure 7.
  private static let neighborhood: Float = 0.25
}
