import Foundation
import ProtocolBuffers
import Torch

/// ONNX's numbers for the types of elements.
enum ONNXType: Int {
  case float = 1
  case uint8 = 2
  case int64 = 7
  case float16 = 10
}

/// The graph of an ONNX model while it is put together: a `GraphProto`.
struct ONNXGraph {
  enum Attribute {
    case float(String, Double)
    case integer(String, Int)
    case integers(String, [Int])
    case text(String, String)
  }

  /// One axis of a value.
  enum Size {
    case fixed(Int)
    /// Whatever the model is given; the name is the same where the number is.
    case any(String)
  }

  private var nodes = ProtocolBuffer()
  private var tensors = ProtocolBuffer()
  private var ends = ProtocolBuffer()
  private var constants: Set<String> = []
  private let name: String

  init(name: String) { self.name = name }

  var message: ProtocolBuffer {
    var graph = nodes
    graph.text(2, name)
    graph.append(tensors)
    graph.append(ends)
    return graph
  }

  mutating func addInput(_ name: String, _ type: ONNXType, _ shape: [Size]) {
    ends.message(11, Self.value(name, type, shape))
  }

  mutating func addOutput(_ name: String, _ type: ONNXType, _ shape: [Size]) {
    ends.message(12, Self.value(name, type, shape))
  }

  private static func value(_ name: String, _ type: ONNXType, _ shape: [Size]) -> ProtocolBuffer {
    var value = ProtocolBuffer()
    value.text(1, name)
    value.message(2) {
      $0.message(1) {
        $0.integer(1, type.rawValue)
        $0.message(2) {
          for size in shape {
            $0.message(1) {
              switch size {
              case .fixed(let number): $0.integer(1, number)
              case .any(let name): $0.text(2, name)
              }
            }
          }
        }
      }
    }
    return value
  }

  /// A weight. One of 16 bits is kept under another name and converted.
  mutating func add(_ tensor: Tensor, named name: String, half: Bool) {
    guard half else { return initializer(name, .float, tensor.shape, tensor.bytes) }
    initializer("\(name).half", .float16, tensor.shape, tensor.converted(to: .float16).bytes)
    add("Cast", ["\(name).half"], name, [.integer("to", ONNXType.float.rawValue)])
  }

  private mutating func initializer(
    _ name: String, _ type: ONNXType, _ shape: [Int], _ bytes: [UInt8]
  ) {
    tensors.message(5) {
      for size in shape { $0.integer(1, size) }
      $0.integer(2, type.rawValue)
      $0.text(8, name)
      $0.data(9, bytes)
    }
  }

  /// The name of a scalar, which is added once.
  mutating func constant(_ name: String, _ value: Float) -> String {
    if constants.insert(name).inserted {
      initializer(name, .float, [], withUnsafeBytes(of: value) { Array($0) })
    }
    return name
  }

  /// The name of so many equal numbers.
  private mutating func constants(_ name: String, _ value: Float, count: Int) -> String {
    let name = "\(name)_\(count)"
    if constants.insert(name).inserted {
      let values = [Float](repeating: value, count: count)
      initializer(name, .float, [count], values.withUnsafeBytes { Array($0) })
    }
    return name
  }

  /// The name of factors for the axes.
  private mutating func scales(_ name: String, _ values: [Float]) -> String {
    if constants.insert(name).inserted {
      initializer(name, .float, [values.count], values.withUnsafeBytes { Array($0) })
    }
    return name
  }

  /// The name of whole numbers, such as a shape.
  private mutating func integers(_ name: String, _ values: [Int]) -> String {
    let name = name + values.map { "_\($0)" }.joined()
    if constants.insert(name).inserted {
      initializer(name, .int64, [values.count], values.withUnsafeBytes { Array($0) })
    }
    return name
  }

  mutating func add(
    _ operation: String, _ inputs: [String], _ output: String, _ attributes: [Attribute] = []
  ) {
    nodes.message(1) {
      for input in inputs { $0.text(1, input) }
      $0.text(2, output)
      $0.text(3, output)  // the node has the name of what it makes
      $0.text(4, operation)
      for attribute in attributes { $0.message(5, Self.message(attribute)) }
    }
  }

  private static func message(_ attribute: Attribute) -> ProtocolBuffer {
    var message = ProtocolBuffer()
    func begin(_ name: String, _ type: Int) {
      message.text(1, name)
      message.integer(20, type)
    }
    switch attribute {
    case .float(let name, let value):
      begin(name, 1)
      message.float(2, Float(value))
    case .integer(let name, let value):
      begin(name, 2)
      message.integer(3, value)
    case .text(let name, let value):
      begin(name, 3)
      message.text(4, value)
    case .integers(let name, let values):
      begin(name, 7)
      for value in values { message.integer(8, value) }
    }
    return message
  }
}

// MARK: The layers

extension ONNXGraph {
  mutating func add(_ node: LayerGraph.Node, inputs: [String], output: String) {
    switch node.operation {
    case .convolution(let weight, let bias, let stride, let padding):
      let tensors = inputs + [weight] + (bias.map { [$0] } ?? [])
      add("Conv", tensors, output, Self.window(stride, padding))
    case .transposedConvolution(let weight, let bias, let stride, let padding, let outputPadding):
      let tensors = inputs + [weight] + (bias.map { [$0] } ?? [])
      add(
        "ConvTranspose", tensors, output,
        Self.window(stride, padding)
          + [.integers("output_padding", [outputPadding, outputPadding])])
    case .instanceNorm(let channels, let eps):
      let scale = constants("ones", 1, count: channels)
      let shift = constants("zeros", 0, count: channels)
      add("InstanceNormalization", inputs + [scale, shift], output, [.float("epsilon", eps)])
    case .batchNorm(let name, let eps):
      let tensors = ["weight", "bias", "running_mean", "running_var"].map { "\(name).\($0)" }
      add("BatchNormalization", inputs + tensors, output, [.float("epsilon", eps)])
    case .leakyReLU(let slope):
      if slope == 0 {
        add("Relu", inputs, output)
      } else {
        add("LeakyRelu", inputs, output, [.float("alpha", slope)])
      }
    case .tanh: add("Tanh", inputs, output)
    case .doubling:
      // The second input is of another way to say the region.
      add(
        "Resize", inputs + ["", scales("doubling", [1, 1, 2, 2])], output,
        [
          .text("mode", "linear"), .text("coordinate_transformation_mode", "half_pixel"),
        ])
    case .reflectionPad(let padding):
      let pads = integers("pads", [0, 0, padding, padding, 0, 0, padding, padding])
      add("Pad", inputs + [pads], output, [.text("mode", "reflect")])
    case .linear(let weight, let bias):
      add("Gemm", inputs + [weight] + (bias.map { [$0] } ?? []), output, [.integer("transB", 1)])
    case .reshape(let sizes): add("Reshape", inputs + [integers("shape", [-1] + sizes)], output)
    case .sum: add("Add", inputs, output)
    case .concatenation: add("Concat", inputs, output, [.integer("axis", 1)])
    }
  }

  private static func window(_ stride: Int, _ padding: Int) -> [Attribute] {
    [
      .integers("strides", [stride, stride]),
      .integers("pads", [padding, padding, padding, padding]),
    ]
  }
}
