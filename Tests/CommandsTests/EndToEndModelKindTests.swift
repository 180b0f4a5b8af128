import Foundation
import TestSupport
import Testing

@testable import Commands

/// Models given to commands that take others: a line says what the model is, and which command takes it.
@Suite struct EndToEndModelKindTests {
  private static let words = [
    "cyclegan": ("a CycleGAN", "translate"), "dcgan": ("a DCGAN", "dcgan generate"),
    "gan": ("a fully connected GAN", "gan generate"),
    "autoencoder": ("an autoencoder", "autoencoder reconstruct"),
  ]

  /// A run of each kind in `runs`, under its name.
  private func withRuns(_ body: (EndToEndScene) throws -> Void) throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      let runs = ["--checkpoints-dir", scene.path("runs")]
      let short = ["--batch-size", "2", "--steps", "1", "--size"]
      let data = scene.path("trainA")
      let trainings = [
        ["dcgan", "train", data, "--name", "dcgan", "--filters", "2"] + short + ["28"],
        ["gan", "train", data, "--name", "gan", "--hidden", "4"] + short + ["8"],
        ["autoencoder", "train", data, "--name", "autoencoder", "--hidden", "4"] + short + ["8"],
      ]
      #expect(scene.train(nil, runs: "runs", "--name", "cyclegan").code == .success)
      for arguments in trainings {
        let outcome = scene.run(arguments + runs)
        #expect(outcome.code == .success, "\(outcome.errors)")
      }
      try body(scene)
    }
  }

  @Test func otherModelsAreNamed() throws {
    try withRuns { scene in
      let (images, out) = (scene.path("trainA"), scene.path("out.png"))
      // What stands behind the model.
      let commands: [(name: String, rest: [String], takes: String, own: Set<String>)] = [
        ("translate", [images, "--output", scene.path("out")], "a CycleGAN", ["cyclegan"]),
        ("evaluate", ["--a", images, "--b", images], "a CycleGAN", ["cyclegan"]),
        (
          "export", ["--format", "pth", "--output", out],
          "a CycleGAN, a DCGAN or a fully connected GAN", ["cyclegan", "dcgan", "gan"]
        ),
        (
          "dcgan generate", ["--sheet", out], "a DCGAN or a fully connected GAN", ["dcgan", "gan"]
        ),
        ("gan generate", ["--sheet", out], "a DCGAN or a fully connected GAN", ["dcgan", "gan"]),
        ("dcgan classify", [images], "a DCGAN or a fully connected GAN", ["dcgan", "gan"]),
        ("autoencoder generate", ["--sheet", out], "an autoencoder", ["autoencoder"]),
        (
          "autoencoder reconstruct", [images, "--sheet", out], "an autoencoder", ["autoencoder"]
        ),
        ("autoencoder encode", [images], "an autoencoder", ["autoencoder"]),
        ("autoencoder evaluate", [images], "an autoencoder", ["autoencoder"]),
      ]
      let files = [
        "cyclegan": "net_G_A", "dcgan": "net_G", "gan": "net_D", "autoencoder": "net_AE",
      ]
      for command in commands {
        for (kind, words) in Self.words where !command.own.contains(kind) {
          let run = "runs/\(kind)"
          // The run, its snapshot and a weights file, under a name that tells nothing.
          let file = scene.folder("weights")
          try? FileManager.default.removeItem(at: file)
          try FileManager.default.copyItem(
            at: scene.folder("\(run)/latest/\(files[kind] ?? "").safetensors"), to: file)
          for path in [run, "\(run)/latest", "weights"] {
            let outcome = scene.run(
              command.name.split(separator: " ").map(String.init) + [scene.path(path)]
                + command.rest)
            #expect(outcome.code == .failure)
            #expect(
              outcome.lastError
                == "error: \(scene.path(path)): it is \(words.0), which '\(words.1)' takes; "
                + "'\(command.name)' takes \(command.takes)")
            for made in [out, scene.path("out")] {
              #expect(!FileManager.default.fileExists(atPath: made))
            }
          }
        }
      }
    }
  }
}
