import Foundation
import Imaging
import TestSupport
import Testing
import Torch

@testable import Commands

/// Presets, skips and averages through the command line.
@Suite struct EndToEndAverageTests {
  private func configuration(_ scene: EndToEndScene) throws -> [String: Any] {
    let data = try Data(contentsOf: scene.folder("runs/tiny/config.json"))
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func skips(_ scene: EndToEndScene) throws -> String? {
    (try configuration(scene)["networks"] as? [String: Any])?["skips"] as? String
  }

  @Test func presetsAreDefaults() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      #expect(scene.train(runs: "runs", "--preset", "reference").code == .success)
      #expect(try skips(scene) == "none")
      #expect(try configuration(scene)["averageWindow"] as? Double == 0)
      let files = filesBelow(scene.folder("runs/tiny/snapshots"))
      #expect(files.filter { $0.contains("_ema") } == [])
    }
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      // Wherever it stands, what is asked for counts.
      let trained = scene.train(
        runs: "runs", "--skips", "features", "--ema-window", "0.125", "--preset", "reference")
      #expect(trained.code == .success, "\(trained.errors)")
      #expect(try skips(scene) == "features")
      #expect(try configuration(scene)["averageWindow"] as? Double == 0.125)
    }
  }

  /// The average and the last weights make different images, and export writes either.
  @Test func theAverageIsTakenUnlessItIsNotWanted() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      let trained = scene.train(
        runs: "runs", "--skips", "features", "--ema-window", "0.9", "--lr", "0.1")
      #expect(trained.code == .success, "\(trained.errors)")
      try writeImages(1, to: scene.folder("photos"), height: 12, width: 16)
      func result(_ more: String...) throws -> Image {
        let outcome = scene.run(
          [
            "translate", scene.path("runs/tiny"), scene.path("photos"), "--output",
            scene.path("results"), "--overwrite", "--precision", "fp32",
          ] + more)
        #expect(outcome.code == .success, "\(outcome.errors)")
        return try ImageFile.read(from: scene.folder("results/00.png")).image
      }
      let (average, last) = (try result(), try result("--no-ema"))
      #expect(average != last)
      func exported(_ format: String, _ more: String...) throws -> (URL, EndToEndScene.Outcome) {
        let file = scene.folder("exported.\(format)\(more.count)")
        let outcome = scene.run(
          ["export", scene.path("runs/tiny"), "--format", format, "--output", file.path] + more)
        #expect(outcome.code == .success, "\(outcome.errors)")
        return (file, outcome)
      }
      for (more, name) in [([String](), "net_G_A_ema"), (["--no-ema"], "net_G_A")] {
        let (file, _) =
          more.isEmpty
          ? try exported("safetensors") : try exported("safetensors", "--no-ema")
        let written = try SafeTensors.read(from: file)
        let own = try SafeTensors.read(
          from: scene.folder("runs/tiny/latest/\(name).safetensors")
        ).byName
        #expect(written.metadata["skips"] == "features")
        for (key, tensor) in written.tensors { #expect(tensor.bytes == own[key]?.bytes) }
      }
      let warning = "a .pth file has no place to say that the network was trained with --skips"
      #expect(try exported("pth").1.errors.contains(warning))
      #expect(try !exported("torchscript").1.errors.contains(warning))
    }
  }

  /// Weights bring their skips into a run that asks for none itself, which is told.
  @Test func whatWeightsBringIsTold() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      #expect(
        scene.train(runs: "runs", "--skips", "features", "--upsampling", "smoothed").code
          == .success)
      let from = ["--init-from", scene.path("runs/tiny")]
      let words =
        "the generators have --skips features and --upsampling smoothed, as the weights that they begin with\n"
      let other = scene.train(runs: "others", "--preset", "reference", from[0], from[1])
      #expect(other.code == .success, "\(other.errors)")
      #expect(other.errors.contains(words))
      // That is what new runs have.
      let same = scene.train(runs: "more", from[0], from[1])
      #expect(same.code == .success, "\(same.errors)")
      #expect(!same.errors.contains(words))
    }
  }

  @Test func aRunKeepsItsSkipsAndWhetherItAverages() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      #expect(
        scene.train(runs: "runs", "--skips", "features", "--ema-window", "0.5").code == .success)
      func resume(_ more: String...) -> EndToEndScene.Outcome {
        scene.run(
          ["train", "--resume", "--name", "tiny", "--checkpoints-dir", scene.path("runs")] + more)
      }
      for (option, value, kept) in [("skips", "none", "features"), ("ema-window", "0", "0.5")] {
        let refused = resume("--\(option)", value)
        #expect(refused.code == .usage)
        #expect(
          refused.lastError.hasPrefix(
            "error: --\(option): \(value) is not the run's \(kept), which --resume cannot change"))
      }
      let changed = resume("--ema-window", "0.25", "--steps", "4")
      #expect(changed.code == .success, "\(changed.errors)")
      #expect(changed.errors.contains("--ema-window: 0.25 from step 4 on, 0.5 before"))
    }
  }
}
