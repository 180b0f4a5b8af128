import Files
import TestSupport
import Testing
import Torch

@testable import Models

/// Networks that know of classes or codes: layers, shapes, and what a file tells.
struct ConditionalNetworkTests {
  private static let classes = ["cat", "dog", "frog"]

  private func condition(_ kind: SampleCondition.Kind) -> SampleCondition {
    SampleCondition(kind, classes: Self.classes, codes: LatentCodes([.categorical(4), .uniform]))
  }

  private func configuration(
    _ kind: SampleCondition.Kind, _ architecture: SampleModelConfiguration.Architecture
  ) -> SampleModelConfiguration {
    var configuration = SampleModelConfiguration()
    configuration.architecture = architecture
    (configuration.size, configuration.channels, configuration.latent) = (28, 1, 5)
    configuration.condition = condition(kind)
    return configuration
  }

  /// Section 4.1 of arXiv 1411.1784 for 28x28 pixels, 100 numbers and ten classes. G: 100*200 + 200, 10*1000 + 1000,
  /// 1200*1200 + 1200 and 1200*784 + 784. D: five pieces of 240 for 784 and of 50 for 10, four of 240 for 290, and 240
  /// to 1.
  @Test func thePapersNetworks() {
    var configuration = configuration(.cgan, .joined)
    configuration.latent = 100
    configuration.condition = SampleCondition(
      .cgan, classes: (0..<10).map(String.init), codes: LatentCodes([]))
    #expect(
      configuration.makeGenerator().parameterCount
        == 20_200 + 11_000 + 1_441_200 + 941_584)
    #expect(
      configuration.makeDiscriminator().parameterCount
        == 785 * 1200 + 11 * 250 + 291 * 960 + 241)
  }

  @Test(arguments: SampleCondition.Kind.allCases) func shapes(_ kind: SampleCondition.Kind) {
    // A class of three, or four numbers for a code of four and one for a number; sgan's generator is told nothing.
    let inputs = [.cgan: 8, .acgan: 8, .infogan: 10, .sgan: 5][kind]
    // The score, and behind it three classes or five numbers of codes; sgan has the classes alone.
    let outputs = [.cgan: 1, .acgan: 4, .infogan: 6, .sgan: 3][kind]
    let told = Tensor([1, 0, 0, 0, 0, 1], shape: [2, 3])
    for architecture in [
      SampleModelConfiguration.Architecture.dcgan(filters: 2), .mlp(hidden: [7]),
    ] {
      let configuration = configuration(kind, architecture)
      #expect(configuration.generatorInputs == inputs)
      let generator = configuration.makeGenerator()
      generator.initialize(configuration.initialization, seed: 1)
      let images = generator(.normal(shape: [2, inputs ?? 0], seed: 1), .training)
      #expect(images.shape == [2, 1, 28, 28])
      let judgment = configuration.makeDiscriminator().judge(images, classes: told, .training)
      #expect(judgment.outputs.shape == [2, outputs ?? 0])
    }
  }

  /// The class is a channel of ones behind the image's, among channels of zeros: the score is that of the same layers
  /// for an image of four channels.
  @Test func aClassIsAChannelOfOnes() throws {
    let configuration = configuration(.cgan, .dcgan(filters: 2))
    let discriminator = configuration.makeDiscriminator()
    discriminator.initialize(.normal(gain: 0.5), seed: 3)
    var plain = configuration
    plain.condition = nil
    plain.channels = 4
    let layers = plain.makeDiscriminator()
    try layers.load(
      Dictionary(uniqueKeysWithValues: discriminator.stateDict.map { ($0.name, $0.tensor) }),
      from: "here")
    let image = Tensor.uniform(shape: [1, 1, 28, 28], seed: 4) * 2 - 1
    let (zeros, ones) = (image.filled(with: 0), image.filled(with: 1))
    let told = discriminator.judge(image, classes: Tensor([0, 1, 0], shape: [1, 3]), .inference)
    let expected = layers(.concatenated([image, zeros, ones, zeros], axis: 1), .inference)
    expectClose(told.outputs, expected, tolerance: 1e-6)
    let other = discriminator.judge(image, classes: Tensor([1, 0, 0], shape: [1, 3]), .inference)
    #expect(abs(other.outputs.elements[0] - told.outputs.elements[0]) > 1e-3)
  }

  /// A fully connected one has the class behind the pixels, the paper's a layer for it: both see it.
  @Test(arguments: [SampleModelConfiguration.Architecture.mlp(hidden: [7]), .joined])
  func theClassChangesTheJudgment(_ architecture: SampleModelConfiguration.Architecture) {
    let configuration = configuration(.cgan, architecture)
    let discriminator = configuration.makeDiscriminator()
    discriminator.initialize(configuration.initialization, seed: 3)
    let image = Tensor.uniform(shape: [1, 1, 28, 28], seed: 4)
    func score(_ classes: [Float]) -> Float {
      discriminator.judge(image, classes: Tensor(classes, shape: [1, 3]), .inference)
        .outputs.elements[0]
    }
    #expect(abs(score([1, 0, 0]) - score([0, 1, 0])) > 1e-4)
    let generator = configuration.makeGenerator()
    generator.initialize(configuration.initialization, seed: 5)
    func made(_ classes: [Float]) -> [Float] {
      generator(Tensor([1, 2, 3, 4, 5] + classes, shape: [1, 8]), .inference).elements
    }
    #expect(made([1, 0, 0]) != made([0, 1, 0]))
  }

  /// sqrt(2 / 3) by its three inputs alone, where Xavier's variance is 2 / (3 + 250); the mean of 750 squares is within
  /// a fifth of what is expected.
  @Test func theClassIsHeardByAJoinedDiscriminatorFromTheStart() throws {
    let configuration = configuration(.cgan, .joined)
    let discriminator = configuration.makeDiscriminator()
    discriminator.initialize(configuration.initialization, seed: 3)
    let weight = try #require(
      discriminator.namedParameters().first { $0.name == "classes.weight" }?.value.tensor)
    #expect(weight.shape == [250, 3])
    let square = weight.detached().squared().mean().elements[0]
    #expect(abs(square - 2 / 3) < 2 / 15)
  }

  private func shapes(_ network: any Module) -> [String: [Int]] {
    Dictionary(
      uniqueKeysWithValues: network.namedParameters().map { ($0.name, $0.value.tensor.shape) })
  }

  @Test(arguments: SampleCondition.Kind.allCases)
  func aFileTellsTheNetworks(_ kind: SampleCondition.Kind) throws {
    let told = condition(kind)
    #expect(try SampleCondition.found(in: told.metadata, path: "x") == told)
    var architectures = [
      SampleModelConfiguration.Architecture.dcgan(filters: 2), .mlp(hidden: [7, 9]),
    ]
    if kind == .cgan { architectures.append(.joined) }
    for architecture in architectures {
      let written = configuration(kind, architecture)
      let found = try #require(
        SampleModelConfiguration(
          inferredFrom: shapes(written.makeGenerator()), condition: told))
      #expect(found.latent == 5)
      #expect(found.architecture == architecture)
      #expect(found.condition == told)
      guard kind.classifies else { continue }
      let judge = try #require(
        SampleModelConfiguration(
          discriminatorInferredFrom: shapes(written.makeDiscriminator()), condition: told))
      #expect(judge.architecture == architecture)
      #expect(shapes(judge.makeDiscriminator()) == shapes(written.makeDiscriminator()))
      let others = SampleCondition(kind, classes: ["a", "b"], codes: LatentCodes([]))
      #expect(
        SampleModelConfiguration(
          discriminatorInferredFrom: shapes(written.makeDiscriminator()), condition: others) == nil)
    }
  }

  @Test(
    arguments: SampleModelConfiguration.convolutionalSizes, [Normalization.none, .batch, .instance])
  func aConvolutionalJudgeIsRecognized(_ size: Int, _ normalization: Normalization) {
    var written = configuration(.acgan, .dcgan(filters: 2))
    (written.size, written.channels) = (size, 3)
    written.discriminatorNormalization = normalization
    let shapes = shapes(written.makeDiscriminator())
    let found = SampleModelConfiguration(
      discriminatorInferredFrom: shapes, condition: condition(.acgan))
    #expect(found?.size == size)
    #expect(found?.channels == 3)
    #expect(found.map { self.shapes($0.makeDiscriminator()) } == shapes)
  }

  /// A convolution of few numbers must not stand for one of many, which its network would be made with.
  @Test(arguments: [0, 1, 3]) func layersOfAJudgeFitOneAnother(_ inputs: Int) {
    var shapes = shapes(configuration(.acgan, .dcgan(filters: 2)).makeDiscriminator())
    #expect(shapes["main.2.weight"] == [4, 2, 4, 4])
    shapes["main.2.weight"] = [4, inputs, 4, 4]
    #expect(
      SampleModelConfiguration(
        discriminatorInferredFrom: shapes, condition: condition(.acgan)) == nil)
  }

  @Test(arguments: [
    ["condition": "wgan"], ["condition": "cgan"], ["condition": "cgan", "classes": "7"],
    ["condition": "cgan", "classes": "[\"a\"]"], ["condition": "sgan", "classes": "[\"a\",\"a\"]"],
    ["condition": "infogan"], ["condition": "infogan", "codes": "1,u"],
  ])
  func whatAFileSaysIsChecked(_ metadata: [String: String]) {
    #expect(throws: FileError.self) {
      try SampleCondition.found(in: metadata, path: "x")
    }
  }

  /// More classes than inputs leave no latent.
  @Test func aLatentIsLeft() {
    let shapes = shapes(configuration(.sgan, .mlp(hidden: [7])).makeGenerator())
    let many = SampleCondition(
      .cgan, classes: (0..<5).map(String.init), codes: LatentCodes([]))
    #expect(SampleModelConfiguration(inferredFrom: shapes, condition: many) == nil)
  }

  @Test func codesAreRead() {
    let codes = LatentCodes(text: "10, u,u,3")
    #expect(codes?.list == [.categorical(10), .uniform, .uniform, .categorical(3)])
    #expect(codes?.width == 15)
    #expect(codes?.text == "10,u,u,3")
    #expect(codes?.placed.map(\.places) == [0..<10, 10..<11, 11..<12, 12..<15])
    let wrong = [
      "", "10,", "1", "u u", "0", "-3", "1001", "v", "2.5",
      String(repeating: "u,", count: 64) + "u",
    ]
    for text in wrong { #expect(LatentCodes(text: text) == nil, "\(text)") }
  }
}
