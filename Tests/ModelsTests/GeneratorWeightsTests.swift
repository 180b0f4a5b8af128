import Files
import Foundation
import Models
import TestSupport
import Testing
import Torch

/// A generator's architecture read off its tensors' names and shapes.
struct GeneratorInferenceTests {
  private static let architectures: [GeneratorConfiguration.Architecture] = [
    .resNet(blocks: 9), .resNet(blocks: 6), .resNet(blocks: 1), .uNet(downsamplings: 5),
    .uNet(downsamplings: 8),
  ]

  @Test(arguments: architectures, Normalization.allCases)
  func everyGeneratorIsRecognized(
    _ architecture: GeneratorConfiguration.Architecture, _ normalization: Normalization
  ) {
    var configuration = GeneratorConfiguration()
    configuration.architecture = architecture
    configuration.normalization = normalization
    configuration.baseChannels = 2
    configuration.outputChannels = 1
    #expect(GeneratorConfiguration(inferredFrom: shapes(configuration)) == configuration)
  }

  /// A U-Net's dropout leaves no trace in its names, and makes no difference to a trained one.
  @Test func dropoutIsSeenInAResNet() {
    var configuration = GeneratorConfiguration()
    configuration.baseChannels = 2
    configuration.dropout = true
    #expect(GeneratorConfiguration(inferredFrom: shapes(configuration)) == configuration)
  }

  /// The weights of bilinear up-sampling have their sizes the other way round.
  @Test(arguments: [0, 1, 9], Normalization.allCases)
  func upsamplingIsSeenInTheShapes(_ blocks: Int, _ normalization: Normalization) {
    var configuration = GeneratorConfiguration()
    configuration.architecture = .resNet(blocks: blocks)
    configuration.normalization = normalization
    configuration.baseChannels = 2
    configuration.upsampling = .bilinear
    let bilinear = shapes(configuration)
    #expect(GeneratorConfiguration(inferredFrom: bilinear) == configuration)
    configuration.upsampling = .transposed
    #expect(Set(shapes(configuration).keys) == Set(bilinear.keys))
  }

  @Test func discriminatorsAndOthersAreNot() {
    var discriminator = DiscriminatorConfiguration()
    discriminator.baseChannels = 2
    let state = discriminator.makeDiscriminator().stateDict.map { ($0.name, $0.tensor.shape) }
    #expect(GeneratorConfiguration(inferredFrom: Dictionary(uniqueKeysWithValues: state)) == nil)
    #expect(GeneratorConfiguration(inferredFrom: [:]) == nil)
    #expect(GeneratorConfiguration(inferredFrom: ["model.1.weight": [7, 7]]) == nil)
  }

  /// A tensor without elements costs its file nothing, whatever its other sizes: networks must not be
  /// built from those.
  @Test(arguments: [
    (GeneratorConfiguration.Architecture.resNet(blocks: 1), "model.18.weight", [1 << 40, 0, 7, 7]),
    (.resNet(blocks: 1), "model.18.weight", [1 << 40, 2, 0, 7]),
    (.uNet(downsamplings: 5), "model.model.3.weight", [0, 1 << 40, 4, 4]),
    (.uNet(downsamplings: 5), "model.model.3.weight", [4, 1 << 40, 4, 0]),
  ])
  func emptyTensorsDecideNothing(
    _ architecture: GeneratorConfiguration.Architecture, name: String, shape: [Int]
  ) {
    var configuration = GeneratorConfiguration()
    configuration.architecture = architecture
    configuration.baseChannels = 2
    var shapes = shapes(configuration)
    #expect(shapes[name] != nil)
    shapes[name] = shape
    #expect(GeneratorConfiguration(inferredFrom: shapes) == nil)
  }

  private func shapes(_ configuration: GeneratorConfiguration) -> [String: [Int]] {
    let state = configuration.makeGenerator().stateDict.map { ($0.name, $0.tensor.shape) }
    return Dictionary(uniqueKeysWithValues: state)
  }
}

/// Weights files of this project and older ones.
struct GeneratorWeightsTests {
  private let configuration: GeneratorConfiguration
  private let state: [(name: String, tensor: Tensor)]

  init() {
    var configuration = GeneratorConfiguration()
    configuration.architecture = .resNet(blocks: 1)
    configuration.baseChannels = 2
    let generator = configuration.makeGenerator()
    generator.initialize(.normal(gain: 0.5), seed: 1)
    self.configuration = configuration
    state = generator.stateDict
  }

  @Test func aPlainFileNeedsNoNotice() throws {
    let weights = try write(state)
    #expect(weights.configuration == configuration)
    #expect(weights.notices.isEmpty)
    try expectSameWeights(weights)
  }

  @Test func modulePrefixesAreTakenOff() throws {
    let weights = try write(state.map { ("module.\($0.name)", $0.tensor) })
    #expect(weights.notices == ["took 'module.' off the names of the tensors"])
    try expectSameWeights(weights)
  }

  /// PyTorch 0.4 saved statistics for instance norm, here after the first convolution.
  @Test func statisticsOfInstanceNormAreIgnored() throws {
    let stale: [(name: String, tensor: Tensor)] = [
      ("model.2.running_mean", .zeros(shape: [2])), ("model.2.running_var", .zeros(shape: [2])),
      ("model.2.num_batches_tracked", .zeros(shape: [], dtype: .int64)),
    ]
    let weights = try write(state + stale)
    #expect(
      weights.notices == ["ignored the running statistics of instance norm, which never uses them"])
    #expect(weights.configuration.normalization == .instance)
    try expectSameWeights(weights)
  }

  @Test func aMissingTensorIsNamed() throws {
    let weights = try write(state.filter { $0.name != "model.7.bias" })
    let error = #expect(throws: StateDictMismatch.self) { try weights.makeGenerator() }
    #expect(error?.missing == ["model.7.bias"])
  }

  @Test func whatIsNoGeneratorIsRefused() throws {
    let error = #expect(throws: FileError.self) { try write([("x", .zeros(shape: [1]))]) }
    #expect(error?.reason == "its tensors are not those of a ResNet or U-Net generator")
  }

  private func write(_ tensors: [(name: String, tensor: Tensor)]) throws -> GeneratorWeights {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("net_G_A.safetensors")
      try SafeTensors(tensors).write(to: file)
      return try GeneratorWeights(reading: file)
    }
  }

  private func expectSameWeights(_ weights: GeneratorWeights) throws {
    let found = try weights.makeGenerator().stateDict
    #expect(found.map(\.name) == state.map(\.name))
    #expect(found.map { $0.tensor.elements } == state.map { $0.tensor.elements })
  }
}
