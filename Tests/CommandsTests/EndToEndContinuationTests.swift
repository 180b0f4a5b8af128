import Foundation
import TestSupport
import Testing
import Torch

@testable import Commands

/// `--resume` through the command line, of today's runs and of those that an older program has left.
@Suite struct EndToEndContinuationTests {
  /// The old runs were stopped by --steps 4 inside their second epoch of three and end as they did then.
  @Test(arguments: [
    (name: "cyclegan", command: ["train"], folders: ["trainA", "trainB"]),
    (name: "dcgan", command: ["dcgan", "train"], folders: ["trainA"]),
  ])
  func runsOfVersion2GoOn(name: String, command: [String], folders: [String]) throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root.appendingPathComponent("scene"))
      let runs = root.appendingPathComponent("runs")
      try FileManager.default.createDirectory(at: runs, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: fixture("Runs/\(name)"), to: runs.appendingPathComponent(name))
      let resumed = scene.run(
        command + folders.map { fixture("Runs/\($0)").path } + [
          "--resume", "--name", name, "--checkpoints-dir", runs.path, "--log-every", "1",
          "--device", "cpu",
        ])
      #expect(resumed.code == .success, "\(resumed.errors)")
      #expect(resumed.errors.contains("going on after step 4, in epoch 2\n"))

      let latest = runs.appendingPathComponent("\(name)/latest")
      let expected = fixture("Runs/\(name)-continued/snapshots/epoch-0003")
      for file in try FileManager.default.contentsOfDirectory(atPath: expected.path)
      where file.hasSuffix(".safetensors") {
        let found = try SafeTensors.read(from: latest.appendingPathComponent(file))
        let wanted = try SafeTensors.read(from: expected.appendingPathComponent(file)).byName
        for (name, tensor) in found.tensors {
          let other = try #require(wanted[name])
          // The BLAS library and the number of threads move a weight by up to 2e-8. (That number belongs to
          // the process: --threads here would change the bits of the tests that run beside this one.)
          // Forgotten moments of Adam move it by 1e-3 (write_runs.py).
          expectClose(tensor, other, tolerance: 1e-6)
        }
      }
      #expect(
        try Data(contentsOf: latest.appendingPathComponent("training.json")).isEmpty == false)
      let lines = try String(
        contentsOf: runs.appendingPathComponent("\(name)/metrics.jsonl"), encoding: .utf8)
      #expect(lines.split(separator: "\n").count == 9)
    }
  }

  private func resume(_ scene: EndToEndScene, _ more: String...) -> EndToEndScene.Outcome {
    scene.run(
      ["train", "--resume", "--name", "tiny", "--checkpoints-dir", scene.path("runs")] + more)
  }

  private func configuration(_ scene: EndToEndScene) throws -> [String: Any] {
    let data = try Data(contentsOf: scene.folder("runs/tiny/config.json"))
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func whatIsSavedAndLoggedIsKept() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      let begun = scene.train(
        nil, runs: "runs", "--save-every", "2", "--sample-every", "50", "--epochs", "2",
        "--decay-epochs", "1")
      #expect(begun.code == .success, "\(begun.errors)")
      #expect(resume(scene, "--log-every", "3", "--steps", "6").code == .success)
      let schedule = try #require(try configuration(scene)["schedule"] as? [String: Any])
      #expect(
        schedule.mapValues { "\($0)" } == [
          "constantEpochs": "2", "decayEpochs": "1", "saveEvery": "2", "saveAtLeast": "30min",
          "logEvery": "3", "sampleEvery": "50", "keepLast": "3", "keepEvery": "50",
        ])
    }
  }

  @Test func aCompleteRunSaysSo() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      _ = scene.train(nil, runs: "runs", "--epochs", "1", "--decay-epochs", "1")
      #expect(resume(scene).code == .success)
      let before = try Data(contentsOf: scene.folder("runs/tiny/config.json"))
      let complete = resume(scene)
      #expect(complete.code == .success)
      #expect(
        complete.errors
          == "the run is complete after 2 epochs; --epochs or --decay-epochs goes further\n")
      let shorter = resume(scene, "--epochs", "0")
      #expect(shorter.code == .usage)
      #expect(
        shorter.lastError
          == "error: --epochs: 1 with --decay-epochs is less than the run has begun, which is in "
          + "epoch 2; both count from its beginning")
      #expect(try Data(contentsOf: scene.folder("runs/tiny/config.json")) == before)
      let further = resume(scene, "--epochs", "3")
      #expect(further.code == .success, "\(further.errors)")
      #expect(
        further.errors.contains(
          "the learning rate had fallen to 0.0001; from epoch 3 on it is 0.0002 again, as for a run "
            + "that always had this length\n"))
      let enough = resume(scene, "--epochs", "9", "--steps", "12")
      #expect(enough.code == .success)
      #expect(
        enough.errors
          == "the run has taken 12 steps already; leave out --steps, or raise it, to go further\n")
    }
  }

  /// What stands for a link in a copy of a run.
  enum Copied: CaseIterable {
    /// A kill between the first snapshot and its link leaves the same.
    case nothing
    case folder
    /// An archive may keep a link as the path it leads to.
    case text
    case linkElsewhere
  }

  @Test(arguments: Copied.allCases) func aRunThatLostItsLinksGoesOn(as copied: Copied) throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      let begun = scene.train(
        nil, runs: "runs", "--save-every", "1", "--validate-every", "1", "--validation-a",
        scene.path("trainA"), "--validation-b", scene.path("trainB"))
      #expect(begun.code == .success, "\(begun.errors)")
      let files = FileManager.default
      for link in ["latest", "best"] {
        let link = scene.folder("runs/tiny/\(link)")
        let target = link.resolvingSymlinksInPath()
        try files.removeItem(at: link)
        switch copied {
        case .nothing: break
        case .folder: try files.copyItem(at: target, to: link)
        case .text: try Data("snapshots/\(target.lastPathComponent)".utf8).write(to: link)
        case .linkElsewhere:
          try files.createSymbolicLink(
            at: link, withDestinationURL: root.appendingPathComponent("gone"))
        }
      }
      let inspected = scene.run(["inspect", scene.path("runs/tiny"), "--json"])
      #expect(inspected.output.contains("\"step\" : 3"), "\(inspected.errors)")
      let translated = scene.run([
        "translate", scene.path("runs/tiny"), scene.path("trainA"), "--output",
        scene.path("results"),
      ])
      #expect(translated.code == .success, "\(translated.errors)")
      #expect(scene.train().lastError.contains("holds a run already; go on with it by --resume"))

      let resumed = resume(scene, "--steps", "6")
      #expect(resumed.code == .success, "\(resumed.errors)")
      #expect(resumed.errors.contains("going on after step 3, in epoch 2\n"))
      for link in ["latest", "best"] {
        let target = try files.destinationOfSymbolicLink(atPath: scene.path("runs/tiny/\(link)"))
        #expect(files.fileExists(atPath: scene.path("runs/tiny/\(target)/net_G_A.safetensors")))
      }
      let kept = try files.contentsOfDirectory(atPath: scene.path("runs/tiny/snapshots"))
      #expect(kept.sorted() == ["epoch-0001", "epoch-0002"])
    }
  }

  /// What the message says to do, done.
  @Test(arguments: ["training.json", "net_D_A.safetensors"])
  func aDamagedSnapshotNamesTheOneBeforeIt(_ name: String) throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      _ = scene.train(nil, runs: "runs", "--save-every", "1")
      #expect(resume(scene, "--steps", "5").code == .success)
      let file = scene.folder("runs/tiny/latest/\(name)").resolvingSymlinksInPath()
      try Data().write(to: file)
      let refused = resume(scene, "--steps", "6")
      #expect(refused.code == .failure)
      let damaged = scene.path("runs/tiny/snapshots/step-0000005")
      #expect(
        refused.lastError.hasSuffix("; remove \(damaged) to go on from epoch-0001"),
        "\(refused.lastError)")
      try FileManager.default.removeItem(atPath: damaged)
      let resumed = resume(scene, "--steps", "6")
      #expect(resumed.errors.contains("going on after step 3, in epoch 2\n"))
      #expect(resumed.code == .success)
    }
  }

  /// The number is a stranger's like all of the file.
  @Test(arguments: ["0", "5000000000"]) func aStoredNumberOfThreadsOutOfRangeIsNamed(
    _ count: String
  ) throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      _ = scene.train(nil, runs: "runs", "--steps", "1")
      let file = scene.folder("runs/tiny/config.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      let changed = text.replacing(/"threads" : \d+/, with: "\"threads\" : \(count)")
      #expect(changed != text)
      try Data(changed.utf8).write(to: file)
      let resumed = resume(scene, "--steps", "2")
      #expect(resumed.code == .usage)
      #expect(resumed.lastError.hasPrefix("error: --threads: \(count) is out of range"))
    }
  }

  @Test func hingeTrainsLogsAndGoesOn() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      let begun = scene.train(nil, runs: "runs", "--gan-loss", "hinge")
      #expect(begun.code == .success, "\(begun.errors)")
      let resumed = resume(scene, "--gan-loss", "hinge", "--steps", "6")
      #expect(resumed.code == .success, "\(resumed.errors)")
      let lines = try String(contentsOf: scene.folder("runs/tiny/metrics.jsonl"), encoding: .utf8)
      #expect(lines.split(separator: "\n").count == 6)
    }
  }
}
