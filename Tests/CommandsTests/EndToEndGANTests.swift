import Foundation
import Imaging
import TestSupport
import Testing

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
          \(scene.path("pictures")): folder of 6 images, 2 classes
          learning pictures of 28x28 pixels in gray
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
        inspected.output == """
          trained for 5 steps, now in epoch 3
          net_G.safetensors: DCGAN generator, 28x28, 1 channel, 2 filters, latent 10
            13 tensors, 2132 parameters
          net_G_ema.safetensors: DCGAN generator, 28x28, 1 channel, 2 filters, latent 10
            13 tensors, 2132 parameters
          net_D.safetensors: DCGAN discriminator, 2 filters, 1 channel
            8 tensors, 364 parameters

          """)
    }
  }

  @Test func sameSeedSamePictures() throws {
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
      let (result, seventh) = (try scene.picture("sum/0001.png"), try scene.picture("all/0007.png"))
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

  @Test func aClassOfTheFolder() throws {
    try withScene { scene in
      let trained = scene.train("dcgan", "--filters", "2", "--class", "ones", "--steps", "1")
      #expect(trained.code == .success, "\(trained.errors)")
      #expect(trained.errors.contains("folder of 3 images, class ones\n"))
      let unknown = scene.train("dcgan", "--class", "twos", "--name", "other")
      #expect(unknown.code == .failure)
      #expect(unknown.lastError.contains("there is no class 'twos'; there are ones and zeros"))
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
        "dcgan train needs <data>: a folder of pictures, of MNIST's files or of CIFAR-10's batches"),
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
      error: "--output or --sheet is missing: where the pictures go"),
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
}
