import Models
import TestSupport
import Testing
import Torch

/// `Skips.features` of a ResNet: what it computes.
struct SkipsTests {
  private func configuration(
    filters: Int = 4, normalization: Normalization = .instance,
    skips: GeneratorConfiguration.Skips = .features
  ) -> GeneratorConfiguration {
    var configuration = GeneratorConfiguration()
    configuration.architecture = .resNet(blocks: 1)
    configuration.baseChannels = filters
    configuration.normalization = normalization
    configuration.skips = skips
    return configuration
  }

  private func network(_ configuration: GeneratorConfiguration) -> any Module {
    let network = configuration.makeGenerator()
    network.initialize(.xavier(gain: 1), seed: 5)
    return network
  }

  @Test(arguments: Normalization.allCases, [false, true])
  func namesAndShapesAreTheReferences(_ normalization: Normalization, dropout: Bool) {
    func names(_ skips: GeneratorConfiguration.Skips) -> [String] {
      var c = configuration(normalization: normalization, skips: skips)
      c.architecture = .resNet(blocks: 9)
      c.dropout = dropout
      return c.makeGenerator().stateDict.map { "\($0.name) \($0.tensor.shape)" }
    }
    #expect(names(.features) == names(.none))
    #expect(names(.none).count > 20)
  }

  /// The network layer by layer, from the names of its weights: h is what the first layer gives, q what the
  /// first down-sampling gives. Maps of 16 channels are in blocks, where the CPU has them.
  @Test(arguments: [4, 16]) func theSumsAreWhereTheyAreSaidToBe(filters: Int) {
    let c = configuration(filters: filters)
    let network = network(c)
    let weights = Dictionary(
      uniqueKeysWithValues: network.stateDict.map { ($0.name, $0.tensor) })
    func convolved(_ x: Tensor, _ name: String, stride: Int = 1, padding: Int = 0) -> Tensor {
      x.conv2d(
        weight: weights["model.\(name).weight"]!, bias: weights["model.\(name).bias"]!,
        stride: stride, padding: padding)
    }
    func padded(_ x: Tensor, _ by: Int) -> Tensor {
      x.reflectionPadded(top: by, bottom: by, left: by, right: by)
    }
    func activated(_ x: Tensor) -> Tensor { x.instanceNorm(eps: 1e-5).leakyReLU(slope: 0) }
    func up(_ x: Tensor, _ name: String) -> Tensor {
      activated(
        x.convTranspose2d(
          weight: weights["model.\(name).weight"]!, bias: weights["model.\(name).bias"]!, stride: 2,
          padding: 1, outputPadding: 1))
    }
    let x = Tensor.uniform(shape: [2, 3, 24, 16], seed: 3) * 2 - 1
    let (found, expected) = withoutGradients {
      let h = activated(convolved(padded(x, 3), "1"))
      let q = activated(convolved(h, "4", stride: 2, padding: 1))
      let inner = activated(convolved(q, "7", stride: 2, padding: 1))
      let half = activated(convolved(padded(inner, 1), "10.conv_block.1"))
      let block =
        inner + convolved(padded(half, 1), "10.conv_block.5").instanceNorm(eps: 1e-5)
      let full = up(up(block, "11") + q, "14") + h
      return (network(x, .inference), convolved(padded(full, 3), "18").tanh())
    }
    // Some ten layers of float32.
    expectClose(found, expected, tolerance: 2e-5)
    #expect(found.absolute().mean().item > 0.1)
    // It is another network than the one with the same weights and no skips.
    let plain = self.network(configuration(filters: filters, skips: .none))
    let other = withoutGradients { plain(x, .inference) }
    #expect((other - found).absolute().mean().item > 0.05)
  }

  /// Every parameter before a skip gets the gradient of both ways: as finite differences have it.
  @Test(arguments: [4, 16]) func gradientsComeFromBothWays(filters: Int) throws {
    let network = network(configuration(filters: filters))
    let x = Tensor.uniform(shape: [1, 3, 16, 16], seed: 3) * 2 - 1
    func loss() -> Tensor { network(x, .training).squared().mean() }
    loss().backward()
    for name in ["model.1.weight", "model.4.weight"] {
      let parameter = try #require(network.namedParameters().first { $0.name == name }).value
      let gradient = try #require(parameter.gradient)
      // Along the gradient itself the loss changes by its squared length.
      let (step, kept) = (1e-2, parameter.tensor.detached().cloned())
      let squares = gradient.squared().sum().item
      let direction = gradient * (step / squares.squareRoot())
      let (above, below) = withoutGradients {
        parameter.tensor.copyInPlace(from: kept + direction)
        let above = loss().item
        parameter.tensor.copyInPlace(from: kept - direction)
        return (above, loss().item)
      }
      parameter.tensor.copyInPlace(from: kept)
      let expected = 2 * step * squares.squareRoot()
      expectClose(above - below, expected, tolerance: 0.03 * expected)
    }
  }

  @Test func theSummarySaysIt() {
    #expect(
      configuration().summary
        == "ResNet generator, 1 blocks, 4 filters, instance norm, 3 to 3 channels, skips features")
  }
}
