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
}
