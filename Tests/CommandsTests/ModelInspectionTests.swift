import Files
import Foundation
import Imaging
import Models
import TestSupport
import Testing
import Torch
import Translation

@testable import Commands

/// What runs, snapshots and single files are said to hold.
struct ModelInspectionTests {
  /// Of `TinyRun` with two blocks. Each convolution has kernel area * inputs * outputs weights and a bias
  /// for each output: 7x7 from 3 to 2 (296), 3x3 from 2 to 4 (76) and from 4 to 8 (296), four of 3x3
  /// from 8 to 8 (584 each), 3x3 from 8 to 4 (292) and from 4 to 2 (74), 7x7 from 2 to 3 (297).
  private static let generatorParameters = 296 + 76 + 296 + 4 * 584 + 292 + 74 + 297
  /// With two layers, all 4x4: from 3 to 2 (98), 2 to 4 (132), 4 to 8 (520), 8 to 1 (129).
  private static let discriminatorParameters = 98 + 132 + 520 + 129

  private func train(in root: URL) throws -> TinyRun {
    var run = try TinyRun(in: root)
    run.configuration.networks.blocks = 2
    run.configuration.networks.discriminatorLayers = 2
    // Five steps are the first epoch.
    try run.train(stoppingAfter: 7)
    return run
  }

  @Test func aRunsLatestSnapshotIsTaken() throws {
    try withTemporaryFolder { root in
      let run = try train(in: root)
      let inspection = try ModelInspection(of: run.folder.url)
      #expect(inspection.step == 7)
      #expect(inspection.epoch == 2)
      #expect(
        inspection.networks.map(\.file) == [
          "net_G_A.safetensors", "net_G_B.safetensors", "net_D_A.safetensors",
          "net_D_B.safetensors",
        ])
      for generator in inspection.networks.prefix(2) {
        #expect(
          generator.description
            == "ResNet generator, 2 blocks, 2 filters, instance norm, 3 to 3 channels")
        #expect(generator.generator?.architecture == .resNet(blocks: 2))
        #expect(generator.sizeMultiple == 4)
        #expect(generator.tensors == 20)
        #expect(generator.parameters == Self.generatorParameters)
      }
      for discriminator in inspection.networks.suffix(2) {
        #expect(
          discriminator.description == "patch discriminator, 2 layers, 2 filters, 3 channels")
        #expect(discriminator.generator == nil && discriminator.sizeMultiple == nil)
        #expect(discriminator.tensors == 8)
        #expect(discriminator.parameters == Self.discriminatorParameters)
      }
    }
  }

  @Test func snapshotsAndFilesCanBeNamed() throws {
    try withTemporaryFolder { root in
      let run = try train(in: root)
      let first = run.folder.snapshots.appendingPathComponent("epoch-0001")
      let snapshot = try ModelInspection(of: first)
      #expect(snapshot.step == 5)
      #expect(snapshot.networks.count == 4)
      let file = try ModelInspection(of: first.appendingPathComponent("net_D_A.safetensors"))
      #expect(file.step == nil && file.epoch == nil)
      #expect(file.networks.map(\.parameters) == [Self.discriminatorParameters])
    }
  }

  /// Weights alone are enough, such as a few converted from elsewhere.
  @Test func aFolderOfSomeWeights() throws {
    try withTemporaryFolder { root in
      var pixel = DiscriminatorConfiguration()
      pixel.architecture = .pixel
      pixel.baseChannels = 5
      pixel.inputChannels = 1
      try write(pixel.makeDiscriminator(), "net_D_B", in: root)
      var uNet = GeneratorConfiguration()
      uNet.architecture = .uNet(downsamplings: 5)
      uNet.baseChannels = 2
      uNet.inputChannels = 1
      uNet.normalization = .batch
      try write(uNet.makeGenerator(), "net_G_B", in: root)
      let inspection = try ModelInspection(of: root)
      #expect(inspection.step == nil)
      #expect(
        inspection.networks.map(\.description) == [
          "U-Net generator, 5 downsamplings, 2 filters, batch norm, 1 to 3 channels",
          "pixel discriminator, 5 filters, 1 channels",
        ])
      #expect(inspection.networks.first?.sizeMultiple == 32)
      // Running statistics are not learned.
      #expect(inspection.networks.first?.parameters == uNet.makeGenerator().parameterCount)
      // 1x1 convolutions from 1 to 5, from 5 to 10 and from 10 to 1, with biases.
      #expect(inspection.networks.last?.parameters == 10 + 60 + 11)
    }
  }

  /// A file that `translate` takes is described as what it makes of it.
  @Test func oldGeneratorsAreRecognized() throws {
    try withTemporaryFolder { root in
      let generator = TranslationScene.generator(seed: 1)
      let file = root.appendingPathComponent("old.safetensors")
      let stale: [(name: String, tensor: Tensor)] = [
        ("model.2.running_mean", .zeros(shape: [2])), ("model.2.running_var", .zeros(shape: [2])),
      ]
      let old = (generator.stateDict + stale).map { ("module.\($0.name)", $0.tensor) }
      try SafeTensors(old).write(to: file)
      let network = try #require(try ModelInspection(of: file).networks.first)
      let model = try TranslationModel(at: file, direction: .aToB)
      #expect(network.generator == model.configuration)
      #expect(network.parameters == generator.parameterCount)
    }
  }

  /// Of a file of 16 GiB, nearly all of it a hole, the header is read.
  @Test func theHeaderIsEnough() throws {
    try withTemporaryFolder { root in
      let url = root.appendingPathComponent("net_huge.safetensors")
      let count = 1 << 32
      let header = Data(
        #"{"a":{"dtype":"F32","shape":[\#(count)],"data_offsets":[0,\#(4 * count)]}}"#.utf8)
      let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
      try (length + header).write(to: url)
      let file = try FileHandle(forWritingTo: url)
      try file.truncate(atOffset: UInt64(8 + header.count + 4 * count))
      try file.close()
      let network = try #require(try ModelInspection(of: root).networks.first)
      #expect(network.file == "net_huge.safetensors")
      #expect(network.tensors == 1 && network.parameters == count)
    }
  }

  /// One file of several networks, as somebody may have saved them.
  @Test func everyNetworkOfAFileIsTold() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("all.safetensors")
      var pixel = DiscriminatorConfiguration()
      pixel.architecture = .pixel
      pixel.baseChannels = 5
      let networks = [
        ("netG_A", TranslationScene.generator(seed: 1)), ("netD_A", pixel.makeDiscriminator()),
      ]
      try SafeTensors(
        networks.flatMap { name, network in
          network.stateDict.map { ("\(name).\($0.name)", $0.tensor) }
        }
      ).write(to: file)
      let inspection = try ModelInspection(of: file)
      #expect(inspection.networks.map(\.name) == ["netG_A", "netD_A"])
      #expect(inspection.networks.map(\.file) == ["all.safetensors", "all.safetensors"])
      #expect(inspection.networks.map(\.parameters) == networks.map(\.1.parameterCount))
      #expect(inspection.networks[0].generator != nil)
      #expect(
        inspection.networks[1].description == "pixel discriminator, 5 filters, 3 channels")
    }
  }

  @Test func otherTensorsAreCountedAllTheSame() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("other.safetensors")
      try SafeTensors([("model.0.weight", .zeros(shape: [4])), ("a", .zeros(shape: [2, 3]))])
        .write(to: file)
      let network = try #require(try ModelInspection(of: file).networks.first)
      #expect(network.description == "an unknown network")
      #expect(network.tensors == 2 && network.parameters == 10)
    }
  }

  @Test func whatCannotBeInspectedIsNamed() throws {
    try withTemporaryFolder { root in
      func expectFileError(_ url: URL, _ reason: String) {
        let error = #expect(throws: FileError.self) { try ModelInspection(of: url) }
        #expect(error?.description == "\(url.path): \(reason)")
      }
      expectFileError(root, "there is no snapshot in it, nor weights")
      expectFileError(
        root.appendingPathComponent("missing"), "there is no such run, snapshot or weights file")
      let damaged = root.appendingPathComponent("net_G_A.safetensors")
      try Data("none".utf8).write(to: damaged)
      expectFileError(damaged, "not a safetensors file: it has only 4 bytes")
      let error = #expect(throws: FileError.self) { try ModelInspection(of: root) }
      #expect(error?.path == damaged.path)
    }
  }

  private func write(_ network: any Module, _ name: String, in folder: URL) throws {
    try SafeTensors(network.stateDict)
      .write(to: folder.appendingPathComponent("\(name).safetensors"))
  }
}

/// What files hold that a run was trained on, and that weights are for.
struct InspectionOfValuesTests {
  private let hounsfield = DomainValues(
    range: ValueRange(-1024, 3071), sampleType: SampleType(.signed, bits: 16))

  @Test func runsTellThemOfBothDomains() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 1)
      let inspection = try ModelInspection(of: run.folder.url)
      let domains = try #require(inspection.domains)
      #expect(domains.a.channels == 3 && domains.a.samples == SampleType(.unsigned, bits: 8))
      #expect(domains.a == domains.b && domains.a.range == nil)
      #expect(domains.a.words == "3 channels of unsigned8")
    }
  }

  @Test func weightsTellWhatTheyTakeAndMake() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root) { ($0.inputChannels, $0.outputChannels) = (1, 3) }
      let values = GeneratorValues(input: hounsfield, output: DomainValues())
      try SafeTensors(scene.generator.stateDict, metadata: values.metadata).write(to: scene.weights)
      let network = try #require(try ModelInspection(of: scene.weights).networks.first)
      #expect(network.input?.words == "1 channel of signed16, -1024..3071 from black to white")
      #expect(network.output?.words == "3 channels" && network.output?.isKnown == false)
      let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(network))
      let input = try #require((json as? [String: Any])?["input"] as? [String: Any])
      #expect(input["channels"] as? Int == 1)
      #expect(input["range"] as? String == "-1024..3071")
      #expect(input["samples"] as? String == "signed16")
    }
  }
}
