import Foundation
import Imaging
import TestSupport
import Testing
import Torch
import Training
import Translation

@testable import Demo

/// Where the demo works, and what it leaves alone; that it learns is measured by running it.
struct DemoTests {
  private func demo(in root: URL) -> Demo {
    // A base without a slash at its end would be replaced rather than added to.
    Demo(
      seed: 0, steps: 1, device: .cpu, workers: 2,
      in: URL(fileURLWithPath: root.path, isDirectory: true))
  }

  /// The item 6 fixes the files.
  @Test func itsFilesLieBelowTheCurrentFolder() throws {
    try withTemporaryFolder { root in
      let demo = demo(in: root)
      #expect(demo.dataset.testA.path == root.path + "/datasets/demo/testA")
      #expect(demo.dataset.trainB.path == root.path + "/datasets/demo/trainB")
      #expect(demo.run.url.path == root.path + "/checkpoints/demo")
      #expect(demo.translated(.aToB).path == root.path + "/checkpoints/demo/translated/a-to-b")
      #expect(demo.translated(.bToA).path == root.path + "/checkpoints/demo/translated/b-to-a")
      #expect(demo.sheet.path == root.path + "/checkpoints/demo/sheet.png")
    }
  }

  /// Somebody's own run of the name is worth more than a demo.
  @Test func aRunOnOtherImagesIsNotReplaced() throws {
    try withTemporaryFolder { root in
      let demo = demo(in: root)
      try FileManager.default.createDirectory(
        at: demo.run.url, withIntermediateDirectories: true)
      var other = CycleGANConfiguration()
      other.data.folderA = "/somewhere/else"
      try writeJSON(other, to: demo.run.configuration)
      let before = try Data(contentsOf: demo.run.configuration)
      let error = #expect(throws: DemoError.self) { try demo.drawImages() }
      #expect(
        error?.description
          == "checkpoints/demo: this folder holds a run on other images; move it away first")
      #expect(filesBelow(root) == ["checkpoints/demo/config.json"])
      #expect(try Data(contentsOf: demo.run.configuration) == before)
    }
  }
}
