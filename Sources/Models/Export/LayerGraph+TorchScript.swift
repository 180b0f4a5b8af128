extension LayerGraph {
  /// The graph as the `forward` of a module of TorchScript that has the network's tensors as its attributes.
  /// - Parameter convertsWeights: to the type of the input, where they have another.
  package func torchScript(convertsWeights: Bool) -> String {
    var writer = ScriptWriter(convertsWeights: convertsWeights)
    for (index, node) in nodes.enumerated() {
      let expression = writer.expression(node)
      writer.add("x\(index + 1) = \(expression)")
    }
    writer.add("return x\(output)")
    return writer.lines.joined(separator: "\n") + "\n"
  }
}

/// The lines of a `forward`, which finds each module on the way to a tensor once.
private struct ScriptWriter {
  private(set) var lines = ["def forward(self, x0: Tensor) -> Tensor:"]
  private let convertsWeights: Bool
  private var modules = ["": "self"]

  init(convertsWeights: Bool) { self.convertsWeights = convertsWeights }

  mutating func add(_ line: String) { lines.append("    \(line)") }

  /// A module's variable.
  private mutating func module(_ path: some StringProtocol) -> String {
    if let known = modules[String(path)] { return known }
    let (parent, name) = Self.split(path)
    let found = Self.attribute(module(parent), name)
    let variable = "m\(modules.count)"
    add("\(variable) = \(found)")
    modules[String(path)] = variable
    return variable
  }

  private mutating func tensor(_ name: String) -> String {
    let (path, last) = Self.split(name)
    return Self.attribute(module(path), last) + (convertsWeights ? ".to(x0.dtype)" : "")
  }

  private mutating func tensor(_ name: String?) -> String {
    guard let name else { return "None" }
    return tensor(name)
  }

  /// What is a number is no name in code.
  private static func attribute(_ object: String, _ name: Substring) -> String {
    name.first?.isNumber == true ? "getattr(\(object), \"\(name)\")" : "\(object).\(name)"
  }

  /// "model.1.weight" as "model.1" and "weight".
  private static func split(_ path: some StringProtocol) -> (Substring, Substring) {
    let path = Substring(path)
    guard let dot = path.lastIndex(of: ".") else { return ("", path) }
    return (path[..<dot], path[path.index(after: dot)...])
  }

  mutating func expression(_ node: LayerGraph.Node) -> String {
    let x = node.inputs.map { "x\($0)" }
    func pair(_ number: Int) -> String { "[\(number), \(number)]" }
    switch node.operation {
    case .convolution(let weight, let bias, let stride, let padding):
      return "torch.conv2d(\(x[0]), \(tensor(weight)), \(tensor(bias)), \(pair(stride)), "
        + "\(pair(padding)))"
    case .transposedConvolution(let weight, let bias, let stride, let padding, let outputPadding):
      return "torch.conv_transpose2d(\(x[0]), \(tensor(weight)), \(tensor(bias)), "
        + "\(pair(stride)), \(pair(padding)), \(pair(outputPadding)))"
    case .instanceNorm(_, let eps):
      return "torch.instance_norm(\(x[0]), None, None, None, None, True, 0.1, \(eps), False)"
    case .batchNorm(let name, let eps):
      let tensors = ["weight", "bias", "running_mean", "running_var"].map {
        tensor("\(name).\($0)")
      }
      return
        "torch.batch_norm(\(x[0]), \(tensors.joined(separator: ", ")), False, 0.1, \(eps), False)"
    case .leakyReLU(let slope):
      return slope == 0 ? "torch.relu(\(x[0]))" : "torch.leaky_relu(\(x[0]), \(slope))"
    case .tanh: return "torch.tanh(\(x[0]))"
    case .doubling: return "torch.upsample_bilinear2d(\(x[0]), None, False, [2.0, 2.0])"
    case .smoothing(let channels):
      let filter =
        "torch.tensor([[\(LayerGraph.smoothingFilter)]], dtype=\(x[0]).dtype, device=\(x[0]).device)"
      return "torch.conv2d(\(x[0]), \(filter).expand([\(channels), 1, 3, 3]), None, \(pair(1)), "
        + "\(pair(0)), \(pair(1)), \(channels))"
    case .reflectionPad(let padding):
      return "torch.reflection_pad2d(\(x[0]), [\(padding), \(padding), \(padding), \(padding)])"
    case .linear(let weight, let bias):
      return "torch.linear(\(x[0]), \(tensor(weight)), \(tensor(bias)))"
    case .reshape(let sizes):
      let shape = (["-1"] + sizes.map(String.init)).joined(separator: ", ")
      return "torch.reshape(\(x[0]), [\(shape)])"
    case .part(let range):
      return "torch.narrow(\(x[0]), 1, \(range.lowerBound), \(range.count))"
    case .sum: return "\(x[0]) + \(x[1])"
    case .concatenation: return "torch.cat([\(x[0]), \(x[1])], 1)"
    }
  }
}
