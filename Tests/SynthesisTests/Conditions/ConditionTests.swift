import Datasets
import Foundation
import Models
import TestSupport
import Testing
import Torch

@testable import Synthesis

/// The losses of conditional and semi-supervised GANs from their definitions, on numbers worked out by hand.
struct ConditionTests {
  private let pass = GANTrainer.Pass(
    part: BatchPart(whole: 1), real: .zeros(shape: [1, 1, 2, 2]),
    classes: Tensor([0, 1], shape: [1, 2]))

  /// Behind the score, P(class) is 1/4 and 3/4 for the real image, 1/2 each for the fake: log 4/3 and log 2.
  @Test func auxiliaryClassifier() {
    let method = AuxiliaryClassifier()
    let real = Tensor([9, 0, Float(log(3.0))], shape: [1, 3])
    let fake = Tensor([-9, 2, 2], shape: [1, 3])
    #expect(method.scores(real).elements == [9])
    let told = method.told(pass, seed: 0)
    #expect(told?.elements == [0, 1])
    let terms = method.discriminatorTerms(pass, real: real, fake: fake, told: told) { $0 }
    #expect(terms.map(\.name) == ["class(x)", "class(G(z))"])
    expectClose(terms[0].value.item, log(4.0 / 3), tolerance: 1e-6)
    expectClose(terms[1].value.item, log(2.0), tolerance: 1e-6)
    let ofGenerator = method.generatorTerms(fake: fake, told: told)
    #expect(ofGenerator.count == 1)
    expectClose(ofGenerator[0].value.item, log(2.0), tolerance: 1e-6)
  }

  /// -log 3/4 for the code of two, and 0.1 * (0.5 + 0.5)^2 / 2 for the number -0.5 taken for 0.5.
  @Test func codes() {
    let method = InfoGAN(codes: LatentCodes([.categorical(2), .uniform]))
    let outputs = Tensor([7, 0, Float(log(3.0)), 0.5], shape: [1, 4])
    let told = Tensor([0, 1, -0.5], shape: [1, 3])
    #expect(method.scores(outputs).elements == [7])
    let terms = method.discriminatorTerms(pass, real: outputs, fake: outputs, told: told) { $0 }
    expectClose(terms[0].value.item, log(4.0 / 3) + 0.05, tolerance: 1e-6)
    expectClose(
      method.generatorTerms(fake: outputs, told: told)[0].value.item, terms[0].value.item,
      tolerance: 1e-9)
  }

  /// A thousand draws of a code of four and a number: each value 250 times, give or take 14, and a mean of 0 give or
  /// take 0.018; four times that. A part of a batch has the rows that it would have in the whole.
  @Test func codesAreDrawn() throws {
    let method = InfoGAN(codes: LatentCodes([.categorical(4), .uniform]))
    func told(_ part: BatchPart) throws -> Tensor {
      try #require(
        method.told(
          GANTrainer.Pass(part: part, real: .zeros(shape: [part.samples.count, 1, 1, 1])), seed: 9))
    }
    let whole = try told(BatchPart(whole: 1000))
    #expect(whole.shape == [1000, 5])
    let counts = whole.sum(axes: [0]).elements
    for count in counts.prefix(4) { #expect(abs(count - 250) < 56) }
    #expect(abs(counts[4] / 1000) < 0.072)
    let parts = BatchPart.parts(of: 1000, passes: 3)
    let rows = try parts.flatMap { try told($0).elements }
    #expect(rows == whole.elements)
  }

  /// Z = 1 + 3 = 4: D(x) = Z / (Z + 1) = 0.8. The class of the labeled image has 1/4: log 4.
  @Test func semiSupervised() {
    let method = SemiSupervised()
    let outputs = Tensor([0, Float(log(3.0))], shape: [1, 2])
    expectClose(method.scores(outputs).sigmoid().item, 0.8, tolerance: 1e-6)
    let labeled = GANTrainer.Pass(
      part: BatchPart(whole: 1), real: .zeros(shape: [1, 1, 1, 2]),
      labeled: (images: outputs, classes: Tensor([1, 0], shape: [1, 2])))
    let terms = method.discriminatorTerms(labeled, real: outputs, fake: outputs, told: nil) { $0 }
    expectClose(terms[0].value.item, log(4.0), tolerance: 1e-6)
    #expect(method.generatorTerms(fake: outputs, told: nil).isEmpty)
  }

  /// Means (2, 3) and (0, 1): 4 + 4.
  @Test func featuresAreMatched() {
    let real = Tensor([1, 2, 3, 4], shape: [2, 2])
    let fake = Tensor([0, 1, 0, 1], shape: [2, 2])
    expectClose(SemiSupervised.distance(real: real, fake: fake).item, 8, tolerance: 1e-6)
  }

  /// In a step in which it rests the generator's loss is told as well: with wgan it is the mean of -D(G(z)), and what
  /// the discriminator's loss has for the classes of the same fakes.
  @Test func aRestingGeneratorsLossHasTheConditionsTerms() throws {
    var request = GANRequest(.gan)
    request.configuration.losses.loss = .wgan
    request.condition = .acgan
    request.classes = ["a", "b"]
    (request.size, request.channels, request.hidden) = (28, 1, [4])
    let trainer = GANTrainer(configuration: request.decided, device: .cpu)
    let losses = trainer.step([
      GANTrainer.Pass(
        part: BatchPart(whole: 3), real: noiseImages(3),
        classes: oneHot([0, 1, 1], classes: 2))
    ])
    #expect(request.decided.adversaries.criticSteps == 5)
    let ofClasses = try #require(losses.terms.first { $0.name == "class(G(z))" }).value
    #expect(ofClasses > 0.1)
    expectClose(losses.g, ofClasses - losses.judgementOfFake, tolerance: 1e-6)
  }

  /// A generator whose weights are zero makes gray images, tanh(0).
  @Test func aRestingGeneratorsLossIsTheDistanceOfFeatures() throws {
    var request = GANRequest(.dcgan)
    request.condition = .sgan
    request.classes = ["a", "b"]
    (request.size, request.channels, request.criticSteps) = (28, 1, 2)
    request.configuration.networks.architecture = .dcgan(filters: 2)
    let trainer = GANTrainer(configuration: request.decided, device: .cpu)
    for (_, parameter) in trainer.generator.namedParameters() {
      parameter.tensor.copyInPlace(from: .zeros(shape: parameter.tensor.shape))
    }
    let real = noiseImages(3)
    func features(_ images: Tensor) -> Tensor {
      withoutGradients { trainer.discriminator.judge(images, classes: nil, .inference).features }
    }
    let expected = SemiSupervised.distance(
      real: features(real), fake: features(.zeros(shape: real.shape)))
    let losses = trainer.step([
      GANTrainer.Pass(
        part: BatchPart(whole: 3), real: real,
        labeled: (images: real, classes: oneHot([0, 1, 1], classes: 2)))
    ])
    #expect(expected.item > 0)
    expectClose(losses.g, expected.item, tolerance: 1e-5 * expected.item)
  }

  /// e^0, e^log 3 and e^1000 less the largest.
  @Test func softmax() {
    let found = SampleClassifier.softmax([0, log(3.0)])
    expectClose(found[0], 0.25, tolerance: 1e-12)
    #expect(SampleClassifier.softmax([1000, 0]) == [1, 0])
  }
}
