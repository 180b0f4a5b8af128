import Files
import Foundation
import Imaging
import TestSupport
import Testing
import Torch

@testable import Translation

/// One image that cannot be translated or written does not keep the others from it.
struct TranslationFailureTests {
  @Test(arguments: [1, 3]) func brokenImagesAreReportedAndTheRestWritten(batchSize: Int) throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      scene.settings.batchSize = batchSize
      try scene.write(makeImage(0), "a.png")
      let truncated = try scene.write(makeImage(1), "b.png")
      try Data(contentsOf: truncated).prefix(60).write(to: truncated)
      try Data("no image".utf8).write(to: scene.inputs.appendingPathComponent("c.jpg"))
      try Data().write(to: scene.inputs.appendingPathComponent("d.jpg"))
      try scene.write(makeImage(2), "e.png")
      #expect(
        try scene.translate().sorted() == [
          "b.png: PNG ends in the middle of the image data",
          "c.jpg: is neither a JPEG, a PNG, a TIFF nor a WebP", "d.jpg: the file is empty",
        ])
      #expect(filesBelow(scene.outputs) == ["a.png", "e.png"])
    }
  }

  /// Where a folder has the result's name, and where a file has its folder's.
  @Test func resultsThatCannotBeWrittenAreReported() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      for name in ["a.png", "b/b.png", "c.png"] { try scene.write(makeImage(0), name) }
      let folder = scene.outputs.appendingPathComponent("a.png")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data("in the way".utf8).write(to: scene.outputs.appendingPathComponent("b"))
      let failures = try scene.translate().sorted()
      #expect(failures.count == 2)
      #expect(
        failures.first
          == "a.png: \(folder.path): cannot be written (Is a directory)")
      #expect(
        failures.last
          == "b/b.png: \(scene.outputs.appendingPathComponent("b").path): File exists")
      // No temporary file stays either.
      #expect(filesBelow(scene.outputs) == ["b", "c.png"])
    }
  }

  /// The sums of such large weights are infinite, and their norms not numbers. Weights that are no numbers themselves
  /// are refused.
  @Test func anOutputThatIsNotANumberIsNotWritten() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      func write(_ weight: Double) throws {
        let broken = scene.generator.stateDict.map { name, tensor in
          (name, name == "model.1.weight" ? tensor.filled(with: weight) : tensor)
        }
        try SafeTensors(broken).write(to: scene.weights)
      }
      try scene.write(makeImage(0), "a.png")
      try write(-.infinity)
      let error = #expect(throws: FileError.self) { try scene.translate() }
      #expect(
        error?.description
          == "\(scene.weights.path): its tensor 'model.1.weight' holds numbers that are not finite")
      try write(3e38)
      #expect(try scene.translate() == ["a.png: the network's output is not a number"])
      #expect(filesBelow(scene.outputs) == [])
    }
  }

  /// 2x4000 pixels with a shorter side of 30,000 would have 60,000,000 columns.
  @Test func enlargingBeyondAnyImageIsRefused() throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      scene.settings.size = 30_000
      try scene.write(makeImage(0, height: 2, width: 4000, channels: 1), "a.png")
      #expect(
        try scene.translate() == [
          "a.png: a shorter side of 30000 pixels would make it 60000000x30000"
        ])
    }
  }

  @Test func stoppingLeavesTheRestAlone() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      for name in ["a.png", "b.png", "c.png"] { try scene.write(makeImage(0), name) }
      let jobs = try TranslationPlan([scene.inputs], output: scene.outputs, format: .same).jobs
      let model = try TranslationModel(at: scene.weights, direction: .aToB)
      var questions = 0
      Translator(model, settings: scene.settings).translate(
        jobs,
        shouldStop: {
          questions += 1
          return questions > 1
        }, report: { _ in })
      #expect(filesBelow(scene.outputs) == ["a.png"])
    }
  }
}
