import Foundation
import Imaging
import TestSupport
import Testing

@testable import Commands

/// Mistakes that people make, and what tells them the next step.
@Suite struct EndToEndHintTests {
  private func withRun(_ body: (EndToEndScene) throws -> Void) throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      #expect(scene.train().code == .success)
      try body(scene)
    }
  }

  @Test func translationsOfOneImageAreFiles() throws {
    try withRun { scene in
      let image = scene.path("trainA/00.png")
      let model = scene.path("runs/tiny")
      let result = scene.path("deep/result.jpg")
      let named = scene.run(["translate", model, image, "--output", result])
      #expect(named.code == .success, "\(named.errors)")
      #expect(named.output == result + "\n")
      #expect(try ImageFile.read(from: URL(fileURLWithPath: result)).format == .jpeg)
      // A folder that is there stays one.
      try FileManager.default.createDirectory(
        at: scene.folder("folder.png"), withIntermediateDirectories: true)
      let inside = scene.run(["translate", model, image, "--output", scene.path("folder.png")])
      #expect(inside.output == scene.path("folder.png/00.png") + "\n")
      let several = scene.run(
        ["translate", model, scene.path("trainA"), "--output", scene.path("x.png")])
      #expect(several.code == .usage)
      #expect(
        several.lastError.hasSuffix(
          "x.png is the name of a file, for several results; name a folder"))
      let other = scene.run(
        ["translate", model, image, "--output", scene.path("y.png"), "--format", "jpeg"])
      #expect(other.code == .usage)
    }
  }

  @Test func modelsAndInputsMayNotChangePlaces() throws {
    try withRun { scene in
      let swapped = scene.run(
        [
          "translate", scene.path("trainA"), scene.path("runs/tiny"), "--output", scene.path("out"),
        ])
      #expect(swapped.code == .usage)
      #expect(swapped.lastError.hasSuffix("the model comes first"))
    }
  }

  @Test func aFileGoesOneWay() throws {
    try withRun { scene in
      let file = scene.path("runs/tiny/latest/net_G_B.safetensors")
      let image = scene.path("trainB/00.png")
      let arguments = ["translate", file, image, "--output", scene.path("out")]
      let wrong = scene.run(arguments + ["--direction", "AtoB"])
      #expect(wrong.code == .usage)
      #expect(wrong.lastError.contains("translates b-to-a and no other way"))
      #expect(scene.run(arguments + ["--direction", "B2A"]).code == .success)
    }
  }

  @Test func theRunsThatThereAreAreNamed() throws {
    try withRun { scene in
      func resume(_ name: String) -> String {
        scene.run(["train", "--resume", "--name", name, "--checkpoints-dir", scene.path("runs")])
          .lastError
      }
      #expect(resume("tinny").hasSuffix("there is no such run; did you mean --name tiny?"))
      #expect(
        resume("other").hasSuffix(
          "there is no such run; the runs in \(scene.path("runs")) are tiny"))
    }
  }

  @Test func foldersThatAreNoTwoDomainsAreRefused() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      let (a, root) = (scene.path("trainA"), scene.path("."))
      for (folders, words) in [
        ([a], "there is no trainA and no trainB in it, and a second folder is missing"),
        ([a, a], "A and B are one folder; a translation needs two domains"),
        ([a, a + "/"], "A and B are one folder; a translation needs two domains"),
        ([a, root], "this folder is inside \(root), whose images it would share"),
      ] {
        let outcome = scene.train(folders)
        #expect(outcome.code == .usage)
        #expect(outcome.lastError.hasPrefix("error: \(a)"))
        #expect(outcome.lastError.hasSuffix(": \(words)"))
      }
    }
  }

  @Test(arguments: [
    (
      ["train", "a", "b", "--lr", "0,0002"],
      "--lr: '0,0002' is not a finite number; did you mean 0.0002?"
    ),
    (
      ["generate", "x"],
      "unknown command 'generate'; there is 'cyclegan dcgan generate', 'cyclegan gan generate' and "
        + "'cyclegan autoencoder generate'"
    ),
    (
      ["train", "a", "b", "--validation-a", "c"],
      "--validation-b: both domains need images for validation"
    ),
  ])
  func slipsAreToldApart(_ arguments: [String], _ words: String) {
    let recording = Recording()
    #expect(CommandLineTool.cyclegan.run(arguments, recording.context) != .success)
    let last = recording.standardError.split(separator: "\n").last.map(String.init)
    #expect(last == "error: \(words)")
  }

  @Test func runsAreListed() throws {
    try withRun { scene in
      let listed = scene.run(["inspect", scene.path("runs")])
      #expect(listed.code == .success)
      let line = try #require(listed.outputLines.first)
      #expect(
        line.hasPrefix(
          "\(scene.path("runs/tiny"))  train  trainA (3) and trainB (2)  1 of 200 epochs  20"))
      // What is no run hides none.
      let other = scene.folder("runs/other")
      try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
      let file = other.appendingPathComponent("config.json")
      try Data(#"{"model_type": "other"}"#.utf8).write(to: file)
      let both = scene.run(["inspect", scene.path("runs")])
      #expect(both.code == .success)
      #expect(both.output == listed.output)
      #expect(both.errors == "warning: \(file.path): this is not the configuration of a run\n")
      try FileManager.default.removeItem(at: other)
      let run = scene.run(["inspect", scene.path("runs/tiny")])
      #expect(run.output.contains("Adversarial loss: lsgan\n"))
      #expect(run.output.contains("trainA (3) and trainB (2), from \(scene.path("trainA")) and "))
    }
  }
}
