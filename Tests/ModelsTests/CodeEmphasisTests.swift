import Models
import TestSupport
import Testing
import Torch

/// How a generator begins with codes, of two networks whose weights are all 1 before.
struct CodeEmphasisTests {
  /// 4 numbers of the latent, then a code of 3 and a number: the code's three inputs are enlarged by sqrt(4), and by 3
  /// where batch norms follow.
  @Test(arguments: [
    (SampleModelConfiguration.Architecture.mlp(hidden: [5]), Float(2)), (.dcgan(filters: 2), 6),
  ])
  func codesOfSeveralWeighAsMuchAsTheLatent(
    _ architecture: SampleModelConfiguration.Architecture, _ scale: Float
  ) throws {
    var configuration = SampleModelConfiguration()
    configuration.architecture = architecture
    (configuration.size, configuration.channels, configuration.latent) = (28, 1, 4)
    let codes = try #require(LatentCodes(text: "3,u"))
    configuration.condition = SampleCondition(.infogan, classes: [], codes: codes)
    let generator = configuration.makeGenerator()
    for (_, parameter) in generator.namedParameters() {
      parameter.tensor.copyInPlace(from: parameter.tensor.filled(with: 1))
    }

    configuration.emphasizeCodes(of: generator)

    let parameters = generator.namedParameters()
    let first = parameters[0].value.tensor.detached()
    let byInput = first.shape.count == 2 ? first.permuted([1, 0]) : first
    for (input, expected) in [1, 1, 1, 1, scale, scale, scale, 1].enumerated() {
      let row = byInput.narrowed(axis: 0, input..<input + 1)
      #expect(Set(row.elements) == [expected])
    }
    for (name, parameter) in parameters.dropFirst() {
      #expect(Set(parameter.tensor.detached().elements) == [1], "\(name)")
    }
  }

  @Test func generatorsWithoutCodesBeginAsTheyAre() {
    var configuration = SampleModelConfiguration()
    configuration.architecture = .mlp(hidden: [5])
    (configuration.size, configuration.channels, configuration.latent) = (2, 1, 4)
    let generator = configuration.makeGenerator()
    generator.initialize(configuration.initialization, seed: 1)
    let before = generator.namedParameters().map { $0.value.tensor.detached().cloned().elements }
    configuration.emphasizeCodes(of: generator)
    #expect(generator.namedParameters().map { $0.value.tensor.detached().elements } == before)
  }
}
