import Foundation
import TestSupport
import Testing
import Torch

@testable import Commands

/// `export` through the command line, on the stored runs.
struct EndToEndExportTests {
  private func run(_ arguments: [String]) -> EndToEndScene.Outcome {
    let recording = Recording()
    let code = CommandLineTool.cyclegan.run(["export"] + arguments, recording.context)
    return .init(
      code: code, output: recording.standardOutput, errors: recording.standardError)
  }

  private static let translator = fixture("Runs/cyclegan").path
  private static let samples = fixture("Runs/dcgan").path

  @Test(arguments: ["onnx", "torchscript", "pth", "safetensors"], [translator, samples])
  func everyFormatOfEveryKind(_ format: String, _ model: String) throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("model").path
      let done = run([model, "--format", format, "--output", file])
      #expect(done.code == .success, "\(done.errors)")
      #expect(done.output == "\(file)\n")
      #expect(done.errors.contains("differs by at most") == (format != "onnx"))
      let again = run([model, "--format", format, "--output", file])
      #expect(again.code == .failure)
      #expect(again.lastError == "error: \(file): it exists already; use --overwrite")
      #expect(run([model, "--format", format, "--output", file, "--overwrite"]).code == .success)
    }
  }

  /// The other generator, back from a .pth file.
  @Test func theOtherDirection() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("latest_net_G_B.pth")
      let done = run([
        Self.translator, "--format", "pth", "--direction", "b-to-a", "--output", file.path,
      ])
      #expect(done.code == .success, "\(done.errors)")
      let written = try WeightsFile(file).read()
      let own = try SafeTensors.read(
        from: fixture("Runs/cyclegan/latest/net_G_B.safetensors")
      ).byName
      #expect(written.count == own.count)
      for (name, tensor) in written { #expect(tensor.bytes == own[name]?.bytes, "\(name)") }
    }
  }

  @Test func anEpochsSnapshot() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("model").path
      let latest = run([
        Self.translator, "--format", "pth", "--epoch", "latest", "--output", file,
      ])
      #expect(latest.code == .success, "\(latest.errors)")
      let none = run([Self.translator, "--format", "pth", "--epoch", "40", "--output", file])
      #expect(none.lastError.contains("there is no snapshot of epoch 40 in it"))
      let samples = run([Self.samples, "--format", "pth", "--epoch", "40", "--output", file])
      #expect(samples.code == .usage)
      #expect(samples.lastError.hasPrefix("error: --epoch: this has no effect on the generator in"))
    }
  }

  @Test(arguments: [
    (["--format", "keras"], "--format: 'keras' is none of onnx, torchscript, pth, safetensors"),
    ([], "--format is missing: one of onnx, torchscript, pth, safetensors"),
    (
      ["--format", "pth", "--size", "64x64"], "--size: this has no effect with --format pth"
    ),
    (
      ["--format", "torchscript", "--include-preprocessing"],
      "--include-preprocessing: this has no effect with --format torchscript"
    ),
    (["--format", "onnx", "--size", "64"], nil),
    (
      ["--format", "onnx", "--size", "64x66"],
      "--size: 66 is not possible; this network takes multiples of 4 from 8 on"
    ),
    (
      ["--format", "onnx", "--size", "64x"],
      "--size: '64x' is not a size such as 256x384, height by width"
    ),
    (["--format", "onnx", "--no-ema"], nil),
  ])
  func wrongUsageIsNamed(_ options: [String], _ message: String?) throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("model").path
      let outcome = run([Self.translator, "--output", file] + options)
      #expect(outcome.code == (message == nil ? .success : .usage))
      if let message {
        let shown = message.replacingOccurrences(of: "MODEL", with: Self.translator)
        #expect(outcome.lastError == "error: \(shown)")
      }
    }
  }
}
