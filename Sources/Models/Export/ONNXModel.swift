import Files
import ProtocolBuffers
import Torch

/// A generator as an ONNX model of operator set 17. Source: `onnx.proto` and `Operators.md` of onnx/onnx.
///
/// It takes `image` and returns `translated`, `[batch, channels, height, width]` in [-1, 1], or takes `latent`
/// and returns `image`. Weights of 16 bits are converted to 32 when the model is loaded, so that it computes in
/// float32 everywhere.
package struct ONNXModel {
  /// What the user can choose.
  package struct Options {
    /// Weights of 16 bits.
    package var half = false
    /// Of the input image, where it is fixed; any otherwise.
    package var size: (height: Int, width: Int)?
    /// Takes and returns bytes, `[batch, height, width, channels]` from 0 to 255.
    package var includesPreprocessing = false

    package init() {}
  }

  private let graph: ONNXGraph
  private let metadata: [String: String]

  package init(_ generator: ExportableGenerator, options: Options) {
    var graph = ONNXGraph(name: generator.network is DCGANGenerator ? "DCGAN" : "generator")
    for (name, tensor) in generator.network.stateDict where !name.hasSuffix("num_batches_tracked") {
      graph.add(tensor, named: name, half: options.half)
    }
    let ends = Ends(generator, options)
    let layers = LayerGraph(of: generator.network)
    var values = [ends.writeInput(to: &graph)]
    for (index, node) in layers.nodes.enumerated() {
      let isLast = index + 1 == layers.output
      let name = isLast && ends.outputIsPlain ? generator.outputName : "value_\(index + 1)"
      graph.add(node, inputs: node.inputs.map { values[$0] }, output: name)
      values.append(name)
    }
    ends.writeOutput(values[layers.output], to: &graph)
    self.graph = graph
    metadata = generator.description
  }

  /// Writes one weight after the other. Throws `FileError`.
  package func write(to file: ReplacementFile) throws(FileError) {
    var before = ProtocolBuffer()
    before.integer(1, 8)  // the version of the format that came with operator set 17
    before.text(2, "cyclegan")
    before.begin(7, count: graph.byteCount)
    var after = ProtocolBuffer()
    after.message(8) {
      $0.text(1, "")  // ONNX's own operators
      $0.integer(2, 17)
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      after.message(14) {
        $0.text(1, key)
        $0.text(2, value)
      }
    }
    let byteCount = before.bytes.count + graph.byteCount + after.bytes.count
    guard byteCount <= Self.mostBytes else {
      throw FileError(
        path: file.url.relativePath,
        reason: "an ONNX file ends at 2 GiB, this one would have \(byteCount) bytes; use --half or "
          + "another format")
    }
    try file.write(before.bytes)
    try graph.write(to: file)
    try file.write(after.bytes)
  }

  /// Readers of protocol buffers take no larger ones.
  private static let mostBytes = Int(Int32.max)
}

/// What stands before a network and behind it.
private struct Ends {
  private let generator: ExportableGenerator
  private let options: ONNXModel.Options

  init(_ generator: ExportableGenerator, _ options: ONNXModel.Options) {
    self.generator = generator
    self.options = options
  }

  var outputIsPlain: Bool { !options.includesPreprocessing }

  private var takesBytes: Bool {
    if case .image = generator.input { options.includesPreprocessing } else { false }
  }

  /// Declares the model's input and returns the name of the network's.
  func writeInput(to graph: inout ONNXGraph) -> String {
    let name = generator.input.name
    let type: ONNXType = takesBytes ? .uint8 : .float
    switch generator.input {
    case .latent(let count):
      graph.addInput(name, type, [.any("batch"), .fixed(count)])
    case .image(let channels, _, _):
      let sides: [ONNXGraph.Size] =
        options.size.map { [.fixed($0.height), .fixed($0.width)] } ?? [
          .any("height"), .any("width"),
        ]
      graph.addInput(
        name, type,
        takesBytes
          ? [.any("batch")] + sides + [.fixed(channels)]
          : [.any("batch"), .fixed(channels)] + sides)
    }
    guard takesBytes else { return name }
    graph.add("Cast", [name], "pixels", [.integer("to", ONNXType.float.rawValue)])
    graph.add("Transpose", ["pixels"], "levels", [.integers("perm", [0, 3, 1, 2])])
    graph.add("Mul", ["levels", graph.constant("step", 2.0 / 255)], "scaled")
    graph.add("Sub", ["scaled", graph.constant("one", 1)], "prepared")
    return "prepared"
  }

  /// Declares the model's output, which follows from the network's.
  func writeOutput(_ value: String, to graph: inout ONNXGraph) {
    let name = generator.outputName
    var sides: [ONNXGraph.Size] = [.any("\(name)_height"), .any("\(name)_width")]
    if let size = options.size { sides = [.fixed(size.height), .fixed(size.width)] }
    let channels = ONNXGraph.Size.fixed(generator.outputChannels)
    guard options.includesPreprocessing else {
      graph.addOutput(name, .float, [.any("batch"), channels] + sides)
      return
    }
    graph.add("Add", [value, graph.constant("one", 1)], "positive")
    graph.add("Mul", ["positive", graph.constant("half_range", 127.5)], "in_range")
    graph.add("Round", ["in_range"], "rounded")
    let limits = [graph.constant("lowest", 0), graph.constant("highest", 255)]
    graph.add("Clip", ["rounded"] + limits, "clipped")
    graph.add("Transpose", ["clipped"], "interleaved", [.integers("perm", [0, 2, 3, 1])])
    graph.add("Cast", ["interleaved"], name, [.integer("to", ONNXType.uint8.rawValue)])
    graph.addOutput(name, .uint8, [.any("batch")] + sides + [channels])
  }
}
