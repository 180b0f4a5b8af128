import Files
import Testing
import Torch

@testable import Models

struct AutoencoderTests {
  private func configuration(
    _ change: (inout AutoencoderConfiguration) -> Void
  ) -> AutoencoderConfiguration {
    var result = AutoencoderConfiguration()
    change(&result)
    return result
  }

  private func shapes(_ configuration: AutoencoderConfiguration) -> [String: [Int]] {
    Dictionary(
      uniqueKeysWithValues: configuration.makeNetwork().namedParameters()
        .map { ($0.name, $0.value.tensor.shape) })
  }

  private static let few = [
    AutoencoderConfiguration(),
    {
      var c = AutoencoderConfiguration()
      (c.kind, c.likelihood, c.hidden, c.size, c.channels, c.code) =
        (.plain, .gaussian, [7, 5], 6, 3, 4)
      return c
    }(),
  ]

  private static let convolutional = [28, 32, 64, 128].flatMap { size in
    AutoencoderConfiguration.Kind.allCases.map { kind in
      var c = AutoencoderConfiguration()
      (c.kind, c.layers, c.filters, c.size, c.code) = (kind, .convolutional, 3, size, 2)
      c.hidden = [500]
      return c
    }
  }

  /// What a network is made of is read off its tensors; what it has no layers of stays as by default.
  @Test(arguments: few + convolutional) func aFileTellsTheConfiguration(
    _ c: AutoencoderConfiguration
  ) {
    #expect(
      AutoencoderConfiguration(inferredFrom: shapes(c))
        == {
          var expected = c
          if c.layers == .connected { expected.filters = AutoencoderConfiguration().filters }
          return expected
        }())
  }

  /// The default: 784 * 500 + 500, 500 * 16 + 16, 8 * 500 + 500 and 500 * 784 + 784 numbers.
  @Test func parametersOfThePapersNetwork() {
    #expect(
      AutoencoderConfiguration().makeNetwork().parameterCount == 392_500 + 8016 + 4500 + 392_784)
  }

  @Test(arguments: few + convolutional) func outputShapes(_ c: AutoencoderConfiguration) {
    let network = c.makeNetwork()
    let x = Tensor.uniform(shape: [2, c.channels, c.size, c.size], seed: 1) * 2 - 1
    let code = network.code(of: x, .inference)
    #expect(code.mean.shape == [2, c.code])
    #expect(code.logVariance?.shape == (c.kind == .variational ? [2, c.code] : nil))
    #expect(network(x, .inference).shape == x.shape)
    #expect(network.decoder(code.mean, .inference).shape == x.shape)
  }

  /// A file whose layers do not fit one another makes no network, however large it says they are.
  @Test func layersThatDoNotFitAreNone() {
    let right = shapes(configuration { $0.hidden = [6] })
    #expect(AutoencoderConfiguration(inferredFrom: right) != nil)
    for (name, shape) in [
      ("encoder.0.weight", [6, 783]), ("encoder.0.weight", [7, 784]),
      ("encoder.2.weight", [17, 6]), ("decoder.0.weight", [6, 9]),
      ("decoder.2.weight", [784, 7]), ("decoder.0.weight", [6, 1 << 60]),
      ("encoder.0.weight", [1 << 62, 784]), ("encoder.0.weight", [0, 0]),
    ] {
      var wrong = right
      wrong[name] = shape
      #expect(AutoencoderConfiguration(inferredFrom: wrong) == nil, "\(name) \(shape)")
      wrong[name] = nil
      #expect(AutoencoderConfiguration(inferredFrom: wrong) == nil, "no \(name)")
    }
    let deep = shapes(configuration { ($0.layers, $0.filters) = (.convolutional, 2) })
    for (name, shape) in [
      ("encoder.0.weight", [1 << 50, 1, 4, 4]), ("encoder.2.weight", [5, 2, 4, 4]),
      ("decoder.0.weight", [8, 4, 4, 4]), ("decoder.6.weight", [2, 2, 4, 4]),
    ] {
      var wrong = deep
      wrong[name] = shape
      #expect(AutoencoderConfiguration(inferredFrom: wrong) == nil, "\(name) \(shape)")
    }
  }

  @Test func summaries() {
    #expect(
      AutoencoderConfiguration().summary
        == "variational autoencoder, 28x28, 1 channel, hidden 500, code 8, bernoulli")
    #expect(
      configuration {
        ($0.kind, $0.layers, $0.likelihood, $0.channels) = (.plain, .convolutional, .gaussian, 3)
      }.summary == "plain autoencoder, 28x28, 3 channels, 32 filters, code 8, gaussian")
  }
}
