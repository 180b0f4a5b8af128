import Foundation
import TestSupport
import Testing

@testable import Commands

/// `evaluate`, as its users call it.
@Suite struct EndToEndEvaluateTests {
  private struct Report: Decodable {
    struct Part: Decodable {
      struct Side: Decodable {
        let images: Int
      }
      struct Measure: Decodable {
        let value, error: Double?
      }
      let translated, real: Side
      let measures: [String: Measure]
      let notes: [String]
    }
    let comparisons: [String: Part]
  }

  private func report(_ outcome: EndToEndScene.Outcome) throws -> Report {
    #expect(outcome.code == .success, "\(outcome.errors)")
    return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
  }

  /// What a run makes in memory is what it writes: both ways of calling have the same numbers.
  @Test func aRunIsItsTranslations() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      #expect(scene.train().code == .success)
      let same = ["--json", "--no-cache", "--batch-size", "1"]
      let run = try report(
        scene.run(
          ["evaluate", scene.path("runs/tiny"), "--a", scene.path("trainA")]
            + ["--b", scene.path("trainB"), "--precision", "fp32"] + same))
      #expect(run.comparisons.keys.sorted() == ["a_to_b", "b_to_a"])
      for (key, source, target, direction) in [
        ("a_to_b", "trainA", "trainB", "a-to-b"), ("b_to_a", "trainB", "trainA", "b-to-a"),
      ] {
        let results = scene.path("results-\(direction)")
        let translated = scene.run(
          ["translate", scene.path("runs/tiny"), scene.path(source), "--output", results]
            + ["--direction", direction, "--precision", "fp32", "--batch-size", "1"])
        #expect(translated.code == .success)
        let files = try report(scene.run(["evaluate", results, scene.path(target)] + same))
        let (inMemory, onDisk) = (run.comparisons[key], files.comparisons["translated"])
        for measure in ["patch_kid", "swd", "diversity", "psnr", "ssim"] {
          let values = [inMemory, onDisk].map { $0?.measures[measure]?.value ?? .nan }
          expectClose(values[0], values[1], tolerance: 1e-6)
        }
        for measure in ["cycle_error", "identity_change", "edges", "diversity_of_inputs"] {
          let value = inMemory?.measures[measure]?.value ?? .nan
          #expect((-1...1.5).contains(value), "\(measure) \(value)")
          #expect(onDisk?.measures[measure] == nil)
        }
        #expect(inMemory?.notes.first?.contains("the numbers mean nothing") ?? false)
      }
    }
  }

  /// One generator goes one way, and has no cycle.
  @Test func oneGenerator() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      #expect(scene.train().code == .success)
      let weights = scene.path("runs/tiny/latest/net_G_A.safetensors")
      let found = try report(
        scene.run(
          ["evaluate", weights, "--a", scene.path("trainA"), "--b", scene.path("trainB")]
            + ["--json", "--no-cache"]))
      #expect(Array(found.comparisons.keys) == ["a_to_b"])
      let measures = found.comparisons["a_to_b"]?.measures ?? [:]
      #expect(measures["edges"] != nil && measures["cycle_error"] == nil)
    }
  }

  @Test func theTable() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      let outcome = scene.run(
        ["evaluate", scene.path("trainA"), scene.path("trainA"), "--no-cache", "--quiet"]
          + ["--features", fixture("Evaluation/features.pt").path])
      #expect(outcome.code == .success && outcome.errors == "")
      let lines = outcome.outputLines
      let folder = scene.path("trainA")
      #expect(lines.first == "translated: 3 images of \(folder) against 3 images of \(folder)")
      #expect(lines.contains { $0.hasPrefix("  Fréchet distance") })
      #expect(lines.contains { $0.hasPrefix("  KID, x 1000") })
      #expect(lines.contains { $0.contains(" needs more than 5 images on each side") })
      #expect(lines.contains { $0.hasPrefix("note: fewer than 10 images on a side (3)") })
    }
  }

  @Test(arguments: [
    (
      ["x"],
      "one model needs --a and --b, the folders of both domains; without a model there are two folders"
    ),
    (["x", "y", "--a", "z"], "--a: this has no effect on two folders"),
    (
      ["x", "y", "--features-input", "unit"],
      "--features-input: this has no effect without --features"
    ),
  ])
  func wrongUsage(_ arguments: [String], _ words: String) {
    let recording = Recording()
    let code = CommandLineTool.cyclegan.run(["evaluate"] + arguments, recording.context)
    #expect(code == .usage)
    #expect(recording.standardError.hasSuffix("error: \(words)\n"))
  }

  @Test func whatIsNotThere() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      let run = scene.folder("run")
      try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
      try Data("{}".utf8).write(to: run.appendingPathComponent("config.json"))
      let aRun = scene.run(["evaluate", run.path, scene.path("trainA")])
      #expect(aRun.code == .usage)
      let words = "is a run, not a folder of images: evaluate \(run.path) --a <folder> --b <folder>"
      #expect(aRun.lastError == "error: \(run.path) \(words)")
      let missing = scene.run(["evaluate", scene.path("trainA"), scene.path("nowhere")])
      #expect(missing.code == .failure)
      #expect(missing.lastError == "error: \(scene.path("nowhere")): there is no such folder")
      let noNetwork = scene.run(
        ["evaluate", scene.path("trainA"), scene.path("trainB"), "--features", scene.path("n.pt")])
      #expect(noNetwork.code == .failure)
      #expect(
        noNetwork.lastError.hasPrefix("error: \(scene.path("n.pt")): No such file or directory"))
    }
  }
}
