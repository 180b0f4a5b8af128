import Testing
import Torch

@testable import Models

/// An image in tiles comes out as the whole one does.
struct TiledGeneratorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var architecture = GeneratorConfiguration.Architecture.resNet(blocks: 2)
    var normalization = Normalization.instance
    var dropout = false
    var skips = GeneratorConfiguration.Skips.none
    var upsampling = GeneratorConfiguration.Upsampling.transposed
    var inputChannels = 3
    var outputChannels = 3
    var testDescription: String {
      "\(architecture) \(normalization) dropout \(dropout) skips \(skips) \(upsampling)"
    }
  }

  static let cases = [
    Case(), Case(normalization: .batch), Case(normalization: .none), Case(dropout: true),
    Case(architecture: .resNet(blocks: 0)), Case(inputChannels: 1), Case(outputChannels: 1),
    Case(upsampling: .smoothed), Case(skips: .features, upsampling: .smoothed),
    Case(normalization: .none, upsampling: .smoothed),
    Case(normalization: .batch, skips: .features, upsampling: .smoothed),
    Case(upsampling: .bilinear), Case(skips: .features, upsampling: .bilinear),
    Case(normalization: .none, upsampling: .bilinear), Case(skips: .features),
    Case(normalization: .batch, skips: .features),
    Case(architecture: .uNet(downsamplings: 5)),
    Case(architecture: .uNet(downsamplings: 6), normalization: .batch, dropout: true),
    Case(architecture: .uNet(downsamplings: 5), normalization: .none),
  ]

  /// Sides of 20 do not divide 128 and 192, so that tiles of different sizes meet. Float32 has 24 binary
  /// digits; a few hundred sums and products leave the fifth decimal place.
  @Test(arguments: cases) func tilesEqualTheWhole(_ c: Case) {
    let (generator, configuration) = make(c)
    let x = image(height: 128, width: 192, channels: c.inputChannels)
    let whole = withoutGradients { generator(x, .inference) }
    for (side, scale) in [(20, 1), (20, 2), (20, 4), (64, 2), (64, 4), (1000, 2)] {
      let plan = TiledGenerator.Plan(side: side, storage: .float32, keptScale: scale)
      let tiled = translate(x, generator, configuration, plan)
      #expect(tiled.shape == whole.shape)
      #expect(largest(tiled - whole) < 1e-4, "tiles of \(side), kept from \(scale) on")
    }
    // Not all the same color, or nothing would be compared.
    #expect((whole - whole.mean()).absolute().mean().item > 0.05)
  }

  /// Levels are 2/255 apart. Float16 has 11 binary digits and bfloat16 8, and nine blocks round three
  /// times each.
  @Test(arguments: [(DType.float16, 0.15), (.bfloat16, 1)])
  func storingHalfAsMuchCostsLittle(_ storage: DType, levels: Double) {
    let (generator, configuration) = make(Case(architecture: .resNet(blocks: 9)))
    let x = image(height: 64, width: 96, channels: 3)
    let whole = withoutGradients { generator(x, .inference) }
    let plan = TiledGenerator.Plan(side: 32, storage: storage)
    let difference = (translate(x, generator, configuration, plan) - whole).absolute()
    #expect(difference.mean().item < levels * 2 / 255)
    #expect(difference.mean().item > 0, "something was rounded")
  }

  /// A network that no file in `Models` knows, made of layers only: a connection from the first layer to the
  /// last but one, one at half the size inside it, one of channels, and a residual sum. Its tiles are those
  /// of the whole image along both axes, so that no code is needed for an architecture.
  @Test(arguments: [Normalization.instance, .batch, .none], [[128, 96], [64, 160]])
  func layersAreEnough(_ normalization: Normalization, size: [Int]) {
    func convolution(_ from: Int, _ to: Int, kernel: Int = 3, stride: Int = 1) -> [any Module] {
      [
        Conv2d(
          inputChannels: from, outputChannels: to, kernelSize: kernel, stride: stride,
          padding: kernel / 2, bias: true),
        normalization.layer(channels: to), LeakyReLU(slope: 0.1),
      ]
    }
    let up = ConvTranspose2d(
      inputChannels: 8, outputChannels: 4, kernelSize: 4, stride: 2, padding: 1, bias: true)
    let atHalf =
      convolution(6, 6)
      + [
        Skip(
          .sum,
          around: [ReflectionPad2d(2)] + [
            Conv2d(inputChannels: 6, outputChannels: 6, kernelSize: 5, bias: false),
            normalization.layer(channels: 6),
          ], name: "block"), Skip(.channels, around: convolution(6, 2)),
      ]
    let inner: [any Module] =
      convolution(4, 6, stride: 2) + atHalf + [up, normalization.layer(channels: 4)]
    let network = Sequential(
      convolution(3, 4, kernel: 7) + [Skip(.sum, around: inner), ReflectionPad2d(1)] + [
        Conv2d(inputChannels: 4, outputChannels: 2, kernelSize: 3, bias: true), Tanh(),
      ])
    fill(network)
    let names = network.stateDict.map(\.name)
    #expect(names.contains("9.block.1.weight") && names.contains("13.weight"))

    let x = image(height: size[0], width: size[1], channels: 3)
    let whole = withoutGradients { network(x, .inference) }
    #expect((whole - whole.mean()).absolute().mean().item > 0.05)
    for scale in [1, 2, 4] {
      let plan = TiledGenerator.Plan(side: 24, storage: .float32, keptScale: scale)
      let tiled = translate(x, network, outputChannels: 2, plan)
      #expect(largest(tiled - whole) < 1e-4, "kept from \(scale) on")
    }
  }

  @Test(arguments: [2, 4])
  func everyPixelIsReadBeforeTheImageIsLetGoAndWrittenOnce(keptScale: Int) {
    let (generator, _) = make(Case())
    var written = [Int](repeating: 0, count: 40 * 52)
    var isOpen = true
    var wasOpenAtTheEnd = true
    var shares: [Double] = []
    TiledGenerator(generator, inputChannels: 3).translate(
      height: 40, width: 52, .init(side: 16, storage: .float32, keptScale: keptScale), on: .cpu,
      read: { rows, columns in
        #expect(isOpen)
        return .zeros(shape: [1, 3, rows.count, columns.count])
      },
      finishedReading: { isOpen = false }, progress: { shares.append($0) },
      write: { top, left, tile in
        wasOpenAtTheEnd = isOpen
        for row in top..<top + tile.shape[2] {
          for column in left..<left + tile.shape[3] { written[row * 52 + column] += 1 }
        }
      })
    #expect(!wasOpenAtTheEnd)
    #expect(written.allSatisfy { $0 == 1 })
    #expect(shares == shares.sorted() && shares.last == 1 && shares.count > 20)
  }

  /// 1, 2, 3 and 6 have the mean 3 and the variance (4 + 1 + 0 + 9) / 4.
  @Test func statisticsOfTilesAreThoseOfTheWhole() {
    var statistics = ChannelStatistics(channels: 1)
    statistics.add(Tensor([1], shape: [1, 1, 1, 1]))
    statistics.add(Tensor([2, 3, 6], shape: [1, 1, 1, 3]))
    let normalized = statistics.normalization(eps: 0)(
      Tensor([3, 10], shape: [1, 1, 1, 2]))
    #expect(abs(normalized.elements[0]) < 1e-6)
    #expect(abs(Double(normalized.elements[1]) - 7 / 3.5.squareRoot()) < 1e-5)
  }

  private func make(_ c: Case) -> (any Module, GeneratorConfiguration) {
    var configuration = GeneratorConfiguration()
    configuration.architecture = c.architecture
    configuration.baseChannels = 3
    configuration.normalization = c.normalization
    configuration.dropout = c.dropout
    configuration.skips = c.skips
    configuration.upsampling = c.upsampling
    configuration.inputChannels = c.inputChannels
    configuration.outputChannels = c.outputChannels
    let generator = configuration.makeGenerator()
    fill(generator)
    return (generator, configuration)
  }

  private func fill(_ generator: any Module) {
    generator.initialize(.kaiming(gain: 0.3), seed: 5)
    // Running statistics and biases that are not zero and one, so that forgetting them shows.
    for (index, (name, parameter)) in generator.namedParameters().enumerated() {
      let shape = parameter.tensor.shape
      if name.hasSuffix("running_mean") || name.hasSuffix("bias") {
        parameter.tensor.copyInPlace(from: Tensor.normal(shape: shape, seed: UInt64(index)) * 0.1)
      } else if name.hasSuffix("running_var") {
        parameter.tensor.copyInPlace(
          from: Tensor.normal(shape: shape, seed: UInt64(index)).squared() + 0.5)
      }
    }
  }

  private func image(height: Int, width: Int, channels: Int) -> Tensor {
    Tensor.normal(shape: [1, channels, height, width], seed: 9).tanh()
  }

  private func translate(
    _ x: Tensor, _ generator: any Module, _ configuration: GeneratorConfiguration,
    _ plan: TiledGenerator.Plan
  ) -> Tensor {
    translate(x, generator, outputChannels: configuration.outputChannels, plan)
  }

  private func translate(
    _ x: Tensor, _ generator: any Module, outputChannels: Int, _ plan: TiledGenerator.Plan
  ) -> Tensor {
    let (height, width) = (x.shape[2], x.shape[3])
    let result = Tensor.zeros(shape: [1, outputChannels, height, width])
    TiledGenerator(generator, inputChannels: x.shape[1]).translate(
      height: height, width: width, plan, on: .cpu,
      read: { x.narrowed(axis: 2, $0).narrowed(axis: 3, $1) }, progress: { _ in },
      write: { top, left, tile in
        result.narrowed(axis: 2, top..<top + tile.shape[2])
          .narrowed(axis: 3, left..<left + tile.shape[3]).copyInPlace(from: tile)
      })
    return result
  }

  private func largest(_ x: Tensor) -> Float { x.elements.map(abs).max() ?? 0 }
}
