import Foundation
import Imaging
import TestSupport
import Testing
import Torch

@testable import Commands

/// Classes and codes through the command line: train, generate, classify, and what bad input gets.
@Suite struct EndToEndFamilyTests {
  private func withScene(_ body: (GANScene) throws -> Void) throws {
    try withTemporaryFolder { try body(GANScene(in: $0)) }
  }

  /// The classes of the scene are `ones` and `zeros`, in this order.
  @Test func aConditionalGAN() throws {
    try withScene { scene in
      let trained = scene.train("dcgan", "--condition", "cgan", "--filters", "2")
      #expect(trained.code == .success, "\(trained.errors)")
      let all = scene.generate(
        "dcgan", "--class", "all", "--count", "3", "--sheet", scene.path("all.png"), "--output",
        scene.path("all"))
      #expect(all.code == .success, "\(all.errors)")
      #expect(all.outputLines.count == 7)
      let sheet = try ImageFile.read(from: scene.folder("all.png")).image
      // Before the rows are their classes' names, five letters of 6 pixels and one at the left.
      #expect((sheet.height, sheet.width) == (2 + 2 * 30, 2 + 33 + 3 * 30))
      for (row, name) in ["ones", "zeros"].enumerated() {
        let word = sheet.cropped(top: 2 + 30 * row, left: 2, height: 9, width: 31)
        #expect(word == .text(name, scale: 1, width: 31, channels: 3, bitDepth: 8))
        let first = try ImageFile.read(from: scene.folder("all/000\(3 * row + 1).png")).image
        #expect(
          sheet.cropped(top: 2 + 30 * row, left: 35, height: 28, width: 28)
            == first.converted(toChannels: 3))
      }
      // The second row is the class 'zeros', by its name in any case or its number, with the same latents.
      for name in ["Zeros", "1"] {
        let one = scene.generate(
          "dcgan", "--class", name, "--count", "3", "--output", scene.path(name))
        #expect(one.code == .success, "\(one.errors)")
        for number in 1...3 {
          #expect(
            try scene.bytes("\(name)/000\(number).png") == scene.bytes("all/000\(number + 3).png"))
        }
      }
      let inspected = scene.run(["inspect", scene.path("runs/tiny")])
      #expect(inspected.output.contains("Classes and codes: cgan, ones and zeros\n"))
      #expect(inspected.output.contains("latent 10, cgan, 2 classes\n"))
      let export = scene.run([
        "export", scene.path("runs/tiny"), "--format", "safetensors", "--output",
        scene.path("net.safetensors"),
      ])
      #expect(export.code == .success, "\(export.errors)")
      let exported = scene.run([
        "dcgan", "generate", scene.path("net.safetensors"), "--class", "zeros", "--count", "1",
        "--output", scene.path("exported"),
      ])
      #expect(exported.code == .success, "\(exported.errors)")
      #expect(try scene.bytes("exported/0001.png") == scene.bytes("all/0004.png"))
    }
  }

  /// `all` means all classes, whatever they are called; a class of that name has a number.
  @Test func aClassMayBeCalledAll() throws {
    try withScene { scene in
      try FileManager.default.moveItem(
        at: scene.folder("images/ones"), to: scene.folder("images/All"))
      let trained = scene.train("gan", "--condition", "acgan", "--hidden", "8")
      #expect(trained.code == .success, "\(trained.errors)")
      for word in ["all", "All"] {
        let made = scene.generate(
          "gan", "--class", word, "--count", "2", "--sheet", scene.path("\(word).png"), "--output",
          scene.path(word))
        #expect(made.code == .success, "\(made.errors)")
        #expect(made.outputLines.count == 5)
        #expect(made.errors.contains("--class 0 is the one class that is called 'All'\n"))
      }
      // It comes before `zeros`.
      let one = scene.generate("gan", "--class", "0", "--count", "1", "--output", scene.path("0"))
      #expect(one.code == .success, "\(one.errors)")
      #expect(try scene.bytes("0/0001.png") == scene.bytes("all/0001.png"))
    }
  }

  /// The paper's networks go out as TorchScript and ONNX as well; writing the former runs it and compares.
  @Test func thePapersNetworksAreExported() throws {
    try withScene { scene in
      let trained = scene.train("gan", "--condition", "cgan", "--size", "8")
      #expect(trained.code == .success, "\(trained.errors)")
      for format in ["torchscript", "onnx", "pth"] {
        let export = scene.run([
          "export", scene.path("runs/tiny"), "--format", format, "--output",
          scene.path("net.\(format)"),
        ])
        #expect(export.code == .success, "\(export.errors)")
        #expect(
          export.errors.contains(
            "no place to say that the network was trained with --condition cgan")
            == (format == "pth"))
      }
    }
  }

  @Test func aClassifier() throws {
    try withScene { scene in
      let trained = scene.train(
        "gan", "--condition", "sgan", "--hidden", "8", "--labels", "4", "--size", "8")
      #expect(trained.code == .success, "\(trained.errors)")
      #expect(trained.errors.contains("learning classes from 4 of 6 images\n"))
      func classify(_ more: String...) -> EndToEndScene.Outcome {
        scene.run(["gan", "classify", scene.path("runs/tiny"), scene.path("images")] + more)
      }
      let listed = classify()
      #expect(listed.code == .success, "\(listed.errors)")
      #expect(listed.outputLines.count == 7)
      #expect(listed.outputLines[0] == "image,class,probability")
      let fields = listed.outputLines[1].split(separator: ",").map(String.init)
      #expect(fields[0] == scene.path("images/ones/00.png"))
      #expect(["ones", "zeros"].contains(fields[1]))
      let probability = try #require(Double(fields[2]))
      #expect((0.5...1).contains(probability))

      let matrix = classify("--truth", "folders")
      let lines = matrix.outputLines
      #expect(lines[0] == "image,class,probability,truth")
      // One table; the matrix is for people.
      #expect(lines.count == 7)
      let ones = lines[1...6].filter { $0.split(separator: ",")[1] == "ones" }
      let right = ones.count { $0.hasSuffix(",ones") }
      #expect(
        matrix.errors.contains(
          """
          truth \\ class  ones  zeros
          ones              \(right)      \(3 - right)
          zeros             \(ones.count - right)      \(3 - ones.count + right)

          """), "\(matrix.errors)")

      #expect(classify("--max-images", "2").outputLines == Array(listed.outputLines[0...2]))

      // Nothing is said of images that were not reached.
      let recording = Recording()
      let stopped = CommandLineTool.cyclegan.run(
        ["gan", "classify", scene.path("runs/tiny"), scene.path("images"), "--truth", "folders"],
        CommandContext(console: recording.console, isInterrupted: { true }))
      #expect(stopped == .interrupted)
      #expect(recording.standardOutput == "image,class,probability,truth\n")

      let json = classify("--json", "--truth", "folders")
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      let images = try #require(object["images"] as? [[String: Any]])
      #expect(images.count == 6)
      let probabilities = try #require(images[0]["probabilities"] as? [String: Double])
      expectClose(probabilities.values.reduce(0, +), 1, tolerance: 1e-9)
      #expect(images[0]["class"] as? String == fields[1])
      #expect(
        object["confusion"] as? [[Int]] == [
          [right, 3 - right], [ones.count - right, 3 - ones.count + right],
        ])
      #expect(object["accuracy"] is Double)

      // A file that is no image is left out, and the end says so; a folder that is no class is as well.
      try Data("no image".utf8).write(to: scene.folder("images/ones/zz.png"))
      let broken = classify()
      #expect(broken.code == .failure)
      #expect(broken.outputLines.count == 7)
      #expect(broken.errors.contains("zz.png"))
      let alone = scene.run([
        "gan", "classify", scene.path("runs/tiny"), scene.path("images/ones/00.png"),
      ])
      #expect(alone.outputLines == [listed.outputLines[0], listed.outputLines[1]])

      // An image's class is the first folder below the given one, as in training, whatever the others are called.
      try FileManager.default.createDirectory(
        at: scene.folder("images/ones/1"), withIntermediateDirectories: true)
      try FileManager.default.moveItem(
        at: scene.folder("images/ones/zz.png"), to: scene.folder("images/ones/1/zz.png"))
      try FileManager.default.copyItem(
        at: scene.folder("images/ones/00.png"), to: scene.folder("images/ones/1/00.png"))
      let deep = classify("--truth", "folders").outputLines
      let below = try #require(deep.first { $0.contains("ones/1/00.png") })
      #expect(below.hasSuffix(",ones"))
      let own = scene.run([
        "gan", "classify", scene.path("runs/tiny"), scene.path("images/ones/1/00.png"), "--truth",
        "folders",
      ])
      #expect(own.code == .failure)
      #expect(own.errors.contains("there is no class '1'; there are 'ones' and 'zeros'"))

      // What many images lack is told once, and the end says how many they are.
      try writeImages(3, to: scene.folder("others/twos"), height: 20, width: 24, channels: 1)
      let others = scene.run([
        "gan", "classify", scene.path("runs/tiny"), scene.path("others"), "--truth", "folders",
      ])
      #expect(others.code == .failure)
      #expect(
        others.errors.hasSuffix(
          "warning: \(scene.path("others/twos/00.png")) and 2 other images: there is no class 'twos'; there are 'ones' "
            + "and 'zeros'\nerror: 3 of 3 images could not be used\n"), "\(others.errors)")

      // Numbers that are none have no likeliest class; large weights lead to them, and those that are none are refused.
      let file = scene.folder("runs/tiny/latest/net_D.safetensors")
      let saved = try SafeTensors.read(from: file)
      for (weight, words) in [
        (Double.nan, "its tensor '\(saved.tensors[0].name)' holds numbers that are not finite"),
        (3e38, "its weights lead to numbers that are not finite"),
      ] {
        try SafeTensors(
          saved.tensors.map { ($0.name, $0.tensor.filled(with: weight)) }, metadata: saved.metadata
        ).write(to: file)
        let broke = classify()
        #expect(broke.code == .failure)
        #expect(broke.errors.contains(words), "\(broke.errors)")
      }
    }
  }

  /// MNIST's files are taken as training takes them; their labels are the truth. A file of images alone has none.
  @Test func packedImagesAreClassified() throws {
    try withScene { scene in
      let folder = scene.folder("mnist")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      // Eight images of 4x4 pixels, black and white in turn.
      let pixels = (0..<8).flatMap { [UInt8](repeating: $0 % 2 == 0 ? 0 : 255, count: 16) }
      let images = Data([0, 0, 8, 3, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 4] + pixels)
      let labels = Data([0, 0, 8, 1, 0, 0, 0, 8] + (0..<8).map { UInt8($0 % 2) })
      try images.write(to: folder.appendingPathComponent("train-images-idx3-ubyte"))
      try labels.write(to: folder.appendingPathComponent("train-labels-idx1-ubyte"))
      try images.write(to: scene.folder("images-alone"))
      let trained = scene.run([
        "gan", "train", folder.path, "--condition", "acgan", "--hidden", "8", "--size", "4",
        "--batch-size", "4", "--steps", "2", "--name", "tiny", "--checkpoints-dir",
        scene.path("runs"),
      ])
      #expect(trained.code == .success, "\(trained.errors)")
      func classify(_ path: String, _ more: String...) -> EndToEndScene.Outcome {
        scene.run(["gan", "classify", scene.path("runs/tiny"), scene.path(path)] + more)
      }
      let known = classify("mnist", "--truth", "folders", "--max-images", "5")
      #expect(known.code == .success, "\(known.errors)")
      let rows = known.outputLines[1...5].map { $0.split(separator: ",").last }
      #expect(rows == ["0", "1", "0", "1", "0"])
      #expect(known.outputLines[2].hasPrefix("\"\(scene.path("mnist")), image 2\","))
      #expect(classify("images-alone").outputLines.count == 9)
      let unknown = classify("images-alone", "--truth", "folders")
      #expect(unknown.code == .failure)
      #expect(
        unknown.errors.contains(
          "image 1 and 7 other images: there are no labels that say the class"))
      #expect(unknown.lastError == "error: 8 of 8 images could not be used")
    }
  }

  /// A comma and a quote stand in quotes in CSV; what steers a terminal is no name of a class.
  @Test func namesOfClassesThatMeanSomethingElse() throws {
    try withScene { scene in
      let (ones, comma) = (scene.folder("images/ones"), scene.folder("images/a, \"b\""))
      try FileManager.default.moveItem(at: ones, to: comma)
      let trained = scene.train("gan", "--condition", "acgan", "--hidden", "8")
      #expect(trained.code == .success, "\(trained.errors)")
      let matrix = scene.run([
        "gan", "classify", scene.path("runs/tiny"), scene.path("images"), "--truth", "folders",
      ])
      #expect(matrix.code == .success, "\(matrix.errors)")
      let path = scene.path("images/a, \"\"b\"\"/00.png")
      #expect(matrix.outputLines[1].hasPrefix("\"\(path)\","))
      #expect(matrix.outputLines[1].hasSuffix(",\"a, \"\"b\"\"\""))
      #expect(matrix.errors.contains("truth \\ class  a, \"b\"  zeros\n"))

      try FileManager.default.moveItem(at: comma, to: scene.folder("images/\u{1B}[31mred\nx"))
      let refused = scene.train("gan", "--condition", "acgan", "--hidden", "8", "--name", "other")
      #expect(refused.code == .failure)
      #expect(
        refused.lastError.hasSuffix(
          "the class '\\u{1b}[31mred\\nx' has control characters in its name, or more than 255 bytes; rename it"
        ), "\(refused.lastError)")
      #expect(!(refused.output + refused.errors).contains("\u{1B}"))

      // Nor in a file of somebody's.
      let file = scene.folder("runs/tiny/latest/net_D.safetensors")
      let saved = try SafeTensors.read(from: file)
      for classes in [
        #"["cat\u001b[31m","dog"]"#, #"["cat","dog\n"]"#, #"["cat","cat"]"#, #"["cat"]"#,
        #"["cat",""]"#, #"["cat","\#(String(repeating: "x", count: 256))"]"#, "7",
      ] {
        var metadata = saved.metadata
        metadata["classes"] = classes
        try SafeTensors(saved.tensors, metadata: metadata).write(to: file)
        for command in [["inspect"], ["gan", "classify"]] {
          let outcome = scene.run(
            command + [file.path] + (command.count > 1 ? [scene.path("images")] : []))
          #expect(outcome.code == .failure)
          #expect(outcome.lastError.hasSuffix("the names of its classes are damaged"))
        }
      }

      // What a run says of its data is shown.
      let configuration = scene.folder("runs/tiny/config.json")
      let whole = try String(contentsOf: configuration, encoding: .utf8)
      try whole.replacingOccurrences(of: ": \"images\"", with: #": "\u001b[31m""#)
        .write(to: configuration, atomically: true, encoding: .utf8)
      try FileManager.default.removeItem(at: file)
      let inspected = scene.run(["inspect", scene.path("runs/tiny")])
      #expect(inspected.code == .success, "\(inspected.errors)")
      #expect(inspected.output.contains("\n\\u{1b}[31m (6), from "), "\(inspected.output)")
      #expect(!inspected.output.contains("\u{1B}"))

      // What its configuration says of classes.
      try whole.replacingOccurrences(of: "\"zeros\"", with: #""\u001b[31m""#)
        .write(to: configuration, atomically: true, encoding: .utf8)
      let resumed = scene.run([
        "gan", "train", "--name", "tiny", "--checkpoints-dir", scene.path("runs"), "--resume",
      ])
      #expect(resumed.code == .failure)
      #expect(
        resumed.lastError.hasSuffix(
          "the configuration is damaged: 'networks.condition.classes' is not of the right kind"),
        "\(resumed.lastError)")
    }
  }

  @Test func codesAreVaried() throws {
    try withScene { scene in
      let trained = scene.train("gan", "--condition", "infogan", "--codes", "3,u", "--hidden", "8")
      #expect(trained.code == .success, "\(trained.errors)")
      func width(_ code: String) throws -> Int {
        let made = scene.generate(
          "gan", "--vary", code, "--count", "2", "--sheet", scene.path("code\(code).png"))
        #expect(made.code == .success, "\(made.errors)")
        return try ImageFile.read(from: scene.folder("code\(code).png")).image.width
      }
      let widths = try ["1", "2"].map(width)
      // The scene has 20 rows, which fully connected layers take as they are.
      #expect(widths == [2 + 3 * 22, 2 + 10 * 22])
      #expect(
        scene.generate("gan", "--vary", "3", "--sheet", scene.path("x.png")).lastError.hasSuffix(
          "has the codes 3,u, of which 3 is none"))
      #expect(
        scene.generate("gan", "--class", "ones", "--sheet", scene.path("x.png")).lastError
          .hasSuffix(
            "was trained without classes; its codes are walked along by --vary"))
    }
  }

  @Test func whatGenerateRefuses() throws {
    try withScene { scene in
      #expect(scene.train("gan", "--hidden", "8").code == .success)
      let sheet = ["--sheet", scene.path("x.png")]
      func error(_ more: String...) -> String {
        scene.run(["gan", "generate", scene.path("runs/tiny")] + more + sheet).lastError
      }
      #expect(
        error("--class", "7").hasSuffix(
          "does not say that it has classes; runs with --condition cgan or acgan do"))
      #expect(
        error("--vary", "1").hasSuffix(
          "does not say that it has codes; a run with --condition infogan does"))
      #expect(error("--vary", "1", "--class", "2").contains("leave out --class"))
      #expect(error("--class", "all", "--interpolate", "3").contains("takes one class, not all"))
      let classified = scene.run([
        "gan", "classify", scene.path("runs/tiny"), scene.path("images"),
      ])
      #expect(classified.code == .failure)
      #expect(
        classified.lastError.hasSuffix(
          "its discriminator names no classes: it was trained without --condition; acgan and sgan name them"
        ))
    }
  }

  @Test func unknownClassesAreListed() throws {
    try withScene { scene in
      #expect(scene.train("gan", "--condition", "acgan", "--hidden", "8").code == .success)
      let made = scene.generate("gan", "--class", "twos", "--sheet", scene.path("x.png"))
      #expect(made.code == .failure)
      #expect(made.lastError.hasSuffix("there is no class 'twos'; there are 'ones' and 'zeros'"))
    }
  }

  @Test(arguments: [
    (
      ["--condition", "cgan", "--loss", "began"],
      "--loss: began does not work with --condition cgan"
    ),
    (
      ["--condition", "sgan", "--loss", "hinge"],
      "--loss: hinge does not work with --condition sgan"
    ),
    (["--condition", "sgan", "--flip-labels"], "--flip-labels: "),
    (["--condition", "sgan", "--accumulate", "2"], "--accumulate: "),
    (["--condition", "acgan", "--class", "ones"], "--class: this leaves one class"),
    (["--condition", "acgan", "--labels", "4"], "--labels: this belongs to --condition sgan"),
    (["--condition", "acgan", "--codes", "10"], "--codes: this belongs to --condition infogan"),
    (["--condition", "infogan", "--codes", "10,x"], "--codes: '10,x' is not a list of codes"),
    (["--condition", "bigan"], "--condition: 'bigan' is none of cgan, acgan, infogan, sgan"),
  ])
  func optionsThatDoNotGoTogether(_ options: [String], _ error: String) throws {
    try withScene { scene in
      let outcome = scene.run(["gan", "train", scene.path("images")] + options)
      #expect(outcome.code == .usage)
      #expect(outcome.lastError.hasPrefix("error: \(error)"), "\(outcome.lastError)")
    }
  }

  @Test func dataThatHaveNoClasses() throws {
    try withScene { scene in
      func error(_ folder: String, _ more: String...) -> String {
        scene.run(
          [
            "gan", "train", scene.path(folder), "--checkpoints-dir", scene.path("runs"),
            "--batch-size", "2",
          ] + more
        ).lastError
      }
      #expect(
        error("images/ones", "--condition", "cgan").hasSuffix(
          "needs classes, and there are none; give each class a folder in it, with the images of that class"
        ))
      #expect(
        error("images", "--condition", "sgan", "--labels", "7").hasSuffix(
          "--labels 7 is more than its 6 images"))
      try FileManager.default.removeItem(at: scene.folder("images/zeros"))
      #expect(
        error("images", "--condition", "acgan").contains(
          "needs two classes or more, and there is only 'ones'"))
    }
  }

  @Test func aConditionCannotBeChanged() throws {
    try withScene { scene in
      #expect(scene.train("gan", "--condition", "acgan", "--hidden", "8").code == .success)
      let resumed = scene.run([
        "gan", "train", "--name", "tiny", "--checkpoints-dir", scene.path("runs"), "--resume",
        "--condition", "cgan",
      ])
      #expect(resumed.code == .usage)
      #expect(resumed.lastError.contains("--condition: cgan is not the run's acgan"))
    }
  }

  /// Options that have no effect in the run that is resumed are not passed over; nor are they named as what the run has
  /// otherwise.
  @Test func optionsOfOtherConditionsAreRefusedInAResumedRun() throws {
    try withScene { scene in
      func error(_ more: String...) -> String {
        let resumed = scene.run(
          ["gan", "train", "--name", "tiny", "--checkpoints-dir", scene.path("runs"), "--resume"]
            + more)
        #expect(resumed.code == .usage)
        return resumed.lastError
      }
      #expect(scene.train("gan", "--hidden", "8").code == .success)
      #expect(error("--codes", "3") == "error: --codes: this belongs to --condition infogan")
      #expect(error("--labels", "5") == "error: --labels: this belongs to --condition sgan")
      #expect(error("--weight-clip", "0.5") == "error: --weight-clip: this belongs to --loss wgan")
      #expect(error("--dropout", "0.5").contains("--resume cannot change; start another"))
    }
    try withScene { scene in
      #expect(scene.train("gan", "--condition", "sgan", "--hidden", "8").code == .success)
      let resumed = scene.run([
        "gan", "train", "--name", "tiny", "--checkpoints-dir", scene.path("runs"), "--resume",
        "--labels", "4",
      ])
      #expect(resumed.lastError.contains("--labels: 4 is not the run's all, which --resume"))
    }
  }
}
