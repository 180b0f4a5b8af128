import Models
import TestSupport
import Testing
import Torch

/// Small networks give what PyTorch's give from the same weights and input. The fixtures and what is in
/// them: Tests/Fixtures/Reference/write_networks.py.
struct ReferenceOutputTests {
  private static let cases = [
    "resnet9-instance", "resnet9-batch", "resnet6-instance", "resnet6-batch", "resnet6-none",
    "resnet6-instance-1-to-3", "resnet6-instance-3-to-1", "resnet6-instance-dropout",
    "resnet6-batch-dropout", "unet128-instance", "unet128-batch", "patch3-instance",
    "patch3-batch", "pixel-instance", "pixel-batch", "resnet1-instance-16", "resnet1-none-16",
    "patch2-instance-16", "pixel-instance-16",
  ]

  /// The project's promise for float32; PyTorch's own float32 is off by up to 2e-5.
  private static let tolerance = 1e-4

  @Test(arguments: cases) func inference(_ name: String) throws {
    let reference = try ReferenceNetwork(name)
    let output = withoutGradients { reference.network(reference.input, .inference) }
    expectClose(output, try reference.tensor("output"), tolerance: Self.tolerance)
  }

  @Test(arguments: cases.filter { $0.hasSuffix("-batch") })
  func batchNormInTraining(_ name: String) throws {
    let reference = try ReferenceNetwork(name)
    let output = withoutGradients { reference.network(reference.input, .training) }
    expectClose(output, try reference.tensor("output.training"), tolerance: Self.tolerance)
    let running = reference.network.stateDict.filter { $0.name.contains("running_") }
    #expect(!running.isEmpty)
    for (name, tensor) in running {
      expectClose(tensor, try reference.tensor("updated.\(name)"), tolerance: Self.tolerance)
    }
    let tracked = reference.network.stateDict.filter { $0.name.hasSuffix("num_batches_tracked") }
    // The fixture's weights come from seven batches.
    #expect(tracked.allSatisfy { $0.tensor.item == 8 })
  }

  /// Without batch norm and dropout there is nothing to tell the modes apart.
  @Test(arguments: ["resnet9-instance", "unet128-instance", "patch3-instance"])
  func instanceNormInTraining(_ name: String) throws {
    let reference = try ReferenceNetwork(name)
    let output = withoutGradients { reference.network(reference.input, .training) }
    expectClose(output, try reference.tensor("output"), tolerance: Self.tolerance)
  }

  /// Of mean(output^2), by the input, the first and the last convolution.
  @Test(arguments: [
    "resnet9-instance", "patch3-instance", "resnet1-instance-16", "patch2-instance-16",
  ])
  func gradients(_ name: String) throws {
    let reference = try ReferenceNetwork(name)
    let input = reference.input.requiringGradient()
    reference.network(input, .inference).squared().mean().backward()
    let parameters = Dictionary(
      uniqueKeysWithValues: reference.network.namedParameters().map { ($0.name, $0.value) })
    let prefix = "gradient."
    let names = reference.tensors.keys.filter { $0.hasPrefix(prefix) }
    #expect(names.count == 4)
    for name in names {
      let key = String(name.dropFirst(prefix.count))
      let found = key == "input" ? input.gradient : parameters[key]?.gradient
      expectClose(
        try #require(found), try reference.tensor(name), tolerance: Self.tolerance)
    }
  }
}

/// One file of Tests/Fixtures/Reference/networks: the network it describes, with its weights.
private struct ReferenceNetwork {
  let network: any Module
  let tensors: [String: Tensor]
  let input: Tensor

  init(_ name: String) throws {
    let file = fixture("Reference/networks/\(name).safetensors")
    let read = try SafeTensors.read(from: file)
    tensors = read.byName
    input = try #require(read.byName["input"])
    network = try Self.makeNetwork(read.metadata)
    let prefix = "weights."
    let weights = tensors.filter { $0.key.hasPrefix(prefix) }
      .map { (String($0.key.dropFirst(prefix.count)), $0.value) }
    try network.load(Dictionary(uniqueKeysWithValues: weights), from: file.path)
  }

  func tensor(_ name: String) throws -> Tensor { try #require(tensors[name], "\(name)") }

  private static func makeNetwork(_ metadata: [String: String]) throws -> any Module {
    func number(_ key: String) throws -> Int { try #require(metadata[key].flatMap(Int.init)) }
    let normalization = try #require(metadata["norm"].flatMap(Normalization.init))
    var generator = GeneratorConfiguration()
    generator.baseChannels = try number("filters")
    generator.inputChannels = try number("in")
    generator.outputChannels = try number("out")
    generator.normalization = normalization
    generator.dropout = metadata["dropout"] == "true"
    var discriminator = DiscriminatorConfiguration()
    discriminator.baseChannels = try number("filters")
    discriminator.inputChannels = try number("in")
    discriminator.normalization = normalization
    switch metadata["network"] {
    case "resnet":
      generator.architecture = .resNet(blocks: try number("blocks"))
      return generator.makeGenerator()
    case "unet":
      generator.architecture = .uNet(downsamplings: try number("downs"))
      return generator.makeGenerator()
    case "patch":
      discriminator.architecture = .patch(layers: try number("layers"))
      return discriminator.makeDiscriminator()
    default:
      discriminator.architecture = .pixel
      return discriminator.makeDiscriminator()
    }
  }
}
