import Foundation
import TestSupport
import Testing

@testable import Commands

/// Images of kinds that cannot be read, beside others, as every command that reads folders tells of them.
@Suite struct EndToEndForeignTests {
  private let advice = "convert them first, for example with heif-convert or ImageMagick"

  /// Two HEIC and one BMP file more in a folder.
  private func add(to folder: URL) throws {
    for (name, kind) in [("a.heic", "HEIC"), ("b", "HEIC"), ("c.bmp", "BMP")] {
      try FileManager.default.copyItem(
        at: fixture("Foreign/\(kind)"), to: folder.appendingPathComponent(name))
    }
  }

  @Test func train() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      try add(to: scene.folder("trainB"))
      let folder = scene.path("trainB")
      let strict = scene.train(nil, runs: "runs", "--strict")
      #expect(strict.code == .failure)
      #expect(
        strict.errors
          == "error: \(folder): 5 files: 2 used; 3 cannot be read: 2 HEIC, 1 BMP; \(advice)\n")
      let trained = scene.train()
      #expect(trained.code == .success)
      #expect(
        trained.errors.contains(
          "warning: \(folder): 5 files: 2 used; 3 left out: 2 HEIC, 1 BMP; \(advice)\n"))
      #expect(!trained.errors.contains("trainA: 3 files"))

      // The run's own folder of images to translate, and one of them by its name.
      try writeImages(1, to: scene.folder("photos"))
      try add(to: scene.folder("photos"))
      let photos = scene.path("photos")
      let translated = scene.translate()
      #expect(translated.code == .success)
      #expect(translated.outputLines == [scene.path("results/00.png")])
      #expect(
        translated.errors.contains(
          "warning: \(photos): 4 files: 1 used; 3 left out: 2 HEIC, 1 BMP; \(advice)\n"))
      let refused = scene.translate("--strict", "--overwrite")
      #expect(refused.code == .failure)
      #expect(
        refused.errors
          == "error: \(photos): 4 files: 1 used; 3 cannot be read: 2 HEIC, 1 BMP; \(advice)\n")
      let named = scene.run([
        "translate", scene.path("runs/tiny"), "\(photos)/b", "--output", scene.path("more"),
      ])
      #expect(named.code == .failure)
      #expect(
        named.errors.contains(
          "warning: \(photos)/b: its content is HEIC, which cannot be read; convert it first, for example "
            + "with heif-convert\n"))
    }
  }

  @Test(arguments: ["dcgan", "gan"]) func trainOfNoise(model: String) throws {
    try withTemporaryFolder { root in
      let scene = try GANScene(in: root)
      try add(to: scene.folder("images/ones"))
      let folder = scene.path("images")
      let strict = scene.train(model, "--strict")
      #expect(strict.code == .failure)
      #expect(
        strict.lastError
          == "error: \(folder): 9 files: 6 used; 3 cannot be read: 2 HEIC, 1 BMP; \(advice)")
      let trained = scene.train(model, "--size", "28", "--steps", "1")
      #expect(trained.code == .success)
      #expect(
        trained.errors.contains(
          "warning: \(folder): 9 files: 6 used; 3 left out: 2 HEIC, 1 BMP; \(advice)\n"))
    }
  }

  /// In a process of its own: it computes on one thread, which the tests beside it would do from then on as well.
  @Test func bench() async {
    await #expect(processExitsWith: .success) { try EndToEndForeignTests().benchOfImages() }
  }

  private func benchOfImages() throws {
    try withTemporaryFolder { root in
      let scene = try EndToEndScene(in: root)
      try add(to: scene.folder("trainA"))
      let folder = scene.path("trainA")
      let arguments = ["bench", "--images", folder, "--steps", "1", "--crop-size", "32"]
      let timed = scene.run(arguments)
      #expect(timed.code == .success)
      #expect(
        timed.errors
          == "warning: \(folder): 6 files: 3 used; 3 left out: 2 HEIC, 1 BMP; \(advice)\n")
      let strict = scene.run(arguments + ["--strict"])
      #expect(strict.code == .failure)
      #expect(
        strict.errors
          == "error: \(folder): 6 files: 3 used; 3 cannot be read: 2 HEIC, 1 BMP; \(advice)\n")
      let useless = scene.run(["bench", "--strict"])
      #expect(useless.code == .usage)
      #expect(useless.errors.contains("--strict: this has no effect without --images"))
    }
  }
}
