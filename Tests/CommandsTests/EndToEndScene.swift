import Foundation
import Imaging
import TestSupport
import Testing

@testable import Commands

/// Two folders of small images, and the tool as its users call it.
struct EndToEndScene {
  let root: URL

  /// What a call left behind.
  struct Outcome {
    let code: ExitCode
    let output: String
    let errors: String

    /// The last line on the standard error.
    var lastError: String { errors.split(separator: "\n").last.map(String.init) ?? "" }
    var outputLines: [String] { output.split(separator: "\n").map(String.init) }
  }

  init(in root: URL) throws {
    self.root = root
    try writeImages(3, to: folder("trainA"), height: 20, width: 20)
    try writeImages(2, to: folder("trainB"), first: 40, height: 20, width: 20)
  }

  func folder(_ path: String) -> URL { root.appendingPathComponent(path) }
  func path(_ path: String) -> String { folder(path).path }

  /// - Parameter variables: of the environment.
  func run(_ arguments: [String], launchedWith variables: [String: String] = [:]) -> Outcome {
    let recording = Recording()
    let code = CommandLineTool.cyclegan.run(
      arguments, recording.context(launchedWith: variables))
    return Outcome(
      code: code, output: recording.standardOutput, errors: recording.standardError)
  }

  /// `train` with networks of two filters on crops of 16x16, into `runs/tiny`.
  func train(
    _ folders: [String]? = nil, runs: String = "runs", _ more: String...
  ) -> Outcome {
    run(
      ["train"] + (folders ?? [path("trainA"), path("trainB")])
        + ["--name", "tiny", "--checkpoints-dir", path(runs)]
        + words(
          """
          --generator resnet6 --blocks 1 --generator-filters 2 --discriminator-layers 1
          --discriminator-filters 2 --load-size 18 --crop-size 16 --pool-size 2 --precision fp32
          --steps 3 --log-every 1 --workers 2
          """) + more)
  }

  /// `translate` of what is in `photos`, into `results`.
  func translate(_ more: String...) -> Outcome {
    run(
      ["translate", path("runs/tiny"), path("photos"), "--output", path("results")] + more)
  }

  private func words(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
