import Testing
import Torch

@testable import Models

/// An image in tiles comes out as the whole one does.
struct TiledGeneratorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var architecture = GeneratorConfiguration.Architecture.resNet(blocks: 2)
    var normalization = Normalization.instance
    var dropout = false
    var inputChannels = 3
    var outputChannels = 3
    var testDescription: String { "\(architecture) \(normalization) dropout \(dropout)" }
  }

  static let cases = [
    Case(), Case(normalization: .batch), Case(normalization: .none), Case(dropout: true),
    Case(architecture: .resNet(blocks: 0)), Case(inputChannels: 1), Case(outputChannels: 1),
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
    for side in [20, 64, 1000] {
      let plan = TiledGenerator.Plan(side: side, storage: .float32)
      let tiled = translate(x, generator, configuration, plan)
      #expect(tiled.shape == whole.shape)
      #expect(largest(tiled - whole) < 1e-4, "tiles of \(side)")
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

  @Test func everyPixelIsReadBeforeTheImageIsLetGoAndWrittenOnce() {
    let (generator, configuration) = make(Case())
    var written = [Int](repeating: 0, count: 40 * 52)
    var isOpen = true
    var shares: [Double] = []
    TiledGenerator(
      generator, configuration, plan: .init(side: 16, storage: .float32), device: .cpu
    ).translate(
      height: 40, width: 52,
      read: { rows, columns in
        #expect(isOpen)
        return .zeros(shape: [1, 3, rows.count, columns.count])
      },
      finishedReading: { isOpen = false }, progress: { shares.append($0) },
      write: { top, left, tile in
        for row in top..<top + tile.shape[2] {
          for column in left..<left + tile.shape[3] { written[row * 52 + column] += 1 }
        }
      })
    #expect(!isOpen)
    #expect(written.allSatisfy { $0 == 1 })
    #expect(shares == shares.sorted() && shares.last == 1 && shares.count == 5 + 2 * 3 + 1)
  }

  /// 1, 2, 3 and 6 have the mean 3 and the variance (4 + 1 + 0 + 9) / 4.
  @Test func statisticsOfTilesAreThoseOfTheWhole() {
    var statistics = ChannelStatistics(channels: 1)
    statistics.add(Tensor([1], shape: [1, 1, 1, 1]))
    statistics.add(Tensor([2, 3, 6], shape: [1, 1, 1, 3]))
    let normalized = statistics.normalization(eps: 0, on: .cpu)(
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
    configuration.inputChannels = c.inputChannels
    configuration.outputChannels = c.outputChannels
    let generator = configuration.makeGenerator()
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
    return (generator, configuration)
  }

  private func image(height: Int, width: Int, channels: Int) -> Tensor {
    Tensor.normal(shape: [1, channels, height, width], seed: 9).tanh()
  }

  private func translate(
    _ x: Tensor, _ generator: any Module, _ configuration: GeneratorConfiguration,
    _ plan: TiledGenerator.Plan
  ) -> Tensor {
    let (height, width) = (x.shape[2], x.shape[3])
    let result = Tensor.zeros(shape: [1, configuration.outputChannels, height, width])
    TiledGenerator(generator, configuration, plan: plan, device: .cpu).translate(
      height: height, width: width,
      read: { x.narrowed(axis: 2, $0).narrowed(axis: 3, $1) }, progress: { _ in },
      write: { top, left, tile in
        result.narrowed(axis: 2, top..<top + tile.shape[2])
          .narrowed(axis: 3, left..<left + tile.shape[3]).copyInPlace(from: tile)
      })
    return result
  }

  private func largest(_ x: Tensor) -> Float { x.elements.map(abs).max() ?? 0 }
}
