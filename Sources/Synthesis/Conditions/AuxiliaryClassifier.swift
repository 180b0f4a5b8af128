import Torch

/// The GAN with an auxiliary classifier: the generator is told the class, and the discriminator names it beside its
/// score.
///
/// L_S is the adversarial loss, and L_C = E log P(c | x) + E log P(c | G(z, c)) what both networks maximize. The
/// discriminator minimizes the cross entropy of real images and of fakes, the generator that of its fakes. Source:
/// arXiv 1610.09585, section 4. The classes of a batch's fakes are those of its real images.
struct AuxiliaryClassifier: GANCondition {
  func told(_ pass: GANTrainer.Pass, seed: UInt64) -> Tensor? { pass.classes }

  func discriminatorTerms(
    _ pass: GANTrainer.Pass, real: Tensor, fake: Tensor, told: Tensor?, judge: (Tensor) -> Tensor
  ) -> [LossTerm] {
    guard let told else { return [] }
    return [
      LossTerm(name: "class(x)", value: Self.classes(real).crossEntropyWithLogits(told)),
      LossTerm(name: "class(G(z))", value: Self.classes(fake).crossEntropyWithLogits(told)),
    ]
  }

  func generatorTerms(fake: Tensor, told: Tensor?) -> [LossTerm] {
    guard let told else { return [] }
    return [
      LossTerm(name: "class(G(z))", value: Self.classes(fake).crossEntropyWithLogits(told))
    ]
  }

  /// The raw numbers of the classes, which stand behind the score.
  private static func classes(_ outputs: Tensor) -> Tensor {
    outputs.narrowed(axis: 1, 1..<outputs.shape[1])
  }
}
