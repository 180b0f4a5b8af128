import Foundation
import Imaging
import TestSupport
import Testing

@testable import Commands

/// The main job through the command line: train, go on, look, translate, measure.
@Suite struct EndToEndTests {
  @Test func trainResumeInspectTranslate() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      let latest = scene.path("runs/tiny/latest") + "\n"
      let trained = scene.train()
      #expect(trained.code == .success, "\(trained.errors)")
      #expect(trained.output == latest)
      #expect(trained.errors.contains("\(scene.path("trainA")): 3 images\n"))
      #expect(trained.errors.contains("\(scene.path("trainB")): 2 images\n"))
      #expect(try steps(scene) == [1, 2, 3])

      let resumed = scene.run([
        "train", "--name", "tiny", "--checkpoints-dir", scene.path("runs"), "--resume", "--steps",
        "6", "--log-every", "1",
      ])
      #expect(resumed.code == .success, "\(resumed.errors)")
      #expect(resumed.output == latest)
      #expect(resumed.errors.contains("going on after step 3, in epoch 2\n"))
      #expect(try steps(scene) == [1, 2, 3, 4, 5, 6])

      try expectInspection(scene)
      try expectTranslation(scene)
    }
  }

  private func steps(_ scene: EndToEndScene) throws -> [Int] {
    let text = try String(contentsOf: scene.folder("runs/tiny/metrics.jsonl"), encoding: .utf8)
    return try text.split(separator: "\n").compactMap {
      let line = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      return line?["step"] as? Int
    }
  }

  private func expectInspection(_ scene: EndToEndScene) throws {
    let inspected = scene.run(["inspect", scene.path("runs/tiny"), "--json"])
    #expect(inspected.code == .success)
    #expect(inspected.errors == "")
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(inspected.output.utf8)) as? [String: Any])
    #expect(json.keys.sorted() == ["domains", "epoch", "networks", "step", "threads"])
    #expect(json["step"] as? Int == 6)
    let networks = try #require(json["networks"] as? [[String: Any]])
    #expect(
      networks.map { $0["file"] as? String } == [
        "net_G_A.safetensors", "net_G_B.safetensors", "net_G_A_ema.safetensors",
        "net_G_B_ema.safetensors", "net_D_A.safetensors", "net_D_B.safetensors",
      ])
    let discriminator = ["description", "file", "parameters", "tensors"]
    let generator =
      ["convolutions", "generator", "input", "output", "sizeMultiple"] + discriminator
    #expect(
      networks.map { $0.keys.sorted() }
        == Array(repeating: generator.sorted(), count: 4)
        + Array(repeating: discriminator, count: 2))
    let text = scene.run(["inspect", scene.path("runs/tiny/latest")])
    #expect(text.code == .success)
    #expect(text.outputLines.first == "trained for 6 steps, now in epoch 3")
  }

  private func expectTranslation(_ scene: EndToEndScene) throws {
    try writeImages(2, to: scene.folder("photos/deep"), height: 13, width: 9)
    let outputs = ["deep/00.png", "deep/01.png"]
    for direction in ["a-to-b", "b-to-a"] {
      let results = scene.folder("results/\(direction)")
      let translated = scene.run([
        "translate", scene.path("runs/tiny"), scene.path("photos"), "--output", results.path,
        "--direction", direction,
      ])
      #expect(translated.code == .success, "\(translated.errors)")
      #expect(
        translated.outputLines.sorted() == outputs.map { results.path + "/" + $0 })
      for name in outputs {
        let image = try ImageFile.read(from: results.appendingPathComponent(name)).image
        #expect(image.height == 13 && image.width == 9)
      }
    }
  }

  @Test func benchPrintsItsKeys() throws {
    let recording = Recording()
    let code = CommandLineTool.cyclegan.run(
      "bench --generator resnet6 --crop-size 24 --steps 1 --precision fp32"
        .split(separator: " ").map(String.init), recording.context)
    #expect(code == .success)
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(recording.standardOutput.utf8))
        as? [String: Any])
    #expect(
      json.keys.sorted() == [
        "batch_size", "convolutions", "cpu_capability", "crop_size", "device",
        "forward_gflops_per_second",
        "forward_seconds", "generator", "libtorch_version", "peak_memory_bytes", "precision",
        "step_gflops_per_second", "step_seconds", "steps", "threads",
      ])
    #expect(json["precision"] as? String == "fp32")
    #expect(json["generator"] as? String == "resnet6")
    let step = try #require(json["step_seconds"] as? Double)
    let forward = try #require(json["forward_seconds"] as? Double)
    // A step has six forward passes of a generator and more.
    #expect(forward > 0 && step > forward)
  }
}
