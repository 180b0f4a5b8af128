import Datasets
import Imaging

/// Which images are made of which latents, classes and codes.
package struct SamplePlan: Sendable {
  package enum Kind: Sendable, Equatable {
    /// The samples 1 to `count`.
    case samples(count: Int)
    /// `steps` images from each sample to the next, both ends included: 1 to 2, 2 to 3, ...
    case walks(count: Int, steps: Int)
    /// The sum, then `count - 1` images around it.
    case arithmetic(LatentArithmetic, count: Int)
    /// A row for each choice of a class or of a code's value, with the samples 1 to `count` in it.
    case rows([Sampler.Choice], count: Int)
    /// A row for each sample from 1 to `count`, and in it a column for each choice.
    case columns([Sampler.Choice], count: Int)
  }

  private let kind: Kind
  private let choice: Sampler.Choice?
  private let seed: UInt64

  /// - Parameter choice: the class of all samples; `nil` draws each one's.
  package init(_ kind: Kind, choice: Sampler.Choice? = nil, seed: UInt64) {
    self.kind = kind
    self.choice = choice
    self.seed = seed
  }

  /// Images in all.
  package var count: Int {
    switch kind {
    case .samples(let count), .arithmetic(_, let count): count
    case .walks(let count, let steps): count * steps
    case .rows(let choices, let count), .columns(let choices, let count): count * choices.count
    }
  }

  /// Of a sheet: near a square, or one walk or choice in a row.
  package var columns: Int {
    switch kind {
    case .samples(let count), .arithmetic(_, let count):
      max(1, Int(Double(count).squareRoot().rounded(.up)))
    case .walks(_, let steps): steps
    case .rows(_, let count): max(1, count)
    case .columns(let choices, _): max(1, choices.count)
    }
  }

  /// Rows and columns of a sheet, those of a sum's terms included, without what stands before the rows.
  package var sheetCells: (rows: Int, columns: Int) {
    let rows = (count + columns - 1) / columns
    guard case .arithmetic(let sum, _) = kind else { return (rows, columns) }
    let widest = sum.terms.map { $0.samples.count == 1 ? 1 : $0.samples.count + 1 }.max() ?? 0
    return (rows + sum.terms.count, max(columns, widest))
  }

  /// No cell of a sheet takes more than this, with what is between and over cells, for images of `size` pixels.
  package func largestSheetCell(size: Int) -> (height: Int, width: Int) {
    switch kind {
    case .samples, .walks, .columns: return (size + 2, size + 2)
    case .rows:
      // A share of the word before the row.
      let word = (Image.largestLabelWidth + 2 + columns - 1) / columns
      return (max(size, Image.textHeight) + 2, size + 2 + word)
    case .arithmetic:
      let side = size + Self.smallestCell + 2 * Image.textHeight + 8
      return (side, side)
    }
  }

  /// What the image at `index`, from 0 to `count - 1`, is made of.
  package func input(at index: Int, _ sampler: Sampler) -> [Float] {
    switch kind {
    case .samples: return input(index + 1, sampler)
    case .walks(_, let steps):
      let walk = index / steps
      return Self.between(
        input(walk + 1, sampler), input(walk + 2, sampler),
        at: Double(index % steps) / Double(max(steps - 1, 1)), latent: sampler.latent)
    case .arithmetic(let sum, _):
      let result = sum.result { input($0, sampler) }
      if index == 0 { return result }
      var stream = SampleStream.neighbor.numbers(of: index, seed: seed)
      // What stands for a class or codes is the sum's for all.
      return result.enumerated().map { place, number in
        place < sampler.latent
          ? number + stream.uniform(in: -Self.neighborhood...Self.neighborhood) : number
      }
    case .rows(let choices, let count):
      return sampler.input(of: index % count + 1, with: choices[index / count], seed: seed)
    case .columns(let choices, _):
      return sampler.input(
        of: index / choices.count + 1, with: choices[index % choices.count], seed: seed)
    }
  }

  /// What the sample of a number is made of.
  private func input(_ number: Int, _ sampler: Sampler) -> [Float] {
    sampler.input(of: number, with: choice, seed: seed)
  }

  /// Latents go along a great circle, and what stands for a class or codes straight over.
  private static func between(
    _ a: [Float], _ b: [Float], at fraction: Double, latent: Int
  ) -> [Float] {
    sphericalInterpolation(Array(a.prefix(latent)), Array(b.prefix(latent)), at: fraction)
      + zip(a, b).dropFirst(latent).map {
        Float((1 - fraction) * Double($0) + fraction * Double($1))
      }
  }

  /// A grid of the images of all latents, with the classes' names before their rows. Under those of a sum are the rows
  /// that lead to it, with words over them: each term's samples and, last, their mean. Traps without images.
  package func sheet(_ images: [Image], _ sampler: Sampler) -> Image {
    if case .rows(let choices, _) = kind {
      return .sheet(images, columns: columns, labels: choices.map(sampler.name))
    }
    guard case .arithmetic(let sum, _) = kind else { return .sheet(images, columns: columns) }
    let terms = sum.terms.map { term in
      let latents = term.samples.map { input($0, sampler) }
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
