import Foundation
import Models
import TestSupport
import Testing
import Torch
import Translation

@testable import Commands

/// Translation shared among processes, and names from lists.
@Suite struct EndToEndShardTests {
  /// A generator's file and ten photographs.
  private func withScene(_ body: (EndToEndScene) throws -> Void) throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      var configuration = GeneratorConfiguration()
      configuration.architecture = .resNet(blocks: 1)
      configuration.baseChannels = 2
      let generator = configuration.makeGenerator()
      generator.initialize(.xavier(gain: 1), seed: 1)
      try SafeTensors(generator.stateDict).write(to: scene.folder("net_G_A.safetensors"))
      try writeImages(10, to: scene.folder("photos"), height: 8, width: 8)
      try body(scene)
    }
  }

  private func translate(
    _ scene: EndToEndScene, _ more: [String], _ variables: [String: String] = [:]
  ) -> EndToEndScene.Outcome {
    scene.run(
      ["translate", scene.path("net_G_A.safetensors"), "--output", scene.path("results")] + more,
      launchedWith: variables)
  }

  @Test(arguments: [
    (["RANK": "%", "WORLD_SIZE": "3"], 0),
    (["SLURM_ARRAY_TASK_ID": "%", "SLURM_ARRAY_TASK_COUNT": "3"], 0),
    (
      [
        "SLURM_ARRAY_TASK_ID": "%", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "5",
        "SLURM_ARRAY_TASK_STEP": "2",
      ], 5
    ),
  ])
  func processesShareTheImages(variables: [String: String], first: Int) throws {
    try withScene { scene in
      let step = variables["SLURM_ARRAY_TASK_STEP"].flatMap { Int($0) } ?? 1
      var written: [String] = []
      for index in 0..<3 {
        let own = variables.mapValues { $0 == "%" ? "\(first + index * step)" : $0 }
        let outcome = translate(scene, [scene.path("photos")], own)
        #expect(outcome.code == .success)
        #expect(
          outcome.errors.contains(
            "shard \(index)/3: \(outcome.outputLines.count) of 10 images\n"))
        written += outcome.outputLines
      }
      #expect(
        written.sorted() == (0..<10).map { scene.path(String(format: "results/%02d.png", $0)) })
    }
  }

  /// What is asked for on the command line counts more than what a launcher says.
  @Test func aShardThatWasLostIsStartedAgain() throws {
    try withScene { scene in
      let environment = ["RANK": "1", "WORLD_SIZE": "2"]
      let arguments = [scene.path("photos"), "--shard", "0/2", "--skip-existing"]
      let first = translate(scene, arguments, environment).outputLines
      #expect(first.count > 1)
      try FileManager.default.removeItem(atPath: first[0])
      #expect(translate(scene, arguments, environment).outputLines == [first[0]])
      #expect(translate(scene, arguments, environment).outputLines == [])
    }
  }

  @Test(arguments: [
    ("3/2", "--shard: '3/2' is not a part such as 0/4: I/N, with I from 0 to N - 1"),
    ("2/2", "--shard: '2/2' is not a part such as 0/4: I/N, with I from 0 to N - 1"),
    ("1", "--shard: '1' is not a part such as 0/4: I/N, with I from 0 to N - 1"),
  ])
  func shardsThatAreNone(text: String, message: String) throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      let outcome = translate(scene, [scene.path("trainA"), "--shard", text])
      #expect(outcome.code == .usage)
      #expect(outcome.lastError == "error: \(message)")
    }
  }

  @Test(arguments: [
    (["RANK": "1"], "RANK is set, but WORLD_SIZE is not"),
    (["WORLD_SIZE": "1"], "WORLD_SIZE is set, but RANK is not"),
    (["RANK": "2", "WORLD_SIZE": "2"], "RANK: 2 is outside of WORLD_SIZE, which is 2"),
    (["RANK": "x", "WORLD_SIZE": "2"], "RANK: 'x' is not a number from 0 on"),
    (["SLURM_ARRAY_TASK_ID": "1"], "SLURM_ARRAY_TASK_ID is set, but SLURM_ARRAY_TASK_COUNT is not"),
    (
      [
        "SLURM_ARRAY_TASK_ID": "6", "SLURM_ARRAY_TASK_COUNT": "2", "SLURM_ARRAY_TASK_MIN": "5",
        "SLURM_ARRAY_TASK_STEP": "2",
      ], "SLURM_ARRAY_TASK_ID: 6 is not 5 and a multiple of 2"
    ),
  ])
  func environmentsThatDoNotFit(variables: [String: String], message: String) throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      let outcome = translate(scene, [scene.path("trainA")], variables)
      #expect(outcome.code == .usage)
      #expect(outcome.lastError == "error: \(message)")
    }
  }

  @Test func aListNamesTheImages() throws {
    try withScene { scene in
      let list = scene.folder("list")
      let names = ["00.png", "07.png"].map { scene.path("photos/\($0)") }
      try Data((names.joined(separator: "\0") + "\0").utf8).write(to: list)
      let outcome = translate(scene, ["--list", list.path])
      #expect(outcome.code == .success)
      #expect(
        outcome.outputLines.sorted() == ["00.png", "07.png"].map { scene.path("results/\($0)") })
      let missing = translate(scene, ["--list", scene.path("nothing")])
      #expect(missing.code == .failure)
      #expect(missing.lastError == "error: \(scene.path("nothing")): No such file or directory")
    }
  }
}
