import Foundation
import Imaging
import Machine
import Synthesis
import TestSupport
import Testing
import Torch
import Training
import Wording

@testable import Commands

/// `dcgan` and `gan` through the command line: train, go on, look, generate.
@Suite struct EndToEndGANTests {
  private func withScene(_ body: (GANScene) throws -> Void) throws {
    try withTemporaryFolder { try body(GANScene(in: $0)) }
  }

  @Test func trainResumeInspect() throws {
    try withScene { scene in
      let trained = scene.train("dcgan", "--filters", "2")
      #expect(trained.code == .success, "\(trained.errors)")
      #expect(trained.output == scene.path("runs/tiny/latest") + "\n")
      #expect(
        trained.errors.hasPrefix(
          """
          \(scene.path("images")): folder of 6 images, 2 classes
          learning images of 28x28 pixels in gray
          training in float32

          """))
      let resumed = scene.run([
        "dcgan", "train", "--name", "tiny", "--checkpoints-dir", scene.path("runs"), "--resume",
        "--steps", "5", "--log-every", "1",
      ])
      #expect(resumed.code == .success, "\(resumed.errors)")
      #expect(resumed.errors.contains("going on after step 3, in epoch 2\n"))
      let inspected = scene.run(["inspect", scene.path("runs/tiny")])
      // G 10*4*49 + 8 + 4*2*16 + 4 + 2*16 values, D 2*16 + 2*4*16 + 8 + 4*49.
      #expect(
        inspected.output.hasPrefix(
          """
          \(scene.path("runs/tiny")): dcgan train, 2 of 75 epochs
          images (6), from \(scene.path("images"))

          """))
      let networks = try #require(inspected.output.range(of: "trained for 5 steps"))
      #expect(
        inspected.output[networks.lowerBound...] == """
          trained for 5 steps, now in epoch 3
          net_G.safetensors: DCGAN generator, 28x28, 1 channel, 2 filters, latent 10
            13 tensors, 2132 parameters
          net_G_ema.safetensors: DCGAN generator, 28x28, 1 channel, 2 filters, latent 10
            13 tensors, 2132 parameters
          net_D.safetensors: DCGAN discriminator, 2 filters, 1 channel
            8 tensors, 364 parameters
          computing here takes \(counted(availableCores(), "thread")) by default

          """)
    }
  }

  /// Only what does not decode is left out, however long its sides are.
  @Test(arguments: ["gan", "dcgan"]) func longImagesAreLearnedFrom(_ model: String) throws {
    try withScene { scene in
      for (name, width, format) in [
        ("wide.png", 1200, ImageFormat.png), ("wider.jpg", 9000, .jpeg),
      ] {
        try ImageFile(image: makeImage(7, height: 30, width: width, channels: 1), format: format)
          .write(to: scene.folder("images/\(name)"))
      }
      let trained = scene.train(model, "--steps", "1")
      #expect(trained.code == .success, "\(trained.errors)")
      #expect(trained.errors.contains("folder of 8 images, 2 classes\n"))
      #expect(!trained.errors.contains("left out"))
    }
  }

  @Test func sameSeedSameImages() throws {
    try withScene { scene in
      #expect(scene.train("dcgan", "--filters", "2").code == .success)
      let first = scene.generate("dcgan", "--count", "3", "--output", scene.path("first"))
      #expect(first.code == .success, "\(first.errors)")
      #expect(
        first.outputLines == ["0001.png", "0002.png", "0003.png"].map { scene.path("first/\($0)") })
      let more = scene.generate(
        "dcgan", "--count", "12", "--output", scene.path("more"), "--sheet", scene.path("s.png"))
      #expect(more.code == .success, "\(more.errors)")
      #expect(try scene.bytes("first/0003.png") == scene.bytes("more/0003.png"))
      #expect(try scene.bytes("more/0001.png") != scene.bytes("more/0002.png"))
      // Four columns and three rows of 28 pixels with two around each.
      let sheet = try ImageFile.read(from: scene.folder("s.png")).image
      #expect(sheet.width == 122)
      #expect(sheet.height == 92)
      let other = scene.generate(
        "dcgan", "--seed", "1", "--count", "1", "--output", scene.path("other"))
      #expect(other.code == .success)
      #expect(try scene.bytes("other/0001.png") != scene.bytes("first/0001.png"))
      let raw = scene.generate("dcgan", "--no-ema", "--count", "1", "--output", scene.path("raw"))
      #expect(raw.code == .success)
      #expect(try scene.bytes("raw/0001.png") != scene.bytes("first/0001.png"))
    }
  }

  @Test func walksAndSums() throws {
    try withScene { scene in
      #expect(scene.train("gan", "--hidden", "8").code == .success)
      #expect(scene.generate("gan", "--count", "9", "--output", scene.path("all")).code == .success)
      let walk = scene.generate("gan", "--interpolate", "5", "--output", scene.path("walk"))
      #expect(walk.outputLines.count == 5)
      #expect(try scene.bytes("walk/0001.png") == scene.bytes("all/0001.png"))
      #expect(try scene.bytes("walk/0005.png") == scene.bytes("all/0002.png"))
      let sum = scene.generate(
        "gan", "--arithmetic", "7 - 3 + 3", "--count", "1", "--output", scene.path("sum"),
        "--sheet", scene.path("sum.png"))
      #expect(sum.code == .success, "\(sum.errors)")
      // (7 - 3) + 3 is 7 up to a rounding that one level of 256 does not show.
      let (result, seventh) = (try scene.image("sum/0001.png"), try scene.image("all/0007.png"))
      #expect(zip(result, seventh).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    }
  }

  @Test func nothingIsOverwrittenUnasked() throws {
    try withScene { scene in
      #expect(scene.train("gan", "--hidden", "8").code == .success)
      let once = scene.generate("gan", "--count", "2", "--output", scene.path("out"))
      #expect(once.code == .success)
      let again = scene.generate("gan", "--count", "3", "--output", scene.path("out"))
      #expect(again.code == .failure)
      #expect(
        again.errors
          == "error: \(scene.path("out/0001.png")): 2 of 3 results exist already; use --overwrite\n"
      )
      #expect(!FileManager.default.fileExists(atPath: scene.path("out/0003.png")))
      let replaced = scene.generate(
        "gan", "--count", "3", "--output", scene.path("out"), "--overwrite")
      #expect(replaced.code == .success)
    }
  }

  /// Nothing is made before it is known that all of it can be written.
  @Test func sheetsThatCannotBeAreRefusedFirst() throws {
    try withScene { scene in
      #expect(scene.train("gan", "--hidden", "8").code == .success)
      let out = scene.path("out")
      for (sheet, error) in [
        (scene.path("images"), "\(scene.path("images")): is a folder; --sheet names a file"),
        (
          "\(out)/0002.png", "--sheet: \(out)/0002.png is the file of sample 2; choose another name"
        ),
        (
          "\(out)/../out/0003.png",
          "--sheet: \(out)/../out/0003.png is the file of sample 3; choose another name"
        ),
        (out, "--sheet: \(out) is a folder for --output"),
        (
          "\(out).bmp",
          "--sheet: \(out).bmp does not end in \(ImageFormat.extensionWords), which decides what is written"
        ),
      ] {
        let refused = scene.generate(
          "gan", "--count", "3", "--overwrite", "--output", out, "--sheet", sheet)
        #expect(refused.code != .success)
        #expect(refused.lastError == "error: " + error)
        #expect(!FileManager.default.fileExists(atPath: out))
      }
      // Samples of this run have the numbers 1 to 3.
      let beside = scene.generate(
        "gan", "--count", "3", "--output", out, "--sheet", "\(out)/0004.png")
      #expect(beside.code == .success, "\(beside.errors)")
      #expect(beside.outputLines.count == 4)
    }
  }

  @Test func theFolderOfASheetIsMade() throws {
    try withScene { scene in
      #expect(scene.train("gan", "--hidden", "8").code == .success)
      let made = scene.generate("gan", "--count", "1", "--sheet", scene.path("new/deep/s.png"))
      #expect(made.code == .success, "\(made.errors)")
      let sheet = try ImageFile.read(from: scene.folder("new/deep/s.png")).image
      // The scene's images have 20 rows.
      #expect(sheet.width == 24)
    }
  }

  /// An image may have 250,000,000 pixels, and a cell has 30 * 30. 527 rows of 527 have 249,956,100, which
  /// one image more or the two rows of a sum's terms are too many for.
  @Test(arguments: [["--count", "277730"], ["--count", "277729", "--arithmetic", "1 - 2"]])
  func sheetsBeyondThePixelLimitAreRefused(_ arguments: [String]) throws {
    try withScene { scene in
      #expect(scene.train("gan", "--hidden", "8", "--size", "28").code == .success)
      let refused = scene.run(
        ["gan", "generate", scene.path("runs/tiny"), "--sheet", scene.path("s.png")] + arguments)
      #expect(refused.code == .usage)
      #expect(
        refused.lastError
          == "error: --sheet: \(arguments[1]) images are too many for one; lower --count")
    }
  }

  /// Ten million names are not made for nothing.
  @Test func aMissingModelIsToldAtOnce() throws {
    try withScene { scene in
      let start = ContinuousClock.now
      let missing = scene.run([
        "gan", "generate", scene.path("none"), "--count", "10000000", "--output", scene.path("out"),
      ])
      #expect(missing.code == .failure)
      #expect(
        missing.lastError
          == "error: \(scene.path("none")): there is no such run, snapshot or weights file")
      #expect(ContinuousClock.now - start < .seconds(2))
    }
  }

  /// What was the default is what the run has, also if it is spelled out.
  @Test func defaultsCanBeRepeatedOnResume() throws {
    try withScene { scene in
      #expect(scene.train("gan", "--hidden", "8").code == .success)
      func resume(_ more: String...) -> EndToEndScene.Outcome {
        scene.run(
          [
            "gan", "train", "--name", "tiny", "--checkpoints-dir", scene.path("runs"), "--resume",
            "--steps", "4",
          ] + more)
      }
      let resumed = resume(
        "--lr", "0.0002", "--generator-lr", "0.0002", "--discriminator-lr", "0.0002", "--dropout",
        "0", "--generator-dropout", "0", "--discriminator-dropout", "0", "--beta1", "0.5",
        "--critic-steps", "1")
      #expect(resumed.code == .success, "\(resumed.errors)")
      let changed = resume("--lr", "0.001", "--steps", "5")
      #expect(changed.code == .success, "\(changed.errors)")
      #expect(changed.errors.contains("--lr: 0.001 from step 5 on, 0.0002 before\n"))
      let configuration = try GANConfiguration.read(from: scene.folder("runs/tiny/config.json"))
      #expect(configuration.optimization.learningRate == 0.001)
      // The rates of the networks follow, as they were not given apart.
      #expect(configuration.adversaries.generatorLearningRate == 0.001)
      #expect(
        configuration.record.changes
          == [OptionChange(step: 4, option: "lr", from: "0.0002", to: "0.001")])
    }
  }

  /// The images have 20 * 24 = 480 pixels.
  @Test func imagesBeyondTheLimitAreLeftOut() throws {
    try withScene { scene in
      let few = scene.train("dcgan", "--filters", "2", "--max-pixels", "479", "--steps", "1")
      #expect(few.code == .failure)
      #expect(
        few.lastError
          == "error: \(scene.path("images")): none of its 6 images can be used")
      let all = scene.train(
        "dcgan", "--filters", "2", "--max-pixels", "480", "--background", "black",
        "--accept-truncated", "--cache", "off", "--steps", "1")
      #expect(all.code == .success, "\(all.errors)")
    }
  }

  /// MNIST's and CIFAR-10's files that cannot be: an error, and no folder for a run.
  @Test(
    arguments: [
      (
        ["train-images-idx3-ubyte": [0, 0, 8, 1, 0, 0, 0, 1, 0]], "train-images-idx3-ubyte",
        "the magic number is 2049 (0x00000801), not 2051 (0x00000803) as in IDX files of images"
      ),
      (
        ["data_batch_1.bin": [1, 2, 3]], "data_batch_1.bin",
        "has 3 bytes, no multiple of the 3,073 of an image and its label"
      ),
      (
        [
          "train-images-idx3-ubyte": [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7],
          "train-labels-idx1-ubyte": [0, 0, 8, 1, 0, 0, 0, 2, 0, 1],
        ], "train-labels-idx1-ubyte", "has 2 labels, but train-images-idx3-ubyte has 1 image"
      ),
    ] as [([String: [UInt8]], String, String)])
  func brokenDataLeavesNothing(
    _ files: [String: [UInt8]], _ place: String, _ reason: String
  ) throws {
    try withScene { scene in
      let data = scene.folder("data")
      try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
      for (name, bytes) in files { try Data(bytes).write(to: data.appendingPathComponent(name)) }
      let refused = scene.run([
        "dcgan", "train", data.path, "--name", "none", "--checkpoints-dir", scene.path("runs"),
      ])
      #expect(refused.code == .failure)
      #expect(refused.code.rawValue == 1)
      #expect(refused.lastError == "error: \(data.path)/\(place): \(reason)")
      #expect(!FileManager.default.fileExists(atPath: scene.path("runs")))
    }
  }

  @Test func aClassOfTheFolder() throws {
    try withScene { scene in
      let trained = scene.train("dcgan", "--filters", "2", "--class", "ones", "--steps", "1")
      #expect(trained.code == .success, "\(trained.errors)")
      #expect(trained.errors.contains("folder of 3 images, class ones\n"))
      let unknown = scene.train("dcgan", "--class", "twos", "--name", "other")
      #expect(unknown.code == .failure)
      #expect(unknown.lastError.contains("there is no class 'twos'; there are 'ones' and 'zeros'"))
      #expect(!FileManager.default.fileExists(atPath: scene.path("runs/other")))
    }
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let error: String
    var testDescription: String { arguments.joined(separator: " ") }
  }

  private static let mistakes = [
    Mistake(
      arguments: ["dcgan", "train"],
      error:
        "dcgan train needs <data>: a folder of images, of MNIST's files or of CIFAR-10's batches"),
    Mistake(
      arguments: ["dcgan", "train", "x", "--size", "48"],
      error: "--size: 48 is not a size that a DCGAN makes; 28, 32, 64 and 128 are"),
    Mistake(
      arguments: ["dcgan", "train", "x", "--channels", "2"],
      error: "--channels: 2 is not possible; it must be 1 or 3"),
    Mistake(
      arguments: ["dcgan", "train", "x", "--loss", "wgan-gp", "--discriminator-norm", "batch"],
      error: "--discriminator-norm: batch does not work with --loss wgan-gp; use instance or none"),
    Mistake(
      arguments: ["gan", "train", "x", "--loss", "wgan", "--label-smoothing"],
      error:
        "--label-smoothing: the loss wgan has no labels; vanilla, saturating and lsgan have"),
    Mistake(
      arguments: ["gan", "train", "x", "--label-smoothing", "1.5"],
      error: "--label-smoothing: 1.5 is out of range; it must be below 1"),
    Mistake(
      arguments: ["gan", "train", "x", "--hidden", "64,,64"],
      error: "--hidden: '64,,64' is not a list of widths from 1 to 65536, such as 256,512"),
    Mistake(
      arguments: ["gan", "train", "x", "--hidden", "1 5"],
      error: "--hidden: '1 5' is not a list of widths from 1 to 65536, such as 256,512"),
    Mistake(
      arguments: ["gan", "train", "x", "--loss", "wasserstein"],
      error:
        "--loss: 'wasserstein' is none of vanilla, saturating, lsgan, wgan, wgan-gp, hinge, began"),
    Mistake(
      arguments: ["gan", "train", "x", "--lsgan-a", "1"],
      error: "--lsgan-a: this belongs to --loss lsgan"),
    Mistake(
      arguments: ["gan", "train", "x", "--loss", "lsgan", "--lsgan-b", "0"],
      error: "--lsgan-b: 0 is the label of fakes too; they must differ"),
    Mistake(
      arguments: ["gan", "train", "x", "--loss", "wgan", "--beta1", "0.5"],
      error: "--beta1: this belongs to --optimizer adam"),
    Mistake(
      arguments: ["gan", "train", "x", "--filters", "64"],
      error: "unknown option '--filters'; 'cyclegan gan train --help' lists the options"),
    Mistake(
      arguments: ["dcgan", "generate", "x"],
      error: "--output or --sheet is missing: where the images go"),
    Mistake(
      arguments: ["dcgan", "generate", "x", "--sheet", "s", "--arithmetic", "1 +"],
      error:
        "--arithmetic: '1 +' is not a sum of numbered samples such as '1,5,9 - 2,3,7 + 4,8,11'"),
    Mistake(
      arguments: [
        "dcgan", "generate", "x", "--sheet", "s", "--arithmetic", "1", "--interpolate", "3",
      ],
      error: "--arithmetic: --interpolate asks for something else; use one of them"),
    Mistake(
      arguments: ["dcgan", "generate", "x", "--sheet", "s", "--interpolate", "1"],
      error: "--interpolate: 1 is out of range; it must be at least 2"),
    Mistake(arguments: ["dcgan"], error: "cyclegan dcgan needs a command"),
    Mistake(
      arguments: ["dcgan", "tran"],
      error: "unknown command 'tran'; did you mean 'train'?"),
  ]

  @Test(arguments: mistakes) func mistakesAreUsageErrors(_ mistake: Mistake) throws {
    try withScene { scene in
      let outcome = scene.run(mistake.arguments)
      #expect(outcome.code == .usage)
      #expect(outcome.lastError == "error: " + mistake.error)
      #expect(outcome.output == "")
    }
  }

  @Test func aRunOfTheOtherCommandIsNotResumed() throws {
    try withScene { scene in
      #expect(scene.train("gan", "--hidden", "8").code == .success)
      let resumed = scene.run([
        "dcgan", "train", "--name", "tiny", "--checkpoints-dir", scene.path("runs"), "--resume",
      ])
      #expect(resumed.code == .usage)
      #expect(
        resumed.lastError
          == "error: --name: this is a run of 'cyclegan gan train', not of 'cyclegan dcgan train'")
    }
  }

  /// A configuration from anybody: sizes that no network has must not reach one.
  @Test(arguments: [
    ("\"size\" : 28", "\"size\" : 29"), ("\"channels\" : 1", "\"channels\" : 4"),
    ("\"filters\" : 2", "\"filters\" : 0"), ("\"batchSize\" : 3", "\"batchSize\" : 0"),
    ("\"latent\" : 10", "\"latent\" : -1"),
  ])
  func hostileConfigurationsAreRefused(_ found: String, _ replacement: String) throws {
    try withScene { scene in
      #expect(scene.train("dcgan", "--filters", "2").code == .success)
      let file = scene.folder("runs/tiny/config.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      let changed = text.replacingOccurrences(of: found, with: replacement)
      #expect(changed != text)
      try Data(changed.utf8).write(to: file)
      let resumed = scene.run([
        "dcgan", "train", "--name", "tiny", "--checkpoints-dir", scene.path("runs"), "--resume",
      ])
      #expect(resumed.code == .usage, "\(resumed.errors)")
      #expect(resumed.lastError.hasPrefix("error: --"))
    }
  }

  /// The first layer's sums are infinite, and infinity times the second's zeros is no number.
  @Test(arguments: ["dcgan", "gan"]) func numbersThatAreNoneAreNoImages(_ command: String) throws {
    try withScene { scene in
      #expect(scene.train(command).code == .success)
      let file = scene.folder("runs/tiny/latest/net_G_ema.safetensors")
      let saved = try SafeTensors.read(from: file)
      try SafeTensors(
        saved.tensors.map {
          ($0.name, $0.tensor.filled(with: $0.name.hasSuffix(".0.weight") ? 3e38 : 0))
        }, metadata: saved.metadata
      ).write(to: file)
      let broke = scene.run([
        command, "generate", scene.path("runs/tiny"), "--output", scene.path("made"),
      ])
      #expect(broke.code == .failure)
      #expect(
        broke.lastError
          == "error: \(file.path): its weights lead to numbers that are not finite")
    }
  }
}
