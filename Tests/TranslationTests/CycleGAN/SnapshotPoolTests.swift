import Files
import Foundation
import TestSupport
import Testing
import Torch

@testable import Training
@testable import Translation

/// Pools of a snapshot that no run of its configuration can have saved.
struct SnapshotPoolTests {
  /// The networks of `TinyRun` take images of three channels from 8x8 on.
  @Test(arguments: [
    [1, 1, 16, 16], [3, 16, 16], [2, 3, 16, 16], [1, 3, 7, 16], [1, 3, 0, 0], [],
  ])
  func imagesOfAnotherShapeAreRefused(_ shape: [Int]) throws {
    try expectRefusal(
      "'pool.B.1' of shape \(shape) is no image for these networks, which take "
        + "[1, 3, height, width] from 8x8 on"
    ) { tensors in
      let index = try #require(tensors.firstIndex { $0.name == "pool.B.1" })
      tensors[index].tensor = .zeros(shape: shape)
    }
  }

  @Test func aGapIsNamed() throws {
    try expectRefusal("'pool.A.1' of 2 images is missing") { tensors in
      tensors.removeAll { $0.name == "pool.A.1" }
    }
  }

  /// Other programs may keep them as half floats.
  @Test func otherTypesAreConverted() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 3)
      try change(run) { tensors in
        tensors = tensors.map {
          ($0.name, $0.name.hasPrefix("pool.") ? $0.tensor.converted(to: .float16) : $0.tensor)
        }
      }
      let trainer = CycleGANTrainer(configuration: run.configuration, device: .cpu)
      _ = try Snapshot(url: run.folder.latest).restore(into: trainer)
      #expect(trainer.poolA.images.map(\.dtype) == [.float32, .float32, .float32])
      #expect(try run.train(resuming: true) == .finished)
    }
  }

  private func expectRefusal(
    _ reason: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (inout [(name: String, tensor: Tensor)]) throws -> Void
  ) throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 3)
      let file = try change(run, body)
      let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) {
        try run.train(resuming: true)
      }
      #expect(error?.description == "\(file.path): \(reason)", sourceLocation: sourceLocation)
    }
  }

  @discardableResult
  private func change(
    _ run: TinyRun, _ body: (inout [(name: String, tensor: Tensor)]) throws -> Void
  ) throws -> URL {
    let file = run.folder.latest.appendingPathComponent("training.safetensors")
    var saved = try SafeTensors.read(from: file)
    try body(&saved.tensors)
    try saved.write(to: file)
    return file
  }
}
