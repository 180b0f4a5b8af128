import Models
import Testing
import Torch

/// Full-size networks hold as many values, in as many tensors, as the reference's: REFERENCE.md,
/// sections 1.2 to 1.4.
struct ParameterCountTests {
  struct Generator: Sendable {
    let architecture: GeneratorConfiguration.Architecture
    let normalization: Normalization
    let parameters: Int
    let tensors: Int?
  }

  private static let generators = [
    Generator(
      architecture: .resNet(blocks: 9), normalization: .instance, parameters: 11_378_179,
      tensors: 48),
    Generator(
      architecture: .resNet(blocks: 9), normalization: .batch, parameters: 11_383_427, tensors: 140),
    Generator(
      architecture: .resNet(blocks: 6), normalization: .instance, parameters: 7_837_699,
      tensors: 36),
    Generator(
      architecture: .resNet(blocks: 6), normalization: .batch, parameters: 7_841_411, tensors: 104),
    Generator(
      architecture: .uNet(downsamplings: 8), normalization: .instance, parameters: 54_409_603,
      tensors: 32),
    Generator(
      architecture: .uNet(downsamplings: 8), normalization: .batch, parameters: 54_413_955,
      tensors: 82),
    Generator(
      architecture: .uNet(downsamplings: 7), normalization: .instance, parameters: 41_825_667,
      tensors: nil),
    Generator(
      architecture: .uNet(downsamplings: 7), normalization: .batch, parameters: 41_828_995,
      tensors: nil),
  ]

  @Test(arguments: generators) func generator(_ expected: Generator) {
    var configuration = GeneratorConfiguration()
    configuration.architecture = expected.architecture
    configuration.normalization = expected.normalization
    let network = configuration.makeGenerator()
    #expect(network.parameterCount == expected.parameters)
    if let tensors = expected.tensors { #expect(network.stateDict.count == tensors) }
  }

  struct Discriminator: Sendable {
    let architecture: DiscriminatorConfiguration.Architecture
    let normalization: Normalization
    let parameters: Int
    let tensors: Int
  }

  /// A convolution is two tensors; batch norm takes its bias and adds five.
  private static let discriminators = [
    Discriminator(
      architecture: .patch(layers: 1), normalization: .instance, parameters: 136_385, tensors: 6),
    Discriminator(
      architecture: .patch(layers: 2), normalization: .instance, parameters: 662_977, tensors: 8),
    Discriminator(
      architecture: .patch(layers: 3), normalization: .instance, parameters: 2_764_737,
      tensors: 10),
    Discriminator(
      architecture: .patch(layers: 3), normalization: .batch, parameters: 2_765_633, tensors: 22),
    Discriminator(
      architecture: .patch(layers: 4), normalization: .instance, parameters: 6_959_553,
      tensors: 12),
    Discriminator(
      architecture: .patch(layers: 5), normalization: .instance, parameters: 11_154_369,
      tensors: 14),
    Discriminator(
      architecture: .pixel, normalization: .instance, parameters: 8_705, tensors: 6),
  ]

  @Test(arguments: discriminators) func discriminator(_ expected: Discriminator) {
    var configuration = DiscriminatorConfiguration()
    configuration.architecture = expected.architecture
    configuration.normalization = expected.normalization
    let network = configuration.makeDiscriminator()
    #expect(network.parameterCount == expected.parameters)
    #expect(network.stateDict.count == expected.tensors)
  }

  @Test func defaultsAreTheReferences() {
    let generator = GeneratorConfiguration()
    #expect(generator.architecture == .resNet(blocks: 9))
    #expect(generator.baseChannels == 64)
    #expect(generator.normalization == .instance)
    #expect(!generator.dropout)
    let discriminator = DiscriminatorConfiguration()
    #expect(discriminator.architecture == .patch(layers: 3))
    #expect(discriminator.baseChannels == 64)
    #expect(discriminator.normalization == .instance)
  }
}
