import Testing
import Torch

@testable import Models

/// How large images and score maps come out, and how small images may be.
struct GeneratorSizeTests {
  @Test func multiplesAndMinimaAreStated() {
    var configuration = GeneratorConfiguration()
    #expect(configuration.sizeMultiple == 4)
    #expect(configuration.minimumSize == 8)
    configuration.architecture = .uNet(downsamplings: 8)
    #expect(configuration.sizeMultiple == 256)
    #expect(configuration.minimumSize == 256)
    configuration.architecture = .uNet(downsamplings: 7)
    #expect(configuration.sizeMultiple == 128)
    #expect(configuration.minimumSize == 128)
  }

  /// The sides divide by what the layers shrink them by.
  @Test(arguments: [
    GeneratorConfiguration.Architecture.resNet(blocks: 1), .uNet(downsamplings: 5),
    .uNet(downsamplings: 7),
  ])
  func multiplesAreTheLayers(_ architecture: GeneratorConfiguration.Architecture) {
    var configuration = GeneratorConfiguration()
    configuration.architecture = architecture
    configuration.baseChannels = 1
    let scales = NetworkScales(of: configuration.makeGenerator())
    #expect(scales.largestScale == configuration.sizeMultiple)
  }

  /// 49 * 64 * (3 + 3) for the ends, 9 * 64 * 128 / 4 and 9 * 128 * 256 / 16 down and up, 18 * 256 * 256 / 16
  /// for each of 9 blocks; the reference's count for 256x256 is 65,536 times as much.
  @Test func workOfTheDefaultGenerator() {
    #expect(GeneratorConfiguration().multiplyAddsPerPixel == 756_096)
  }

  /// Transposed convolutions work once for each pixel of their input, the others for each of their output: 4 times
  /// as much of 9 * 64 * 128 / 4 and 9 * 128 * 256 / 16.
  @Test func workOfBilinearUpsampling() {
    var configuration = GeneratorConfiguration()
    configuration.upsampling = .bilinear
    let transposed = 9 * 64 * 128 / 4 + 9 * 128 * 256 / 16
    #expect(configuration.multiplyAddsPerPixel == Double(756_096 + 3 * transposed))
  }

  /// The filter multiplies 9 times for each of 64 channels, and of 128 at half the size.
  @Test func workOfSmoothedUpsampling() {
    var configuration = GeneratorConfiguration()
    configuration.upsampling = .smoothed
    #expect(configuration.multiplyAddsPerPixel == Double(756_096 + 9 * (64 + 128 / 4)))
  }

  /// 4x4 kernels: down to levels 1 to 5 and up from them, with the skip connection's channels but for the
  /// innermost. For f = 1 filters and 3 channels: 16 * (3 + 2 * 3) / 4 + 16 * 1 * 2 * 3 / 16
  /// + 16 * 2 * 4 * 3 / 64 + 16 * 4 * 8 * 3 / 256 + 16 * 8 * 8 * 2 / 1024.
  @Test func workOfAUNet() {
    var configuration = GeneratorConfiguration()
    configuration.architecture = .uNet(downsamplings: 5)
    configuration.baseChannels = 1
    #expect(configuration.multiplyAddsPerPixel == 36 + 6 + 6 + 6 + 2)
  }

  /// 16 * 3 * 64 / 4 + 16 * 64 * 128 / 16 + 16 * 128 * 256 / 64 + 16 * 256 * 512 / 64 + 16 * 512 / 64 and,
  /// for each pixel, 3 * 64 + 64 * 128 + 128.
  @Test func workOfTheDiscriminators() {
    var configuration = DiscriminatorConfiguration()
    #expect(configuration.multiplyAddsPerPixel == 768 + 8192 + 8192 + 32768 + 128)
    configuration.architecture = .pixel
    #expect(configuration.multiplyAddsPerPixel == 192 + 8192 + 128)
  }

  /// From the smallest size on, multiples of 4 come out as they are, with the other channel count.
  @Test(arguments: [[8, 8], [8, 20], [16, 12]]) func resNetKeepsTheSize(size: [Int]) {
    let output = output(.resNet(blocks: 2), height: size[0], width: size[1])
    #expect(output.shape == [2, 1] + size)
  }

  /// Other sizes come out as the next multiple of 4, which is why there is `sizeMultiple`:
  /// REFERENCE.md, section 1.2.
  @Test func resNetRoundsOtherSizesUp() {
    #expect(output(.resNet(blocks: 1), height: 13, width: 17).shape == [2, 1, 16, 20])
  }

  @Test func uNetKeepsTheSize() {
    #expect(output(.uNet(downsamplings: 5), height: 32, width: 64).shape == [2, 1, 32, 64])
  }

  /// Networks of 16 filters run in channel blocks where the CPU has them, those of 8 in part: the smallest
  /// images, whose maps shrink to one pixel in a U-Net, forward and backward, in both precisions.
  @Test(
    arguments: [GeneratorConfiguration.Architecture.resNet(blocks: 1), .uNet(downsamplings: 5)],
    [8, 16])
  func theSmallestImagesInChannelBlocks(
    _ architecture: GeneratorConfiguration.Architecture, filters: Int
  ) throws {
    var configuration = GeneratorConfiguration()
    configuration.architecture = architecture
    configuration.baseChannels = filters
    let generator = configuration.makeGenerator()
    generator.initialize(.normal(gain: 0.02), seed: 1)
    let side = configuration.minimumSize
    for inBFloat16 in [false, Backend.convolutionLibrary != nil] {
      let x = Tensor.uniform(shape: [1, 3, side, side], seed: 2).requiringGradient()
      let output = withBFloat16Autocast(inBFloat16, on: .cpu) { generator(x, .training) }
      #expect(output.shape == [1, 3, side, side])
      output.converted(to: .float32).squared().sum().backward()
      let gradient = try #require(x.gradient)
      #expect(gradient.squared().sum().item.isFinite)
    }
  }

  /// tanh ends every generator.
  @Test(arguments: [GeneratorConfiguration.Architecture.resNet(blocks: 1), .uNet(downsamplings: 5)])
  func outputsAreWithinOne(_ architecture: GeneratorConfiguration.Architecture) {
    let values = output(architecture, height: 32, width: 32).elements
    #expect(values.allSatisfy { abs($0) <= 1 })
    #expect(values.contains { abs($0) > 0.1 })
  }

  private func output(
    _ architecture: GeneratorConfiguration.Architecture, height: Int, width: Int
  ) -> Tensor {
    var configuration = GeneratorConfiguration()
    configuration.architecture = architecture
    configuration.baseChannels = 2
    configuration.outputChannels = 1
    let network = configuration.makeGenerator()
    network.initialize(.normal(gain: 0.5), seed: 1)
    return withoutGradients {
      network(.normal(shape: [2, 3, height, width], seed: 2), .inference)
    }
  }
}

struct DiscriminatorSizeTests {
  struct Case: Sendable {
    let layers: Int
    /// Side of the score map of a 256x256 image: REFERENCE.md, section 1.3.
    let scores: Int
    /// Side of what one score sees: backwards through kernels of 4, r becomes (r - 1) * stride + 4;
    /// for 3 layers 1, 4, 7, 16, 34, 70.
    let field: Int
    /// Strided convolutions halve 3 * 2^layers to 3; the last two take one pixel each.
    let minimum: Int
  }

  private static let cases = [
    Case(layers: 1, scores: 126, field: 16, minimum: 6),
    Case(layers: 2, scores: 62, field: 34, minimum: 12),
    Case(layers: 3, scores: 30, field: 70, minimum: 24),
    Case(layers: 4, scores: 14, field: 142, minimum: 48),
    Case(layers: 5, scores: 6, field: 286, minimum: 96),
  ]

  @Test(arguments: cases) func scoreMapOf256(_ expected: Case) {
    let network = makePatch(layers: expected.layers)
    let scores = network(.zeros(shape: [2, 3, 256, 256]), .inference)
    #expect(scores.shape == [2, 1, expected.scores, expected.scores])
  }

  @Test(arguments: [[128, 14], [64, 6], [32, 2]]) func scoreMapsOfSmallerImages(sides: [Int]) {
    let network = makePatch(layers: 3)
    let scores = network(.zeros(shape: [1, 3, sides[0], sides[0]]), .inference)
    #expect(scores.shape == [1, 1, sides[1], sides[1]])
  }

  /// One score is left of the smallest image, and one pixel less would leave the norms one pixel.
  @Test(arguments: cases) func smallestImage(_ expected: Case) {
    var configuration = DiscriminatorConfiguration()
    configuration.architecture = .patch(layers: expected.layers)
    #expect(configuration.minimumSize == expected.minimum)
    let side = configuration.minimumSize
    let network = makePatch(layers: expected.layers)
    #expect(network(.zeros(shape: [1, 3, side, side]), .inference).shape == [1, 1, 1, 1])
    let wider = network(.zeros(shape: [1, 3, side, 2 * side]), .inference)
    #expect(wider.shape == [1, 1, 1, 4])
  }

  /// The pixels with a gradient from the score in the middle; positive weights cannot cancel.
  @Test(arguments: cases) func receptiveField(_ expected: Case) throws {
    let network = makePatch(layers: expected.layers, normalization: .none)
    let ones = network.stateDict.map { ($0.name, $0.tensor.filled(with: 0.1)) }
    try network.load(Dictionary(uniqueKeysWithValues: ones), from: "here")
    // A strip is enough for one direction, with room on both sides of the field.
    let width = 2 * expected.field + 64
    let image = Tensor.zeros(shape: [1, 3, 96, width]).requiringGradient()
    let scores = network(image, .inference)
    let middle = scores.shape[3] / 2
    let one = scores.narrowed(axis: 3, middle..<(middle + 1)).narrowed(axis: 2, 0..<1)
    one.sum().backward()
    let columns = try #require(image.gradient).absolute().sum(axes: [0, 1, 2]).elements
    let seen = columns.indices.filter { columns[$0] > 0 }
    #expect(seen.count == expected.field)
    #expect(seen.first != 0)
    #expect(seen.last != width - 1)
  }

  @Test func thePixelDiscriminatorJudgesEachPixel() throws {
    var configuration = DiscriminatorConfiguration()
    configuration.architecture = .pixel
    configuration.baseChannels = 2
    configuration.normalization = .none
    #expect(configuration.minimumSize == 2)
    let network = configuration.makeDiscriminator()
    network.initialize(.normal(gain: 1), seed: 1)
    let image = Tensor.zeros(shape: [1, 3, 6, 5]).requiringGradient()
    let scores = network(image, .inference)
    #expect(scores.shape == [1, 1, 6, 5])
    scores.narrowed(axis: 2, 2..<3).narrowed(axis: 3, 1..<2).sum().backward()
    let gradient = try #require(image.gradient).absolute().sum(axes: [0, 1]).elements
    #expect(gradient.indices.filter { gradient[$0] > 0 } == [2 * 5 + 1])
  }

  @Test func pixelScoresOf256() {
    var configuration = DiscriminatorConfiguration()
    configuration.architecture = .pixel
    configuration.baseChannels = 2
    let network = configuration.makeDiscriminator()
    let scores = network(.zeros(shape: [1, 3, 256, 256]), .inference)
    #expect(scores.shape == [1, 1, 256, 256])
  }

  private func makePatch(layers: Int, normalization: Normalization = .instance) -> any Module {
    var configuration = DiscriminatorConfiguration()
    configuration.architecture = .patch(layers: layers)
    configuration.baseChannels = 1
    configuration.normalization = normalization
    return configuration.makeDiscriminator()
  }
}
