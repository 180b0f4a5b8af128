import Foundation
import Imaging
import Machine
import TestSupport
import Testing
import Torch
import Wording

@testable import Commands

/// `autoencoder` through the command line: train, go on, look, and use what was trained.
@Suite struct EndToEndAutoencoderTests {
  private struct Scene {
    let scene: EndToEndScene

    func path(_ path: String) -> String { scene.path(path) }
    func run(_ arguments: String...) -> EndToEndScene.Outcome {
      scene.run(["autoencoder"] + arguments)
    }

    /// Three steps of two images, into `runs/<name>`; what `more` says comes last and wins.
    func train(_ name: String = "tiny", _ more: String...) -> EndToEndScene.Outcome {
      scene.run(
        [
          "autoencoder", "train", path("images"), "--name", name, "--checkpoints-dir", path("runs"),
          "--code", "2", "--hidden", "4", "--batch-size", "2", "--steps", "3", "--log-every", "1",
        ] + more)
    }

    func image(_ file: String) throws -> Image {
      try ImageFile.read(from: URL(fileURLWithPath: path(file))).image
    }
  }

  /// Four gray images of 8x8.
  private func withScene(_ body: (Scene) throws -> Void) throws {
    try withTemporaryFolder { root in
      try writeImages(
        4, to: root.appendingPathComponent("images"), height: 8, width: 8, channels: 1)
      try body(Scene(scene: EndToEndScene(in: root)))
    }
  }

  @Test func trainResumeInspect() throws {
    try withScene { scene in
      let trained = scene.train()
      #expect(trained.code == .success, "\(trained.errors)")
      #expect(trained.output == scene.path("runs/tiny/latest") + "\n")
      #expect(
        trained.errors.hasPrefix(
          """
          \(scene.path("images")): folder of 4 images
          training a variational autoencoder, 8x8, 1 channel, hidden 4, code 2, bernoulli
          training in float32

          """))
      let resumed = scene.run(
        "train", "--name", "tiny", "--checkpoints-dir", scene.path("runs"), "--resume", "--steps",
        "5", "--beta", "2")
      #expect(resumed.code == .success, "\(resumed.errors)")
      #expect(resumed.errors.contains("going on after step 3, in epoch 2\n"))
      #expect(resumed.errors.contains("--beta: 2 from step 4 on, 1 before\n"))
      let other = scene.run(
        "train", "--name", "tiny", "--checkpoints-dir", scene.path("runs"), "--resume", "--code",
        "3")
      #expect(other.code == .usage)
      #expect(other.lastError.contains("--code: 3 is not the run's 2"))
      let inspected = scene.scene.run(["inspect", scene.path("runs/tiny")])
      #expect(
        inspected.output.hasPrefix(
          """
          \(scene.path("runs/tiny")): autoencoder train, 2 of 200 epochs
          images (4), from \(scene.path("images"))

          """))
      // 64 * 4 + 4, 4 * 4 + 4, 2 * 4 + 4 and 4 * 64 + 64 values.
      #expect(
        inspected.output.contains(
          """
          net_AE.safetensors: variational autoencoder, 8x8, 1 channel, hidden 4, code 2, bernoulli
            8 tensors, 612 parameters

          """))
    }
  }

  /// What uses a model says what it has done, and every file is there.
  @Test func useWhatWasTrained() throws {
    try withScene { scene in
      #expect(scene.train("tiny", "--binarize").code == .success)
      let model = scene.path("runs/tiny")
      let images = scene.path("images")

      let samples = scene.run(
        "generate", model, "--count", "3", "--output", scene.path("made"), "--sheet",
        scene.path("s.png"))
      #expect(samples.code == .success, "\(samples.errors)")
      #expect(
        samples.outputLines
          == ["made/0001.png", "made/0002.png", "made/0003.png", "s.png"].map(scene.path))
      #expect(try scene.image("made/0001.png").width == 8)
      let map = scene.run("generate", model, "--map", "3", "--sheet", scene.path("m.png"))
      #expect(map.code == .success, "\(map.errors)")
      // Three columns of 8 pixels with two between and around them.
      #expect(try scene.image("m.png").width == 3 * 10 + 2)

      let pairs = scene.run(
        "reconstruct", model, images, "--output", scene.path("pairs"), "--sheet",
        scene.path("p.png"))
      #expect(pairs.code == .success, "\(pairs.errors)")
      #expect(pairs.outputLines.first == "image,mean_squared_error,file")
      // One table, in which the sheet has no place.
      #expect(pairs.outputLines.count == 1 + 4)
      #expect(pairs.errors.contains("wrote \(scene.path("p.png"))\n"))
      #expect(pairs.outputLines[1].hasSuffix(",\(scene.path("pairs/0001.png"))"))
      let pair = try scene.image("pairs/0001.png")
      #expect((pair.height, pair.width) == (12, 22))
      // The threshold of the training: the image on the left is black and white.
      guard case .eightBit(let left) = pair.cropped(top: 2, left: 2, height: 8, width: 8).samples
      else { return #expect(Bool(false)) }
      #expect(Set(left).isSubset(of: [0, 255]))
      let error = try #require(Double(pairs.outputLines[1].split(separator: ",")[1]))
      guard case .eightBit(let right) = pair.cropped(top: 2, left: 12, height: 8, width: 8).samples
      else { return #expect(Bool(false)) }
      // From the pixels, which are rounded to a 255th, so that a squared error is off by a 255th and less.
      let squares = zip(left, right).map { ((Double($0) - Double($1)) / 255) }.map { $0 * $0 }
      expectClose(error, squares.reduce(0, +) / 64, tolerance: 1.0 / 255)

      let walk = scene.run(
        "reconstruct", model, images, "--max-images", "3", "--interpolate", "5", "--sheet",
        scene.path("w.png"))
      #expect(walk.code == .success, "\(walk.errors)")
      let walks = try scene.image("w.png")
      #expect((walks.height, walks.width) == (22, 52))

      let codes = scene.run("encode", model, images)
      #expect(codes.code == .success, "\(codes.errors)")
      #expect(codes.outputLines.first == "image,z1,z2,s1,s2")
      #expect(codes.outputLines.count == 5)
      let file = scene.run("encode", model, images, "--output", scene.path("codes.csv"))
      #expect(file.output == scene.path("codes.csv") + "\n")
      let text = try String(contentsOfFile: scene.path("codes.csv"), encoding: .utf8)
      #expect(text == codes.output)
      // As `translate` has it.
      #expect(scene.run("encode", model, images, "--output", "-").output == codes.output)

      let measured = scene.run("evaluate", model, images, "--samples", "20")
      #expect(measured.code == .success, "\(measured.errors)")
      #expect(
        measured.outputLines.map { $0.prefix { $0 != ":" } } == [
          "4 images", "negative ELBO", "  reconstruction", "  KL", "negative log-likelihood",
          "mean squared error",
        ])
      #expect(!measured.errors.contains("count as probabilities"))
      let json = scene.run("evaluate", model, images, "--samples", "20", "--json")
      let found = try #require(
        try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      func mean(_ key: String) throws -> Double {
        try #require((found[key] as? [String: Double])?["mean"])
      }
      expectClose(
        try mean("negative_elbo"), try mean("reconstruction") + mean("kl"), tolerance: 1e-6)
      #expect(try mean("negative_log_likelihood") <= mean("negative_elbo") + 1e-6)
    }
  }

  /// JSON has no word for numbers that are none, which large weights lead to. Those that are none are refused.
  @Test func numbersThatAreNoneAreNull() throws {
    try withScene { scene in
      #expect(scene.train().code == .success)
      let file = URL(fileURLWithPath: scene.path("runs/tiny/latest/net_AE.safetensors"))
      let saved = try SafeTensors.read(from: file)
      func write(_ weight: Double) throws {
        try SafeTensors(
          saved.tensors.map { ($0.name, $0.tensor.filled(with: weight)) }, metadata: saved.metadata
        ).write(to: file)
      }
      let commands = [
        ["encode", scene.path("images")],
        ["reconstruct", scene.path("images"), "--sheet", scene.path("none.png")],
        [
          "reconstruct", scene.path("images"), "--interpolate", "2", "--sheet",
          scene.path("none.png"),
        ],
      ]
      func use(_ command: [String]) -> EndToEndScene.Outcome {
        scene.scene.run(
          ["autoencoder", command[0], scene.path("runs/tiny")] + command.dropFirst())
      }
      for weight in [Double.nan, .infinity] {
        try write(weight)
        for command in commands + [
          ["evaluate", scene.path("images")], ["generate", "--sheet", scene.path("none.png")],
        ] {
          let refused = use(command)
          #expect(refused.code == .failure)
          #expect(refused.output == "")
          #expect(
            refused.lastError.hasSuffix(
              "net_AE.safetensors: its tensor '\(saved.tensors[0].name)' holds numbers that are not finite"
            ),
            "\(refused.lastError)")
        }
      }
      try write(3e38)
      for command in commands {
        let broke = use(command)
        #expect(broke.code == .failure)
        #expect(
          broke.lastError.hasSuffix(
            "net_AE.safetensors: its weights lead to numbers that are not finite"),
          "\(command): \(broke.errors)")
        #expect(!FileManager.default.fileExists(atPath: scene.path("none.png")))
      }
      let measured = scene.run(
        "evaluate", scene.path("runs/tiny"), scene.path("images"), "--samples", "2", "--json")
      #expect(measured.code == .success, "\(measured.errors)")
      let found = try #require(
        try JSONSerialization.jsonObject(with: Data(measured.output.utf8)) as? [String: Any])
      // What is decoded is black or white all the same.
      for key in ["reconstruction", "kl", "negative_elbo", "negative_log_likelihood"] {
        let measure = try #require(found[key] as? [String: Any], "\(key)")
        #expect(measure["mean"] is NSNull)
        #expect(measure["error"] is NSNull)
      }
    }
  }

  @Test func plainModels() throws {
    try withScene { scene in
      #expect(scene.train("plain", "--kind", "plain").code == .success)
      let model = scene.path("runs/plain")
      let begun = scene.train("other", "--init-from", model)
      #expect(begun.code == .failure)
      #expect(
        begun.lastError.contains("it is a plain autoencoder, ")
          && begun.lastError.hasSuffix("; its weights are for --kind plain"), "\(begun.lastError)")
      let images = scene.path("images")
      let sheet = ["--sheet", scene.path("s.png")]
      func refused(_ arguments: String..., because reason: String) {
        let outcome = scene.scene.run(["autoencoder"] + arguments)
        #expect(outcome.code == .usage, "\(arguments)")
        #expect(outcome.lastError.contains(reason), "\(outcome.lastError)")
      }
      refused(
        "generate", model, sheet[0], sheet[1],
        because: "a plain autoencoder has no distribution to draw codes from")
      refused("generate", model, "--map", sheet[0], sheet[1], because: "--reach is missing")
      refused(
        "evaluate", model, images, "--samples", "5",
        because: "--samples: the codes of a plain autoencoder are not drawn")
      #expect(
        scene.run("generate", model, "--map", "2", "--reach", "3", sheet[0], sheet[1]).code
          == .success)
      #expect(scene.run("encode", model, images).outputLines.first == "image,z1,z2")
      let measured = scene.run("evaluate", model, images)
      #expect(
        measured.outputLines.map { $0.prefix { $0 != ":" } } == [
          "4 images", "reconstruction", "mean squared error",
        ])
      #expect(measured.errors.contains("count as probabilities of white"))
    }
  }

  private static let badTrainings: [([String], String)] = [
    (["--beta", "2", "--kind", "plain"], "--beta: a plain autoencoder's codes"),
    (["--binarize", "1.5"], "--binarize: 1.5 is more than 1"),
    (["--binarize", "--likelihood", "gaussian"], "--binarize: images of black and white"),
    (["--layers", "convolutional"], "--hidden: this belongs to --layers connected"),
    (["--filters", "4"], "belongs to --layers"),
    (["--channels", "2"], "--channels: 2 is not possible"),
    (["--code", "0"], "--code"), (["--size", "1"], "--size"), (["--beta", "-1"], "--beta"),
  ]

  @Test(arguments: badTrainings) func refusedTrainings(_ more: [String], _ reason: String) throws {
    try withScene { scene in
      let outcome = scene.scene.run(
        [
          "autoencoder", "train", scene.path("images"), "--checkpoints-dir", scene.path("runs"),
          "--hidden", "4",
        ] + more)
      #expect(outcome.code == .usage, "\(outcome.errors)")
      #expect(outcome.lastError.contains(reason), "\(outcome.lastError)")
    }
  }

  @Test func sizesOfConvolutions() throws {
    try withScene { scene in
      let outcome = scene.run(
        "train", scene.path("images"), "--checkpoints-dir", scene.path("runs"), "--size", "48")
      #expect(outcome.code == .usage)
      #expect(
        outcome.lastError.contains("--size: 48 is not a size of convolutional layers; 28, 32, 64"))
    }
  }

  @Test func refusedUses() throws {
    try withScene { scene in
      #expect(scene.train("eight", "--code", "8").code == .success)
      let model = scene.path("runs/eight")
      let images = scene.path("images")
      let sheet = scene.path("s.png")
      func refused(_ arguments: String..., because reason: String) {
        let outcome = scene.scene.run(["autoencoder"] + arguments)
        #expect(outcome.code != .success, "\(arguments)")
        #expect(outcome.lastError.contains(reason), "\(outcome.lastError)")
        #expect(!FileManager.default.fileExists(atPath: sheet))
      }
      refused(
        "generate", model, "--map", "--sheet", sheet,
        because: "--map: the codes of this model have 8 numbers")
      refused("generate", model, because: "--output or --sheet is missing")
      refused("reconstruct", model, images, because: "--output or --sheet is missing")
      refused(
        "generate", model, "--map", "--count", "2", "--sheet", sheet, because: "--count: --map")
      refused("generate", model, "--reach", "2", "--sheet", sheet, because: "--reach: this has no")
      refused("encode", model, scene.path("nothing"), because: "there is no such file or folder")
      refused(
        "encode", images, images, because: "there is no snapshot of an autoencoder in it")
      refused(
        "reconstruct", model, images, "--max-images", "1", "--interpolate", "3", "--sheet", sheet,
        because: "--interpolate: a walk needs two images")
      // An image that is none is passed over, and the rest is done.
      try Data("no image".utf8).write(to: URL(fileURLWithPath: scene.path("images/broken.png")))
      let encoded = scene.run("encode", model, images)
      #expect(encoded.code == .failure)
      #expect(encoded.outputLines.count == 1 + 4)
      #expect(encoded.lastError == "error: 1 of 5 images could not be used")
      // Nor is it a model for other commands.
      let translated = scene.scene.run([
        "translate", model, images, "--output", scene.path("out"),
      ])
      #expect(translated.code == .failure)
    }
  }

  /// On sheets, where there is little room.
  @Test func namesOfFilesComeWithTheirFoldersWhereTheyHaveTo() {
    #expect(
      PairSheet.shortNames(["a/one/0.png", "a/two/0.png", "a/two/1.png", "0.png", "t10k, image 3"])
        == ["one/0.png", "two/0.png", "1.png", "0.png", "t10k, image 3"])
  }

  /// RFC 4180: quotes are doubled within quotes.
  @Test func fieldsOfCSV() {
    #expect(csvLine(["a b", "1.5"]) == "a b,1.5")
    #expect(csvLine(["a,b", "c\"d", "e\nf"]) == "\"a,b\",\"c\"\"d\",\"e\nf\"")
  }
}
