import Files
import Foundation
import Torch

/// A kind of file that a generator can be written as.
package enum ExportFormat: String, Sendable, CaseIterable {
  case onnx, torchscript, pth, safetensors

  /// The name of the file with a network's weights, such as "G_A"; the reference's own for `.pth`.
  package func fileName(of network: String) -> String {
    switch self {
    case .onnx: "net_\(network).onnx"
    case .torchscript: "net_\(network).pt"
    case .pth: "latest_net_\(network).pth"
    case .safetensors: "net_\(network).safetensors"
    }
  }
}

extension ExportableGenerator {
  /// Writes the generator under a temporary name, runs what stands there where this program can, and renames it. The
  /// network's weights may be the file's after that, which `options.half` rounds.
  ///
  /// - Returns: the largest difference between the file's output and the network's, for an image or latents in
  ///   [-1, 1]; `nil` for ONNX, which is not run here.
  /// Throws `FileError`, also where the file, read again, is another network or far from this one.
  package func write(
    _ format: ExportFormat, to url: URL, options: ONNXModel.Options
  ) throws -> Double? {
    let file = try ReplacementFile(at: url)
    try write(format, to: file, options)
    let difference: Double?
    do { difference = try self.difference(of: format, file.temporaryURL, options) } catch let error
      as FileError
    {
      throw FileError(path: url.relativePath, reason: error.reason)
    }
    if let difference, !(difference <= (options.half ? 0.1 : 1e-3)) {
      throw FileError(
        path: url.relativePath,
        reason: "what was written differs from the network by \(difference); it is not kept")
    }
    try file.commit()
    return difference
  }

  private func write(
    _ format: ExportFormat, to file: ReplacementFile, _ options: ONNXModel.Options
  ) throws {
    let tensors = stateDict(half: options.half)
    switch format {
    case .onnx: try ONNXModel(self, options: options).write(to: file)
    case .pth: try PyTorchCheckpoint(tensors, metadata: description).write(to: file)
    case .safetensors:
      let metadata = description.merging(["format": "pt"]) { own, _ in own }
      try SafeTensors(tensors, metadata: metadata).write(to: file)
    case .torchscript:
      let buffers = network.namedParameters().filter { !$0.value.isTrainable }.map(\.name)
      try ScriptedModule(
        source: LayerGraph(of: network).torchScript(convertsWeights: options.half),
        tensors: tensors, buffers: Set(buffers), metadata: description
      ).write(to: file)
    }
  }

  /// Runs what was written: a state dict in the network itself, of which a second one may not fit into memory, and
  /// whose weights are then the file's.
  private func difference(
    of format: ExportFormat, _ url: URL, _ options: ONNXModel.Options
  ) throws -> Double? {
    if format == .onnx { return nil }
    let trial = trial(size: options.size)
    let expected = output(of: trial)
    let found: Tensor
    if format == .torchscript {
      found = try ScriptFile(url, on: .cpu).output(for: [trial])
    } else {
      // Emptied first, so that nothing is there but what was read.
      for (_, parameter) in network.namedParameters() {
        let tensor = parameter.tensor
        tensor.copyInPlace(from: tensor.filled(with: 0))
      }
      try network.load(WeightsFile(url))
      found = output(of: trial)
    }
    guard found.shape == expected.shape else { return .infinity }
    return zip(found.elements, expected.elements).reduce(0.0) {
      max($0, Double(abs($1.0 - $1.1)))
    }
  }
}
