import Models
import Testing
import Torch

/// State-dict keys in the reference's order: REFERENCE.md, sections 1.2 to 1.4 and 1.13.
struct StateDictKeyTests {
  @Test func nineResidualBlocks() {
    let blocks = (10...18).flatMap { ["model.\($0).conv_block.1", "model.\($0).conv_block.5"] }
    let convolutions =
      ["model.1", "model.4", "model.7"] + blocks + ["model.19", "model.22", "model.26"]
    #expect(keys(generator(.resNet(blocks: 9))) == withBias(convolutions))
  }

  /// Fewer blocks move what comes after them; dropout moves the second convolution of each.
  @Test func sixResidualBlocksWithDropout() {
    let blocks = (10...15).flatMap { ["model.\($0).conv_block.1", "model.\($0).conv_block.6"] }
    let convolutions =
      ["model.1", "model.4", "model.7"] + blocks + ["model.16", "model.19", "model.23"]
    #expect(keys(generator(.resNet(blocks: 6), dropout: true)) == withBias(convolutions))
  }

  /// Batch norm stands after its convolution and takes the bias from it; the last one keeps its own.
  @Test func residualBlocksWithBatchNorm() {
    let expected =
      ["1", "4", "7"].flatMap { pair("model.\($0)", "model.\(Int($0)! + 1)") }
      + pair("model.10.conv_block.1", "model.10.conv_block.2")
      + pair("model.10.conv_block.5", "model.10.conv_block.6")
      + pair("model.11", "model.12") + pair("model.14", "model.15")
      + ["model.18.weight", "model.18.bias"]
    #expect(keys(generator(.resNet(blocks: 1), .batch)) == expected)
  }

  /// Without normalization only the last convolution has a bias.
  @Test func residualBlocksWithoutNormalization() {
    let expected =
      [
        "model.1.weight", "model.4.weight", "model.7.weight", "model.10.conv_block.1.weight",
        "model.10.conv_block.5.weight", "model.11.weight", "model.14.weight", "model.18.weight",
        "model.18.bias",
      ]
    #expect(keys(generator(.resNet(blocks: 1), .none)) == expected)
  }

  /// Seven downsamplings: each block is child 1 of the outermost one and child 3 of the others; going
  /// up is child 3 of the outermost and the innermost one and child 5 of the others.
  @Test(arguments: [5, 7, 8]) func uNet(downsamplings: Int) {
    var prefixes = ["model", "model.model.1"]
    for _ in 0..<(downsamplings - 2) { prefixes.append(prefixes.last! + ".model.3") }
    let innermost = prefixes.removeLast()
    let middle = prefixes.dropFirst()
    let expected =
      ["model.model.0"] + middle.map { "\($0).model.1" }
      + ["\(innermost).model.1", "\(innermost).model.3"]
      + middle.reversed().map { "\($0).model.5" } + ["model.model.3"]
    #expect(keys(generator(.uNet(downsamplings: downsamplings))) == withBias(expected))
  }

  /// Dropout comes after everything that has a name.
  @Test func dropoutDoesNotMoveTheUNetsKeys() {
    let plain = keys(generator(.uNet(downsamplings: 7)))
    #expect(keys(generator(.uNet(downsamplings: 7), dropout: true)) == plain)
  }

  @Test func patchDiscriminator() {
    let expected = withBias([0, 2, 5, 8, 11].map { "model.\($0)" })
    #expect(keys(discriminator(.patch(layers: 3))) == expected)
  }

  @Test func patchDiscriminatorWithBatchNorm() {
    let expected =
      ["model.0.weight", "model.0.bias"]
      + [2, 5, 8].flatMap { pair("model.\($0)", "model.\($0 + 1)") }
      + ["model.11.weight", "model.11.bias"]
    #expect(keys(discriminator(.patch(layers: 3), .batch)) == expected)
  }

  @Test func pixelDiscriminator() {
    #expect(keys(discriminator(.pixel)) == withBias(["net.0", "net.2", "net.5"]))
    let batch = ["net.0.weight", "net.0.bias"] + pair("net.2", "net.3") + ["net.5.weight"]
    #expect(keys(discriminator(.pixel, .batch)) == batch)
  }

  /// Section 1.13's table; transposed convolutions are [input, output, ...].
  @Test func shapesOfNineResidualBlocks() {
    var configuration = GeneratorConfiguration()
    configuration.outputChannels = 1
    let shapes = Dictionary(
      uniqueKeysWithValues: configuration.makeGenerator().stateDict.map {
        ($0.name, $0.tensor.shape)
      })
    #expect(shapes["model.1.weight"] == [64, 3, 7, 7])
    #expect(shapes["model.4.weight"] == [128, 64, 3, 3])
    #expect(shapes["model.7.weight"] == [256, 128, 3, 3])
    #expect(shapes["model.18.conv_block.5.weight"] == [256, 256, 3, 3])
    #expect(shapes["model.19.weight"] == [256, 128, 3, 3])
    #expect(shapes["model.22.weight"] == [128, 64, 3, 3])
    #expect(shapes["model.22.bias"] == [64])
    #expect(shapes["model.26.weight"] == [1, 64, 7, 7])
  }

  private func keys(_ network: any Module) -> [String] { network.namedParameters().map(\.name) }

  private func withBias(_ layers: [String]) -> [String] {
    layers.flatMap { ["\($0).weight", "\($0).bias"] }
  }

  /// A convolution without bias and its batch norm.
  private func pair(_ convolution: String, _ norm: String) -> [String] {
    let own = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    return ["\(convolution).weight"] + own.map { "\(norm).\($0)" }
  }

  private func generator(
    _ architecture: GeneratorConfiguration.Architecture, _ normalization: Normalization = .instance,
    dropout: Bool = false
  ) -> any Module {
    var configuration = GeneratorConfiguration()
    configuration.architecture = architecture
    configuration.normalization = normalization
    configuration.dropout = dropout
    configuration.baseChannels = 2
    return configuration.makeGenerator()
  }

  private func discriminator(
    _ architecture: DiscriminatorConfiguration.Architecture,
    _ normalization: Normalization = .instance
  ) -> any Module {
    var configuration = DiscriminatorConfiguration()
    configuration.architecture = architecture
    configuration.normalization = normalization
    configuration.baseChannels = 2
    return configuration.makeDiscriminator()
  }
}
