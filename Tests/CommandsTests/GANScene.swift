import Foundation
import Imaging
import TestSupport

@testable import Commands

/// Six gray images of two classes, and `dcgan` and `gan` as their users call them.
struct GANScene {
  private let scene: EndToEndScene

  init(in root: URL) throws {
    scene = try EndToEndScene(in: root)
    let images = root.appendingPathComponent("images")
    for (index, name) in ["zeros", "ones"].enumerated() {
      try writeImages(
        3, to: images.appendingPathComponent(name), first: 10 * index, height: 20, width: 24,
        channels: 1)
    }
  }

  func path(_ path: String) -> String { scene.path(path) }
  func folder(_ path: String) -> URL { scene.folder(path) }
  func run(_ arguments: [String]) -> EndToEndScene.Outcome { scene.run(arguments) }

  /// Three steps of three images, into `runs/tiny`; what `more` says comes last and wins.
  func train(_ model: String, _ more: String...) -> EndToEndScene.Outcome {
    scene.run(
      [
        model, "train", path("images"), "--name", "tiny", "--checkpoints-dir", path("runs"),
        "--latent", "10", "--batch-size", "3", "--steps", "3", "--log-every", "1", "--workers", "2",
      ] + more)
  }

  func generate(_ model: String, _ more: String...) -> EndToEndScene.Outcome {
    scene.run([model, "generate", path("runs/tiny")] + more)
  }

  func bytes(_ file: String) throws -> Data { try Data(contentsOf: folder(file)) }

  /// The samples of a gray image.
  func image(_ file: String) throws -> [UInt8] {
    let image = try ImageFile.read(from: folder(file)).image
    guard case .eightBit(let samples) = image.samples else { return [] }
    return samples
  }
}
