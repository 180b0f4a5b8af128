import Datasets
import Models
import Torch

/// InfoGAN: the generator is given codes that nobody explains, and a network that shares the discriminator's body has
/// to name them, so that they come to mean something.
///
/// Both networks maximize L_I = E log Q(c | G(z, c)), a lower bound of the mutual information but for the entropy of
/// the codes, which is constant. Q is a softmax for a code of several, and a normal distribution of variance 1 for a
/// number, whose -log Q is (c - m)^2 / 2 and a constant that is left out. Source: arXiv 1606.03657, equations 5 and 6;
/// the weights of section 7 and appendix C.
struct InfoGAN: GANCondition {
  let codes: LatentCodes

  /// lambda of a code of several, and of a number.
  static let categoricalWeight = 1.0
  static let uniformWeight = 0.1

  /// Drawn for the whole batch, so that its parts have the codes that they would have together.
  func told(_ pass: GANTrainer.Pass, seed: UInt64) -> Tensor? {
    var stream = SplitMix64(seed: seed)
    let rows = (0..<pass.part.total).flatMap { _ in codes.draw(using: &stream) }
    return pass.part.rows(of: Tensor(rows, shape: [pass.part.total, codes.width]))
      .moved(to: pass.real.device)
  }

  func discriminatorTerms(
    _ pass: GANTrainer.Pass, real: Tensor, fake: Tensor, told: Tensor?, judge: (Tensor) -> Tensor
  ) -> [LossTerm] { terms(fake, told) }

  func generatorTerms(fake: Tensor, told: Tensor?) -> [LossTerm] { terms(fake, told) }

  private func terms(_ outputs: Tensor, _ told: Tensor?) -> [LossTerm] {
    guard let told else { return [] }
    // The score stands before them.
    let named = outputs.narrowed(axis: 1, 1..<outputs.shape[1])
    let losses = codes.placed.map { code, places in
      let (guess, truth) = (
        named.narrowed(axis: 1, places), told.narrowed(axis: 1, places)
      )
      return switch code {
      case .categorical: guess.crossEntropyWithLogits(truth) * Self.categoricalWeight
      case .uniform: guess.meanSquaredError(truth) * (0.5 * Self.uniformWeight)
      }
    }
    guard let first = losses.first else { return [] }
    return [LossTerm(name: "codes", value: losses.dropFirst().reduce(first, +))]
  }
}

extension LatentCodes {
  /// One draw of all codes: a code of several as zeros and one 1.
  func draw(using stream: inout SplitMix64) -> [Float] {
    list.flatMap { code in
      switch code {
      case .categorical(let count): oneOf(count, Int(stream.next() % UInt64(count)))
      case .uniform: [stream.uniform(in: -1...1)]
      }
    }
  }
}

/// Zeros and a 1 at `place`.
func oneOf(_ count: Int, _ place: Int) -> [Float] {
  (0..<count).map { $0 == place ? 1 : 0 }
}
