import Models
import Torch

/// What a member of the family adds to the step of a GAN. Each has a page of its own in this folder.
protocol GANCondition: Sendable {
  /// What the generator is told beside the latents of a pass, a row for each image; `nil` for nothing.
  ///
  /// - Parameter seed: of the step, for what is drawn.
  func told(_ pass: GANTrainer.Pass, seed: UInt64) -> Tensor?

  /// How real each image looks, `[batch, 1]`, from what the discriminator returns for it.
  func scores(_ outputs: Tensor) -> Tensor

  /// What the discriminator minimizes beside the adversarial loss.
  ///
  /// - Parameters:
  ///   - real: what the discriminator returns for the pass's images, and `fake` for those made of `told`.
  ///   - judge: the discriminator, for other images.
  func discriminatorTerms(
    _ pass: GANTrainer.Pass, real: Tensor, fake: Tensor, told: Tensor?, judge: (Tensor) -> Tensor
  ) -> [LossTerm]

  /// What the generator minimizes beside the adversarial loss.
  func generatorTerms(fake: Tensor, told: Tensor?) -> [LossTerm]

  /// Whether the generator matches features instead of minimizing the adversarial loss.
  var matchesFeatures: Bool { get }
}

/// One of several numbers whose sum is minimized, with its weight in it.
struct LossTerm {
  /// As in `metrics.jsonl`.
  let name: String
  var value: Tensor
}

extension GANCondition {
  func told(_ pass: GANTrainer.Pass, seed: UInt64) -> Tensor? { nil }
  func scores(_ outputs: Tensor) -> Tensor { outputs.narrowed(axis: 1, 0..<1) }
  func generatorTerms(fake: Tensor, told: Tensor?) -> [LossTerm] { [] }
  var matchesFeatures: Bool { false }
}

extension SampleCondition {
  /// What it adds to a step.
  var method: any GANCondition {
    switch kind {
    case .cgan: ConditionalGAN()
    case .acgan: AuxiliaryClassifier()
    case .infogan: InfoGAN(codes: codes)
    case .sgan: SemiSupervised()
    }
  }
}

/// Rows of zeros with a 1 in the place of each label, `[count, classes]`.
func oneHot(_ labels: [Int], classes: Int) -> Tensor {
  var elements = [Float](repeating: 0, count: labels.count * classes)
  for (row, label) in labels.enumerated() { elements[row * classes + label] = 1 }
  return Tensor(elements, shape: [labels.count, classes])
}
