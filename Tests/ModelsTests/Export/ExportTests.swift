import Files
import Foundation
import TestSupport
import Testing
import Torch

@testable import Models

/// One kind of generator, with weights that let every layer show.
struct ExportCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let make: @Sendable () -> ExportableGenerator

  private static func translator(
    _ description: String, _ configure: @escaping @Sendable (inout GeneratorConfiguration) -> Void
  ) -> ExportCase {
    ExportCase(testDescription: description) {
      var configuration = GeneratorConfiguration()
      configuration.architecture = .resNet(blocks: 2)
      configuration.baseChannels = 4
      configure(&configuration)
      let network = configuration.makeGenerator()
      fill(network)
      return ExportableGenerator(network, configuration, direction: "a-to-b")
    }
  }

  private static func samples(
    _ description: String, _ configure: @escaping @Sendable (inout SampleModelConfiguration) -> Void
  ) -> ExportCase {
    ExportCase(testDescription: description) {
      var configuration = SampleModelConfiguration()
      configuration.latent = 7
      configure(&configuration)
      let network = configuration.makeGenerator()
      fill(network)
      return ExportableGenerator(network, configuration, latentDistribution: "normal")
    }
  }

  /// Running statistics that are not those of a fresh network, and biases that are not zero.
  private static func fill(_ network: any Module) {
    network.initialize(.xavier(gain: 1), seed: 5)
    for (index, (name, parameter)) in network.namedParameters().enumerated() {
      let shape = parameter.tensor.shape
      let noise = Tensor.uniform(shape: shape, seed: UInt64(index))
      if name.hasSuffix("bias") || name.hasSuffix("running_mean") {
        parameter.tensor.copyInPlace(from: noise - 0.5)
      } else if name.hasSuffix("running_var") {
        parameter.tensor.copyInPlace(from: noise + 0.5)
      }
    }
  }

  static let all: [ExportCase] = [
    translator("ResNet, instance norm") { _ in },
    translator("ResNet, batch norm, dropout") {
      $0.normalization = .batch
      $0.dropout = true
    },
    translator("ResNet without norm, gray to color") {
      $0.normalization = .none
      $0.inputChannels = 1
    },
    translator("ResNet with skips") { $0.skips = .features },
    translator("ResNet with bilinear up-sampling") { $0.upsampling = .bilinear },
    translator("ResNet with skips and smoothed up-sampling") {
      $0.skips = .features
      $0.upsampling = .smoothed
    },
    translator("U-Net, instance norm") { $0.architecture = .uNet(downsamplings: 5) },
    translator("U-Net, batch norm, dropout, color to gray") {
      $0.architecture = .uNet(downsamplings: 6)
      $0.normalization = .batch
      $0.dropout = true
      $0.outputChannels = 1
    },
    samples("DCGAN of 28 pixels") {
      $0.architecture = .dcgan(filters: 4)
      $0.size = 28
      $0.channels = 1
    },
    samples("DCGAN of 64 pixels") { $0.architecture = .dcgan(filters: 4) },
    samples("fully connected") {
      $0.architecture = .mlp(hidden: [16, 8])
      $0.size = 9
    },
  ]
}

/// What is written is the network: libtorch itself runs the TorchScript that the graph became.
struct ExportTests {
  /// Rounding alone: the network's own convolutions may run in another library.
  private static let tolerance = 1e-5

  @Test(arguments: ExportCase.all, [ExportFormat.torchscript, .pth, .safetensors])
  func theFileGivesTheSameOutput(_ example: ExportCase, _ format: ExportFormat) throws {
    try withTemporaryFolder { folder in
      let generator = example.make()
      let file = folder.appendingPathComponent(format.fileName(of: "G_A"))
      let difference = try #require(try generator.write(format, to: file, options: .init()))
      #expect(difference <= Self.tolerance)
      let files = try filesBelow(folder)
      #expect(files == [file.lastPathComponent])
      // Every name and every byte.
      let written = try WeightsFile(file).read()
      let own = generator.network.stateDict
      #expect(Set(written.keys) == Set(own.map(\.name)))
      for (name, tensor) in own { #expect(written[name]?.bytes == tensor.bytes, "\(name)") }
    }
  }

  @Test(arguments: [ExportFormat.torchscript, .pth, .safetensors])
  func halfOfTheBitsAreEnough(_ format: ExportFormat) throws {
    try withTemporaryFolder { folder in
      var options = ONNXModel.Options()
      options.half = true
      let file = folder.appendingPathComponent("half")
      // 11 bits of precision in some twenty layers.
      let generator = ExportCase.all[0].make()
      let found = try #require(try generator.write(format, to: file, options: options))
      #expect(found > 0 && found < 0.05)
      let weight = try WeightsFile(file).read()["model.1.weight"]
      #expect(weight?.dtype == .float16)
    }
  }

  /// A graph mentions every tensor that inference uses, once, and nothing else.
  @Test(arguments: ExportCase.all) func theGraphUsesEveryTensor(_ example: ExportCase) {
    let generator = example.make()
    var used: [String] = []
    for node in LayerGraph(of: generator.network).nodes {
      switch node.operation {
      case .convolution(let weight, let bias, _, _), .linear(let weight, let bias),
        .transposedConvolution(let weight, let bias, _, _, _):
        used += [weight] + (bias.map { [$0] } ?? [])
      case .batchNorm(let name, _):
        used += ["weight", "bias", "running_mean", "running_var"].map { "\(name).\($0)" }
      default: break
      }
    }
    let own = generator.network.stateDict.map(\.name).filter {
      !$0.hasSuffix("num_batches_tracked")
    }
    #expect(used.sorted() == own.sorted())
  }

  /// A name that is a number would be no code.
  @Test func theScriptReadsLikeTheNetwork() throws {
    var configuration = GeneratorConfiguration()
    configuration.architecture = .resNet(blocks: 0)
    configuration.baseChannels = 2
    let script = LayerGraph(of: configuration.makeGenerator())
      .torchScript(convertsWeights: false)
    let lines = script.split(separator: "\n")
    #expect(lines[0] == "def forward(self, x0: Tensor) -> Tensor:")
    #expect(lines[1] == "    x1 = torch.reflection_pad2d(x0, [3, 3, 3, 3])")
    #expect(lines[2] == "    m1 = self.model")
    #expect(lines[3] == #"    m2 = getattr(m1, "1")"#)
    #expect(lines[4] == "    x2 = torch.conv2d(x1, m2.weight, m2.bias, [1, 1], [0, 0])")
    #expect(
      lines[5]
        == "    x3 = torch.instance_norm(x2, None, None, None, None, True, 0.1, 1e-05, False)")
    #expect(lines[6] == "    x4 = torch.relu(x3)")
    #expect(lines[7] == #"    m3 = getattr(m1, "4")"#)
  }

  /// Nobody finds half a file, nor one under a temporary name.
  @Test func whatCannotBeWrittenLeavesNothing() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("none/net_G_A.pth")
      let error = #expect(throws: FileError.self) {
        try ExportCase.all[0].make().write(.pth, to: file, options: .init())
      }
      #expect(error?.path == file.path)
      let files = try filesBelow(folder)
      #expect(files == [])
    }
  }

  private func filesBelow(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
  }
}
