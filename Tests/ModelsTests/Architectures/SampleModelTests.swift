import Models
import Testing
import Torch

/// The networks of DCGAN and of the original GAN: layers, parameters, shapes, and what a file tells.
struct SampleModelTests {
  struct DCGAN: Sendable, CustomTestStringConvertible {
    let size: Int
    let channels: Int
    let generatorParameters: Int
    let discriminatorParameters: Int
    var testDescription: String { "\(size)x\(size), \(channels) channels" }
  }

  /// With 64 filters and a latent of 100. A convolution has kernel area * inputs * outputs weights and no
  /// bias, batch norm two numbers for each channel.
  ///
  /// 64: G 100*512*16 + 1024 + 512*256*16 + 512 + 256*128*16 + 256 + 128*64*16 + 128 + 64*3*16, and
  /// D 3*64*16 + 64*128*16 + 256 + 128*256*16 + 512 + 256*512*16 + 1024 + 512*16, as PyTorch's tutorial
  /// has. 28 begins with 7x7: G 100*128*49 + 256 + 128*64*16 + 128 + 64*16, and
  /// D 64*16 + 64*128*16 + 256 + 128*49.
  private static let dcgans = [
    DCGAN(
      size: 28, channels: 1, generatorParameters: 759_680, discriminatorParameters: 138_624),
    DCGAN(
      size: 32, channels: 3, generatorParameters: 1_068_928, discriminatorParameters: 663_296),
    DCGAN(
      size: 64, channels: 3, generatorParameters: 3_576_704, discriminatorParameters: 2_765_568),
    DCGAN(
      size: 128, channels: 3, generatorParameters: 12_786_560,
      discriminatorParameters: 11_164_416),
  ]

  private func makeConfiguration(_ dcgan: DCGAN) -> SampleModelConfiguration {
    var configuration = SampleModelConfiguration()
    (configuration.size, configuration.channels) = (dcgan.size, dcgan.channels)
    return configuration
  }

  @Test(arguments: dcgans) func parameters(_ dcgan: DCGAN) {
    let configuration = makeConfiguration(dcgan)
    #expect(configuration.makeGenerator().parameterCount == dcgan.generatorParameters)
    #expect(configuration.makeDiscriminator().parameterCount == dcgan.discriminatorParameters)
  }

  /// Of what a network makes of images.
  private func shape(_ network: any Module, _ images: Tensor) -> [Int] {
    network(images, .training).shape
  }

  @Test(arguments: dcgans) func shapes(_ dcgan: DCGAN) {
    var configuration = makeConfiguration(dcgan)
    configuration.architecture = .dcgan(filters: 2)
    let generator = configuration.makeGenerator()
    generator.initialize(configuration.initialization, seed: 1)
    let images = generator(.normal(shape: [3, 100], seed: 1), .training)
    #expect(images.shape == [3, dcgan.channels, dcgan.size, dcgan.size])
    #expect(images.elements.allSatisfy { abs($0) < 1 })
    #expect(shape(configuration.makeDiscriminator(), images) == [3, 1])
    configuration.discriminatorIsAutoencoder = true
    #expect(shape(configuration.makeDiscriminator(), images) == images.shape)
  }

  /// The layer list of the paper's network for 64x64, under the names of PyTorch's example.
  @Test func layersOfThePaper() {
    var configuration = SampleModelConfiguration()
    configuration.architecture = .dcgan(filters: 1)
    func shapes(_ network: any Module) -> [String] {
      network.stateDict.filter { $0.name.hasSuffix("weight") }.map {
        "\($0.name) \($0.tensor.shape)"
      }
    }
    #expect(
      shapes(configuration.makeGenerator()) == [
        "main.0.weight [100, 8, 4, 4]", "main.1.weight [8]",
        "main.3.weight [8, 4, 4, 4]", "main.4.weight [4]",
        "main.6.weight [4, 2, 4, 4]", "main.7.weight [2]",
        "main.9.weight [2, 1, 4, 4]", "main.10.weight [1]",
        "main.12.weight [1, 3, 4, 4]",
      ])
    #expect(
      shapes(configuration.makeDiscriminator()) == [
        "main.0.weight [1, 3, 4, 4]",
        "main.2.weight [2, 1, 4, 4]", "main.3.weight [2]",
        "main.5.weight [4, 2, 4, 4]", "main.6.weight [4]",
        "main.8.weight [8, 4, 4, 4]", "main.9.weight [8]",
        "main.11.weight [1, 8, 4, 4]",
      ])
    let biases = configuration.makeGenerator().stateDict.filter { $0.name.hasSuffix("bias") }
    #expect(biases.map(\.name) == ["main.1.bias", "main.4.bias", "main.7.bias", "main.10.bias"])
  }

  /// The convolutions of the other sizes in the paper's manner: each doubling of the side halves the
  /// channels. 32 has a doubling less than 64 and 128 has one more; 28 begins at 7x7.
  @Test(arguments: [
    (
      28, [[100, 2, 7, 7], [2, 1, 4, 4], [1, 3, 4, 4]],
      [[1, 3, 4, 4], [2, 1, 4, 4], [1, 2, 7, 7]]
    ),
    (
      32, [[100, 4, 4, 4], [4, 2, 4, 4], [2, 1, 4, 4], [1, 3, 4, 4]],
      [[1, 3, 4, 4], [2, 1, 4, 4], [4, 2, 4, 4], [1, 4, 4, 4]]
    ),
    (
      128,
      [
        [100, 16, 4, 4], [16, 8, 4, 4], [8, 4, 4, 4], [4, 2, 4, 4], [2, 1, 4, 4], [1, 3, 4, 4],
      ],
      [[1, 3, 4, 4], [2, 1, 4, 4], [4, 2, 4, 4], [8, 4, 4, 4], [16, 8, 4, 4], [1, 16, 4, 4]]
    ),
  ])
  func layersOfOtherSizes(size: Int, generator: [[Int]], discriminator: [[Int]]) {
    var configuration = SampleModelConfiguration()
    (configuration.architecture, configuration.size) = (.dcgan(filters: 1), size)
    func convolutions(_ network: any Module) -> [[Int]] {
      network.stateDict.map(\.tensor.shape).filter { $0.count == 4 }
    }
    #expect(convolutions(configuration.makeGenerator()) == generator)
    #expect(convolutions(configuration.makeDiscriminator()) == discriminator)
  }

  /// N(0, 0.02): a deviation of 2,097,152 draws is right within 0.05 %, four times that.
  @Test func weightsAreSmallNormals() {
    let configuration = SampleModelConfiguration()
    let generator = configuration.makeGenerator()
    generator.initialize(configuration.initialization, seed: 4)
    let weight = generator.stateDict.first { $0.name == "main.3.weight" }?.tensor
    let deviation = weight.map { $0.squared().mean().item.squareRoot() } ?? 0
    #expect(abs(deviation - 0.02) < 0.02 * 0.002)
  }

  private func mlp(_ hidden: [Int], size: Int = 28, channels: Int = 1) -> SampleModelConfiguration {
    var configuration = SampleModelConfiguration()
    configuration.architecture = .mlp(hidden: hidden)
    (configuration.size, configuration.channels, configuration.latent) = (size, channels, 64)
    return configuration
  }

  /// G 64*256 + 256 + 256*784 + 784, D 784*256 + 256 + 256 + 1.
  @Test func fullyConnectedParameters() {
    let configuration = mlp([256])
    #expect(configuration.makeGenerator().parameterCount == 218_128)
    #expect(configuration.makeDiscriminator().parameterCount == 201_217)
  }

  @Test func anyListOfWidths() {
    let configuration = mlp([5, 7], size: 4, channels: 3)
    func shapes(_ network: any Module) -> [[Int]] {
      network.stateDict.filter { $0.name.hasSuffix("weight") }.map(\.tensor.shape)
    }
    #expect(shapes(configuration.makeGenerator()) == [[5, 64], [7, 5], [48, 7]])
    #expect(shapes(configuration.makeDiscriminator()) == [[7, 48], [5, 7], [1, 5]])
    let generator = configuration.makeGenerator()
    let images = generator(.normal(shape: [2, 64], seed: 0), .training)
    #expect(images.shape == [2, 3, 4, 4])
    #expect(shape(configuration.makeDiscriminator(), images) == [2, 1])
    var began = configuration
    began.discriminatorIsAutoencoder = true
    #expect(shape(began.makeDiscriminator(), images) == images.shape)
  }

  /// The slope of 0.2 in D, and none in G.
  @Test func activations() throws {
    let configuration = mlp([1], size: 2)
    let discriminator = configuration.makeDiscriminator()
    try discriminator.load(
      [
        "main.0.weight": Tensor([1, 0, 0, 0], shape: [1, 4]), "main.0.bias": .zeros(shape: [1]),
        "main.2.weight": Tensor([1], shape: [1, 1]), "main.2.bias": .zeros(shape: [1]),
      ], from: "here")
    let score = discriminator(.full(-1, shape: [1, 1, 2, 2]), .inference).item
    #expect(abs(score + 0.2) < 1e-6)
  }

  @Test(arguments: [
    (28, 1, 3), (32, 3, 5), (64, 1, 2), (128, 3, 1),
  ])
  func aDCGANIsReadOffItsShapes(size: Int, channels: Int, filters: Int) {
    var configuration = SampleModelConfiguration()
    configuration.architecture = .dcgan(filters: filters)
    (configuration.size, configuration.channels, configuration.latent) = (size, channels, 10)
    #expect(inferred(configuration.makeGenerator()) == configuration)
    #expect(inferred(configuration.makeDiscriminator()) == nil)
  }

  @Test(arguments: [([256], 28, 1), ([5, 7, 9], 4, 3), ([1], 2, 1)])
  func fullyConnectedLayersAreReadOffTheirShapes(hidden: [Int], size: Int, channels: Int) {
    let configuration = mlp(hidden, size: size, channels: channels)
    #expect(inferred(configuration.makeGenerator()) == configuration)
    #expect(inferred(configuration.makeDiscriminator()) == nil)
  }

  private func inferred(_ network: any Module) -> SampleModelConfiguration? {
    SampleModelConfiguration(
      inferredFrom: Dictionary(
        uniqueKeysWithValues: network.stateDict.map { ($0.name, $0.tensor.shape) }))
  }

  /// Shapes that no generator has, some of which would ask for more memory than there is.
  private static let others: [[String: [Int]]] = [
    [:], ["main.0.weight": []], ["main.0.weight": [0, 8, 4, 4]],
    ["main.0.weight": [100, 8, 4, 4]],
    ["main.0.weight": [100, 8, 4, 4], "main.3.weight": [8, 0, 4, 4]],
    ["main.0.weight": [100, 8, 4, 4], "main.3.weight": [8, 3, 4, 4]],
    ["main.0.weight": [100, 1 << 40, 4, 4], "main.3.weight": [1 << 40, 3, 4, 4]],
    ["main.0.weight": [100, 7, 7, 7], "main.3.weight": [7, 1, 4, 4]],
    // Thin in the middle: the plan of 4,096 filters has 4 * 4,096 and 2 * 4,096 channels there.
    [
      "main.0.weight": [1, 32768, 4, 4], "main.3.weight": [32768, 1, 4, 4],
      "main.6.weight": [1, 1, 4, 4], "main.9.weight": [1, 4096, 4, 4],
      "main.12.weight": [4096, 3, 4, 4],
    ],
    // Eight times the last width is beyond the largest number.
    [
      "main.0.weight": [1, 8, 4, 4], "main.3.weight": [8, 4, 4, 4],
      "main.6.weight": [4, 2, 4, 4], "main.9.weight": [2, 1 << 61, 4, 4],
      "main.12.weight": [1 << 61, 3, 4, 4],
    ],
    ["main.0.weight": [1, 1, 1 << 62, 1 << 62], "main.3.weight": [1, 1, 4, 4]],
    ["main.0.weight": [.max, 64]],
    ["main.0.weight": [256, 64], "main.2.weight": [784, 255]],
    ["main.0.weight": [256, 64], "main.2.weight": [783, 256]],
    ["main.0.weight": [256, 64], "main.2.weight": [1, 256]],
  ]

  @Test(arguments: others)
  func otherShapesAreRefused(_ shapes: [String: [Int]]) {
    #expect(SampleModelConfiguration(inferredFrom: shapes) == nil)
  }

  /// Dropout is a part of the activations, so that weights fit with and without it.
  @Test func dropoutMovesNoName() {
    var configuration = mlp([4], size: 4)
    let names = configuration.makeDiscriminator().stateDict.map(\.name)
    configuration.discriminatorDropout = 0.5
    let discriminator = configuration.makeDiscriminator()
    #expect(discriminator.stateDict.map(\.name) == names)
    discriminator.initialize(.normal(gain: 1), seed: 1)
    let x = Tensor.normal(shape: [50, 1, 4, 4], seed: 2)
    func scores(_ mode: Mode, seed: UInt64) -> [Float] {
      seedDropout(seed)
      return discriminator(x, mode).elements
    }
    #expect(scores(.training, seed: 1) != scores(.training, seed: 2))
    #expect(scores(.inference, seed: 1) == scores(.inference, seed: 2))
  }
}
