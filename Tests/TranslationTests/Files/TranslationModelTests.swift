import Files
import Foundation
import Imaging
import Models
import TestSupport
import Testing
import Torch

@testable import Translation

/// Where a generator is looked for, and what is said about one that does not fit.
struct TranslationModelTests {
  /// A run of two snapshots; the newer one is the latest. Only it has generators.
  private func makeRun(in root: URL) throws -> (run: URL, snapshot: URL) {
    let run = root.appendingPathComponent("run")
    let snapshot = run.appendingPathComponent("snapshots/epoch-0002")
    try FileManager.default.createDirectory(at: snapshot, withIntermediateDirectories: true)
    for (name, seed) in [("G_A", 11), ("G_B", 12)] as [(String, UInt64)] {
      let generator = TranslationScene.generator(seed: seed)
      try SafeTensors(generator.stateDict)
        .write(to: snapshot.appendingPathComponent("net_\(name).safetensors"))
    }
    try FileManager.default.createSymbolicLink(
      atPath: run.appendingPathComponent("latest").path,
      withDestinationPath: "snapshots/epoch-0002")
    return (run, snapshot)
  }

  @Test(arguments: [(TranslationDirection.aToB, "G_A", 11), (.bToA, "G_B", 12)])
  func runsSnapshotsAndFilesHoldBothDirections(
    _ direction: TranslationDirection, name: String, seed: UInt64
  ) throws {
    try withTemporaryFolder { root in
      let (run, snapshot) = try makeRun(in: root)
      let file = snapshot.appendingPathComponent("net_\(name).safetensors")
      let scene = try TranslationScene(in: root)
      let image = makeImage(1)
      try scene.write(image, "a.png")
      let generator = TranslationScene.generator(seed: seed)
      let output = withoutGradients { generator(Tensor(images: [image]), .inference) }
      let expected = output.images()[0]
      for model in [run, snapshot, run.appendingPathComponent("latest"), file] {
        try scene.translate(model: model, direction: direction)
        #expect(try scene.result("a.png") == expected)
      }
      #expect(expected != scene.plainOutput(for: image).images()[0])
    }
  }

  /// A weights file has one generator, whichever direction was asked for.
  @Test func aFileIgnoresTheDirection() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      for direction in TranslationDirection.allCases {
        let model = try TranslationModel(at: scene.weights, direction: direction)
        #expect(model.file == scene.weights)
        #expect(model.configuration.baseChannels == 2)
      }
    }
  }

  @Test func withoutAModelThePathIsNamed() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let missing = root.appendingPathComponent("missing")
      expectFileError("\(missing.path): there is no such run, snapshot or weights file") {
        try scene.translate(model: missing)
      }
      expectFileError(
        "\(scene.inputs.path): there is no snapshot in it, nor net_G_B (.safetensors, .pth)"
      ) {
        try TranslationModel.weightsFile(at: scene.inputs, direction: .bToA)
      }
    }
  }

  @Test func everyDifferenceIsListed() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      var state = scene.generator.stateDict
      state.removeAll { $0.name == "model.7.bias" || $0.name == "model.10.conv_block.5.weight" }
      state.append(("model.99.weight", .zeros(shape: [1])))
      state.append(("extra", .zeros(shape: [2, 2])))
      let index = try #require(state.firstIndex { $0.name == "model.4.bias" })
      state[index].tensor = .zeros(shape: [3])
      try SafeTensors(state).write(to: scene.weights)
      try scene.write(makeImage(0), "a.png")
      let error = #expect(throws: StateDictMismatch.self) { try scene.translate() }
      #expect(
        error?.description == """
          \(scene.weights.path) does not fit this model (5 differences): missing model.7.bias; \
          missing model.10.conv_block.5.weight; unexpected extra; ...
            missing     model.7.bias
            missing     model.10.conv_block.5.weight
            unexpected  extra
            unexpected  model.99.weight
            shape       model.4.bias: file has [3], model wants [4]
          """)
      #expect(filesBelow(scene.outputs) == [])
    }
  }

  @Test func aDiscriminatorIsNoGenerator() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let discriminator = DiscriminatorConfiguration().makeDiscriminator()
      try SafeTensors(discriminator.stateDict).write(to: scene.weights)
      expectFileError(
        "\(scene.weights.path): it is a patch discriminator, 3 layers, 64 filters, 3 channels, not a "
          + "generator"
      ) { try scene.translate() }
    }
  }

  /// Anywhere: in the length, in the header, before and inside the data.
  @Test func truncatedFilesAreNamed() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let whole = try Data(contentsOf: scene.weights)
      let headerEnd = 8 + Int(whole[0]) + Int(whole[1]) << 8
      for count in [0, 7, 8, headerEnd - 1, headerEnd, headerEnd + 1, whole.count - 1] {
        try whole.prefix(count).write(to: scene.weights)
        let error = #expect(throws: FileError.self, "\(count) bytes") {
          try TranslationModel(at: scene.weights, direction: .aToB)
        }
        #expect(error?.path == scene.weights.path)
        let words = count == 0 ? "empty" : count < 8 ? "it has only \(count) bytes" : "truncated"
        #expect(error?.reason.contains(words) == true)
      }
    }
  }

  private func expectFileError<R>(
    _ message: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> R
  ) {
    let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) { _ = try body() }
    #expect(error?.description == message, sourceLocation: sourceLocation)
  }
}
