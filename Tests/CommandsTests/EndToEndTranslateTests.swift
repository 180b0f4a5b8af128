import Foundation
import Imaging
import Models
import Synchronization
import TestSupport
import Testing
import Torch
import Training

@testable import Commands

/// What `translate` and `inspect` refuse, report and leave alone.
@Suite struct EndToEndTranslateTests {
  /// A scene with a run's folder that holds only a generator, and three photographs.
  private func withScene(_ body: (EndToEndScene) throws -> Void) throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      let snapshot = scene.folder("runs/tiny/latest")
      try FileManager.default.createDirectory(at: snapshot, withIntermediateDirectories: true)
      var configuration = GeneratorConfiguration()
      configuration.architecture = .resNet(blocks: 1)
      configuration.baseChannels = 2
      let generator = configuration.makeGenerator()
      generator.initialize(.xavier(gain: 1), seed: 1)
      try SafeTensors(generator.stateDict)
        .write(to: snapshot.appendingPathComponent("net_G_A.safetensors"))
      try writeImages(3, to: scene.folder("photos"), height: 9, width: 10)
      try body(scene)
    }
  }

  private func names(_ scene: EndToEndScene) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: scene.path("results")).sorted()
  }

  @Test func aGalleryShowsWhatWasTranslated() throws {
    try withScene { scene in
      let gallery = scene.folder("pages/gallery.html")
      let outcome = scene.translate("--gallery", gallery.path)
      #expect(outcome.code == .success)
      #expect(outcome.outputLines.count == 4 && outcome.outputLines.last == gallery.path)
      let page = try String(contentsOf: gallery, encoding: .utf8)
      #expect(page.contains(#""file":"../results/02.png""#))
      // Nothing is translated for a page that cannot be written.
      let again = scene.translate("--overwrite", "--gallery", scene.path("photos"))
      #expect(again.code == .failure && again.output == "")
      #expect(
        again.lastError
          == "error: \(scene.path("photos")): this is a folder; --gallery takes a file's name")
      let image = scene.translate("--overwrite", "--gallery", scene.path("photos/00.png"))
      #expect(
        image.lastError
          == "error: \(scene.path("photos/00.png")): this is an image or its result; choose another file"
      )
      #expect(scene.translate("--skip-existing", "--gallery", gallery.path).code == .success)
    }
  }

  /// A discriminator whose every score is its last bias: of least squares 0.25 is a quarter of the way from made to
  /// real, level 64 of 255; and 2 is as real as 1.
  @Test(arguments: [("a-to-b", "D_A", 0.25, UInt8(64)), ("b-to-a", "D_B", 2, 255)])
  func confidenceIsTheTargetsDiscriminators(
    _ direction: String, _ network: String, _ bias: Double, _ level: UInt8
  ) throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      #expect(scene.train().code == .success)
      let file = scene.folder("runs/tiny/latest/net_\(network).safetensors")
      var weights = try SafeTensors.read(from: file)
      weights.tensors = weights.tensors.map { name, tensor in
        (name, tensor.filled(with: name == "model.5.bias" ? bias : 0))
      }
      try weights.write(to: file)
      try writeImages(2, to: scene.folder("photos/in"), height: 9, width: 10)
      let maps = scene.folder("maps")
      let outcome = scene.translate("--direction", direction, "--confidence", maps.path)
      #expect(outcome.code == .success, "\(outcome.errors)")
      #expect(
        outcome.outputLines.suffix(2) == [maps.path + "/in/00.png", maps.path + "/in/01.png"])
      let map = try ImageFile.read(from: maps.appendingPathComponent("in/01.png")).image
      let expected = Image(
        height: 9, width: 10, channels: 1, pixels: .init(repeating: level, count: 90))
      #expect(map == expected)

      let again = scene.translate(
        "--direction", direction, "--overwrite", "--confidence", scene.path("results"))
      let taken = scene.path("results/in/00.png")
      #expect(
        again.lastError
          == "error: \(taken): this is an image or its result; choose another folder for --confidence"
      )
      let results = scene.folder("results")
      try FileManager.default.removeItem(at: results)
      let refused = scene.translate("--direction", direction, "--confidence", maps.path)
      #expect(refused.code == .failure && refused.output == "")
      #expect(
        refused.lastError
          == "error: \(maps.path)/in/00.png: it exists already; use --skip-existing or --overwrite")
      #expect(FileManager.default.fileExists(atPath: results.path) == false)
    }
  }

  @Test func confidenceNeedsARunWithADiscriminator() throws {
    try withScene { scene in
      let run = scene.translate("--confidence", scene.path("maps"))
      #expect(
        run.lastError
          == "error: \(scene.path("runs/tiny")): only the folder of a run, or of a snapshot in it, has "
          + "discriminators and says what they are")
      #expect(!FileManager.default.fileExists(atPath: scene.path("results")))
    }
  }

  @Test func nothingIsOverwrittenUnasked() throws {
    try withScene { scene in
      let existing = scene.folder("results/01.png")
      try FileManager.default.createDirectory(
        at: scene.folder("results"), withIntermediateDirectories: true)
      try Data("mine".utf8).write(to: existing)
      let refused = scene.translate()
      #expect(refused.code == .failure)
      #expect(refused.output == "")
      #expect(
        refused.errors
          == "error: \(existing.path): 1 of 3 results exist already; use --skip-existing or "
          + "--overwrite\n")
      #expect(try names(scene) == ["01.png"])
      #expect(try Data(contentsOf: existing) == Data("mine".utf8))

      let skipped = scene.translate("--skip-existing")
      #expect(skipped.code == .success)
      #expect(
        skipped.outputLines.sorted() == [
          scene.path("results/00.png"), scene.path("results/02.png"),
        ])
      #expect(try Data(contentsOf: existing) == Data("mine".utf8))
      #expect(scene.translate("--skip-existing").outputLines == [])

      let replaced = scene.translate("--overwrite")
      #expect(replaced.code == .success)
      #expect(replaced.outputLines.count == 3)
      #expect(try ImageFile.read(from: existing).image.height == 9)
      #expect(try names(scene) == ["00.png", "01.png", "02.png"])
    }
  }

  @Test func brokenImagesMakeItFailAtTheEnd() throws {
    try withScene { scene in
      let broken = scene.folder("photos/01.png")
      try Data("no\nimage".utf8).write(to: broken)
      let failed = scene.translate()
      #expect(failed.code == .failure)
      #expect(failed.lastError == "error: 1 of 3 images could not be translated")
      #expect(
        failed.errors.contains(
          "warning: \(broken.path): is neither a JPEG, a PNG, a TIFF nor a WebP\n"))
      #expect(
        failed.outputLines.sorted() == [
          scene.path("results/00.png"), scene.path("results/02.png"),
        ])
      #expect(try names(scene) == ["00.png", "02.png"])
    }
  }

  @Test func quietKeepsWarningsAndResults() throws {
    try withScene { scene in
      try Data().write(to: scene.folder("photos/01.png"))
      let failed = scene.translate("--quiet")
      #expect(failed.outputLines.count == 2)
      #expect(
        failed.errors
          == "warning: \(scene.path("photos/01.png")): the file is empty\n"
          + "error: 1 of 3 images could not be translated\n")
    }
  }

  /// The first image fails, and the user interrupts before the second.
  @Test func anInterruptIsToldApartFromFailures() throws {
    try withScene { scene in
      try Data().write(to: scene.folder("photos/00.png"))
      let recording = Recording()
      let questions = Mutex(0)
      let context = CommandContext(
        console: recording.console,
        isInterrupted: {
          questions.withLock {
            $0 += 1
            return $0 > 1
          }
        })
      let code = CommandLineTool.cyclegan.run(
        [
          "translate", scene.path("runs/tiny"), scene.path("photos"), "--output",
          scene.path("results"), "--workers", "1",
        ], context)
      #expect(code == .interrupted)
      #expect(recording.standardError.contains("photos/00.png: the file is empty\n"))
      #expect(!FileManager.default.fileExists(atPath: scene.path("results/01.png")))
    }
  }

  /// A name cannot break a line of messages in two.
  @Test func lineFeedsInNamesAreEscaped() throws {
    try withScene { scene in
      try Data().write(to: scene.folder("photos/a\nerror: b.png"))
      let failed = scene.translate("--quiet")
      #expect(failed.errors.split(separator: "\n").count == 2)
      #expect(failed.errors.contains("photos/a\\nerror: b.png: the file is empty\n"))
    }
  }

  @Test func theInputsFolderIsNoOutput() throws {
    try withScene { scene in
      let photo = scene.folder("photos/00.png")
      let before = try Data(contentsOf: photo)
      let refused = scene.run([
        "translate", scene.path("runs/tiny"), photo.path, "--output", scene.path("photos"),
        "--overwrite",
      ])
      #expect(refused.code == .failure)
      #expect(
        refused.errors == "error: \(photo.path): this is an input; choose another output folder\n"
      )
      #expect(try Data(contentsOf: photo) == before)
    }
  }

  /// With the images that are left the work goes on.
  @Test func twoInputsOfOneName() throws {
    try withScene { scene in
      let (one, two) = (scene.path("photos/00.png"), scene.path("trainA/00.png"))
      let failed = scene.run([
        "translate", scene.path("runs/tiny"), one, two, scene.path("photos/01.png"), "--output",
        scene.path("results"),
      ])
      #expect(failed.code == .failure)
      let result = scene.path("results/00.png")
      #expect(
        failed.errors.hasPrefix(
          "warning: \(one): \(result) would be the result of \(two) as well\n"
            + "warning: \(two): \(result) would be the result of \(one) as well\n"))
      #expect(failed.lastError == "error: 2 of 3 images could not be translated")
      #expect(failed.outputLines == [scene.path("results/01.png")])
    }
  }

  /// What was accepted, and what was left out of an image, is said once.
  @Test func remarksAreNotices() throws {
    try withScene { scene in
      let photo = scene.folder("photos/00.png")
      try ImageFile(image: makeImage(0, height: 64, width: 64), format: .jpeg).write(to: photo)
      let whole = try Data(contentsOf: photo)
      try whole.prefix(whole.count * 3 / 4).write(to: photo)
      try FileManager.default.copyItem(
        at: fixture("Metadata/animation.png"), to: scene.folder("photos/film.png"))
      let translated = scene.translate("--accept-truncated")
      #expect(translated.code == .success)
      for line in [
        "\(photo.path): broken; used as far as it can be decoded\n",
        "\(scene.path("photos/film.png")): an animation of 3 frames; the first is taken\n",
      ] {
        #expect(translated.errors.components(separatedBy: line).count == 2)
      }
    }
  }

  @Test func theOtherDirectionMayBeMissing() throws {
    try withScene { scene in
      let refused = scene.translate("--direction", "b-to-a")
      #expect(refused.code == .failure)
      #expect(
        refused.lastError
          == "error: \(scene.path("runs/tiny")): there is no snapshot in it, nor "
          + "net_G_B (.safetensors, .pth)")
    }
  }

  @Test func weightsThatDoNotFitAreListedAboveTheError() throws {
    try withScene { scene in
      let file = scene.folder("runs/tiny/latest/net_G_A.safetensors")
      var weights = try SafeTensors.read(from: file)
      weights.tensors.removeAll { $0.name == "model.4.bias" }
      weights.tensors.append(("surplus", .zeros(shape: [1])))
      try weights.write(to: file)
      let failed = scene.translate()
      #expect(failed.code == .failure)
      #expect(
        failed.errors == """
            missing     model.4.bias
            unexpected  surplus
          error: \(file.path) does not fit this model (2 differences): missing model.4.bias; \
          unexpected surplus

          """)
      #expect(!FileManager.default.fileExists(atPath: scene.path("results")))
    }
  }

  @Test(arguments: ["translate", "inspect"]) func truncatedWeights(_ command: String) throws {
    try withScene { scene in
      let file = scene.folder("runs/tiny/latest/net_G_A.safetensors")
      let whole = try Data(contentsOf: file)
      // Without its last four bytes the file lacks a part of whichever tensor comes last.
      try whole.dropLast(4).write(to: file)
      let failed =
        command == "translate" ? scene.translate() : scene.run(["inspect", file.path])
      #expect(failed.code == .failure)
      #expect(failed.output == "")
      #expect(failed.lastError.hasPrefix("error: \(file.path): truncated: tensor '"))
    }
  }

  @Test func whatCannotBeInspected() throws {
    try withScene { scene in
      let missing = scene.run(["inspect", scene.path("missing"), "--json"])
      #expect(missing.code == .failure)
      #expect(missing.output == "")
      #expect(
        missing.errors
          == "error: \(scene.path("missing")): there is no such run, snapshot or weights file\n")
    }
  }
}
