import Foundation
import Imaging
import TestSupport
import Testing

@testable import Commands

/// What `train` says about folders, runs and weights that it cannot use, and that it writes nothing then.
@Suite struct EndToEndTrainFailureTests {
  private func withScene(_ body: (EndToEndScene) throws -> Void) throws {
    try withTemporaryFolder { try body(EndToEndScene(in: $0)) }
  }

  private func expectNothingWritten(_ scene: EndToEndScene) {
    #expect(!FileManager.default.fileExists(atPath: scene.path("runs")))
  }

  @Test func aRunIsNotBegunTwice() throws {
    try withScene { scene in
      #expect(scene.train().code == .success)
      let configuration = scene.folder("runs/tiny/config.json")
      let before = try Data(contentsOf: configuration)
      let again = scene.train()
      #expect(again.code == .usage)
      #expect(again.output == "")
      #expect(
        again.errors
          == "error: --name: \(scene.path("runs/tiny")) holds a run already; go on with it by "
          + "--resume, or choose another name\n")
      #expect(try Data(contentsOf: configuration) == before)
    }
  }

  @Test func thereMustBeARunToResume() throws {
    try withScene { scene in
      let resumed = scene.run([
        "train", "--resume", "--name", "none", "--checkpoints-dir", scene.path("runs"),
      ])
      #expect(resumed.code == .failure)
      #expect(
        resumed.errors
          == "error: \(scene.path("runs/none")): there is no such run; there are no runs in \(scene.path("runs"))\n"
      )
      expectNothingWritten(scene)
    }
  }

  @Test func whatARunIsCannotBeChanged() throws {
    try withScene { scene in
      #expect(scene.train().code == .success)
      let resumed = scene.run([
        "train", "--resume", "--name", "tiny", "--checkpoints-dir", scene.path("runs"),
        "--generator-filters", "4",
      ])
      #expect(resumed.code == .usage)
      #expect(
        resumed.lastError
          == "error: --generator-filters: 4 is not the run's 2, which --resume cannot change; start another "
          + "run, under another --name")
    }
  }

  @Test func anEmptyFolder() throws {
    try withScene { scene in
      try FileManager.default.createDirectory(
        at: scene.folder("empty"), withIntermediateDirectories: true)
      let failed = scene.train([scene.path("trainA"), scene.path("empty")])
      #expect(failed.code == .failure)
      #expect(
        failed.lastError
          == "error: \(scene.path("empty")): the folder holds no jpg, jpeg, png, tif, tiff or webp files"
      )
      expectNothingWritten(scene)
    }
  }

  @Test func aMissingFolder() throws {
    try withScene { scene in
      let failed = scene.train([scene.path("missing"), scene.path("trainB")])
      #expect(failed.code == .failure)
      #expect(failed.lastError == "error: \(scene.path("missing")): there is no such folder")
      // One folder stands for the two that should be in it.
      let root = scene.train([scene.path("trainA")])
      #expect(root.code == .usage)
      #expect(
        root.lastError
          == "error: \(scene.path("trainA")): there is no trainA and no trainB in it, and a second folder is missing"
      )
      expectNothingWritten(scene)
    }
  }

  @Test func aFolderOfBrokenImages() throws {
    try withScene { scene in
      let broken = scene.folder("broken")
      try FileManager.default.createDirectory(at: broken, withIntermediateDirectories: true)
      try Data("no image".utf8).write(to: broken.appendingPathComponent("a.png"))
      try Data().write(to: broken.appendingPathComponent("b.jpg"))
      let failed = scene.train([broken.path, scene.path("trainB")])
      #expect(failed.code == .failure)
      #expect(
        failed.errors == """
          warning: \(broken.path)/a.png: is neither a JPEG, a PNG, a TIFF nor a WebP; left out
          warning: \(broken.path)/b.jpg: the file is empty; left out
          \(broken.path): 0 images, 2 left out
          error: \(broken.path): none of its 2 images can be used

          """)
      expectNothingWritten(scene)
    }
  }

  /// A file has the name that the folder of runs should have; even root cannot write below it.
  @Test func runsThatCannotBeWritten() throws {
    try withScene { scene in
      try Data("in the way".utf8).write(to: scene.folder("file"))
      let failed = scene.train(runs: "file")
      #expect(failed.code == .failure)
      #expect(failed.lastError == "error: \(scene.path("file/tiny")): Not a directory")
      #expect(try Data(contentsOf: scene.folder("file")) == Data("in the way".utf8))
    }
  }

  /// Weights of four filters where the options say two.
  @Test func weightsThatDoNotFit() throws {
    try withScene { scene in
      #expect(scene.train(runs: "others").code == .success)
      let weights = scene.path("others/tiny/latest")
      let failed = scene.train(nil, runs: "runs", "--init-from", weights, "--norm", "batch")
      #expect(failed.code == .failure)
      // Batch norm has no bias before it, but five tensors after each of seven convolutions.
      #expect(
        failed.lastError.hasPrefix(
          "error: \(weights)/net_G_A.safetensors does not fit this model (42 differences): missing "
        ))
      #expect(failed.errors.contains("  missing     model.2.running_mean\n"))
      #expect(failed.errors.contains("  unexpected  model.1.bias\n"))
      expectNothingWritten(scene)
      let none = scene.train(nil, runs: "runs", "--init-from", scene.path("trainA"))
      #expect(none.code == .failure)
      #expect(
        none.lastError
          == "error: \(scene.path("trainA")): it holds none of net_G_A, net_G_B, net_G_A_ema, "
          + "net_G_B_ema, net_D_A, net_D_B (.safetensors, .pth)")
    }
  }

  @Test func weightsThatFitAreTaken() throws {
    try withScene { scene in
      #expect(scene.train(runs: "others").code == .success)
      let more = scene.train(nil, runs: "runs", "--init-from", scene.path("others/tiny/latest"))
      #expect(more.code == .success, "\(more.errors)")
      #expect(more.output == scene.path("runs/tiny/latest") + "\n")
    }
  }
}
