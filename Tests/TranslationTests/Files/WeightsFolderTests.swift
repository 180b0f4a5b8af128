import Files
import Foundation
import Models
import TestSupport
import Testing
import Torch

@testable import Training
@testable import Translation

/// Which of a folder's files is meant: the reference's names beside ours.
struct WeightsFolderTests {
  private func makeFolder(_ names: [String], in root: URL) throws -> WeightsFolder {
    for name in names {
      let file = root.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: file)
    }
    return WeightsFolder(root)
  }

  private static let reference = [
    "5_net_G_A.pth", "10_net_G_A.pth", "iter_9000_net_G_A.pth", "latest_net_G_A.pth",
    "95_net_D_B.pth", "200_net_D_B.pth", "iter_900000_net_D_B.pth", "iter_20_net_D_A.pth",
    "iter_100_net_D_A.pth", "best_net_G_B.pth", "loss_log.txt", "train_opt.txt",
    "subnet_G_B.pth",
  ]

  @Test func latestThenTheHighestNumberIsTaken() throws {
    try withTemporaryFolder { root in
      let folder = try makeFolder(Self.reference, in: root)
      #expect(folder.file(of: "G_A")?.lastPathComponent == "latest_net_G_A.pth")
      #expect(folder.file(of: "D_B")?.lastPathComponent == "200_net_D_B.pth")
      #expect(folder.file(of: "D_A")?.lastPathComponent == "iter_100_net_D_A.pth")
      #expect(folder.file(of: "G_B") == nil && folder.file(of: "G") == nil)
      #expect(
        folder.newestFiles.map(\.lastPathComponent) == [
          "latest_net_G_A.pth", "iter_100_net_D_A.pth", "200_net_D_B.pth",
        ])
      #expect(folder.olderFileCount == 6)
    }
  }

  @Test func anEpochCanBeNamed() throws {
    try withTemporaryFolder { root in
      let folder = try makeFolder(
        Self.reference + ["snapshots/epoch-0007/net_G_A.safetensors"], in: root)
      #expect(folder.file(of: "G_A", at: .number(5))?.lastPathComponent == "5_net_G_A.pth")
      #expect(folder.file(of: "G_A", at: .number(6)) == nil)
      #expect(
        folder.file(of: "G_A", at: .number(7))?.path
          == root.appendingPathComponent("snapshots/epoch-0007/net_G_A.safetensors").path)
    }
  }

  /// The reference's downloaded models have one generator, which goes from A to B.
  @Test func aPretrainedModelHasOneGenerator() throws {
    try withTemporaryFolder { root in
      let folder = try makeFolder(["latest_net_G.pth"], in: root)
      let file = root.appendingPathComponent("latest_net_G.pth").path
      #expect(folder.initialFile(of: "G_A")?.path == file)
      #expect(folder.initialFile(of: "G_B") == nil)
      for direction in TranslationDirection.allCases {
        #expect(try TranslationModel.weightsFile(at: root, direction: direction).path == file)
      }
    }
  }

  @Test func aFileStandsForItsNetwork() throws {
    try withTemporaryFolder { root in
      _ = try makeFolder(["20_net_G_B.pth", "weights.pth"], in: root)
      let named = WeightsFolder(root.appendingPathComponent("20_net_G_B.pth"))
      #expect(named.file(of: "G_B") != nil && named.file(of: "G_A") == nil)
      let other = WeightsFolder(root.appendingPathComponent("weights.pth"))
      #expect(other.newestFiles.isEmpty)
    }
  }

  /// All three forms of a start, with the weights of a run in the reference's names.
  @Test func trainingStartsFromRunsSnapshotsFoldersAndFiles() throws {
    try withTemporaryFolder { root in
      let first = try TinyRun(in: root, name: "first")
      try first.train(stoppingAfter: 1)
      let latest = first.folder.latest
      let renamed = root.appendingPathComponent("reference")
      try FileManager.default.createDirectory(at: renamed, withIntermediateDirectories: true)
      for network in ["G_A", "G_B", "D_A", "D_B"] {
        try FileManager.default.copyItem(
          at: latest.appendingPathComponent("net_\(network).safetensors"),
          to: renamed.appendingPathComponent("3_net_\(network).pth"))
      }
      let file = renamed.appendingPathComponent("3_net_G_B.pth")
      let wanted = try WeightsFile(file).read()["model.1.weight"]?.bytes
      for source in [first.folder.url, latest, renamed, file] {
        let trainer = CycleGANTrainer(configuration: first.configuration, device: .cpu)
        try trainer.loadInitialWeights(from: source)
        let generator = try #require(trainer.networks.first { $0.name == "G_B" }).network
        #expect(generator.stateDict[0].tensor.bytes == wanted)
      }
    }
  }

  private func trainer() -> CycleGANTrainer {
    var configuration = CycleGANConfiguration()
    configuration.networks.blocks = 1
    configuration.networks.generatorFilters = 2
    configuration.networks.discriminatorFilters = 2
    return CycleGANTrainer(configuration: configuration, device: .cpu)
  }

  private func network(_ name: String, of trainer: CycleGANTrainer) throws -> any Module {
    try #require(trainer.networks.first { $0.name == name }).network
  }

  /// A file of several networks gives each its own, whatever the file is called.
  @Test func oneFileOfSeveralNetworks() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("all.pth")
      let other = trainer()
      let saved = try ["G_B", "D_A"].flatMap { name in
        let network = try network(name, of: other)
        network.initialize(.normal(gain: 1), seed: 9)
        return network.stateDict.map { ("net\(name).\($0.name)", $0.tensor) }
      }
      try SafeTensors(saved).write(to: file)
      let trainer = trainer()
      let fresh = try network("G_A", of: trainer).stateDict[0].tensor.bytes
      try trainer.loadInitialWeights(from: file)
      for name in ["G_B", "D_A"] {
        let found = try network(name, of: trainer).stateDict.map(\.tensor.bytes)
        #expect(try found == network(name, of: other).stateDict.map(\.tensor.bytes), "\(name)")
      }
      #expect(try network("G_A", of: trainer).stateDict[0].tensor.bytes == fresh)
    }
  }

  /// What a file without a name of ours holds decides where it can, and is asked for where it cannot.
  @Test func oneFileOfOneNetwork() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("weights.pth")
      let trainer = trainer()
      try SafeTensors(network("G_A", of: trainer).stateDict).write(to: file)
      let error = #expect(throws: FileError.self) { try trainer.loadInitialWeights(from: file) }
      #expect(
        error?.reason == "its tensors fit G_A and G_B; call it net_G_A.pth or net_G_B.pth")

      // Of gray to color only one generator can be meant.
      var configuration = CycleGANConfiguration()
      configuration.networks.blocks = 1
      configuration.networks.generatorFilters = 2
      configuration.networks.channelsA = 1
      let gray = CycleGANTrainer(configuration: configuration, device: .cpu)
      let wanted = try network("G_B", of: gray)
      let saved = wanted.stateDict.map { (name: $0.name, tensor: $0.tensor + 1) }
      try SafeTensors(saved).write(to: file)
      try gray.loadInitialWeights(from: file)
      let isSame = wanted.stateDict[0].tensor.bytes == saved[0].tensor.bytes
      #expect(isSame)

      // One that fits none is compared with what it is most like.
      try SafeTensors(network("D_A", of: trainer).stateDict.dropLast()).write(to: file)
      let mismatch = #expect(throws: StateDictMismatch.self) {
        try trainer.loadInitialWeights(from: file)
      }
      #expect(mismatch?.missing.count == 1 && mismatch?.unexpected == [])
      try SafeTensors([("other", .zeros(shape: [1]))]).write(to: file)
      let none = #expect(throws: FileError.self) { try trainer.loadInitialWeights(from: file) }
      #expect(
        none?.reason == "it holds none of net_G_A, net_G_B, net_D_A, net_D_B (.safetensors, .pth)")
    }
  }
}
