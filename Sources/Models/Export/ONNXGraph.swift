import Files
import ProtocolBuffers
import Torch

/// ONNX's numbers for the types of elements.
enum ONNXType: Int {
  case float = 1
  case uint8 = 2
  case int64 = 7
  case float16 = 10
}

/// The graph of an ONNX model while it is put together: a `GraphProto`, whose weights are written from the tensors.
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

  /// A weight's field, up to its elements.
  private struct Weight {
    let beginning: ProtocolBuffer
    let byteCount: Int
    let bytes: () -> [UInt8]
  }

  private var nodes = ProtocolBuffer()
  private var weights: [Weight] = []
  private var numbers = ProtocolBuffer()
  private var ends = ProtocolBuffer()
  private var constants: Set<String> = []
  private let name: String

  init(name: String) { self.name = name }

  /// Of the message.
  var byteCount: Int {
    before.bytes.count + after.bytes.count
      + weights.reduce(0) { $0 + $1.beginning.bytes.count + $1.byteCount }
  }

  /// Writes the message, one weight after the other.
  func write(to file: ReplacementFile) throws(FileError) {
    try file.write(before.bytes)
    for weight in weights {
      try file.write(weight.beginning.bytes)
      try file.write(weight.bytes())
    }
    try file.write(after.bytes)
  }

  private var before: ProtocolBuffer {
    var fields = nodes
    fields.text(2, name)
    return fields
  }

  private var after: ProtocolBuffer {
    var fields = numbers
    fields.append(ends)
    return fields
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
    let stored = half ? "\(name).half" : name
    let byteCount = tensor.elementCount * (half ? 2 : 4)
    var content = Self.initializer(stored, half ? .float16 : .float, tensor.shape)
    content.begin(9, count: byteCount)
    var beginning = ProtocolBuffer()
    beginning.begin(5, count: content.bytes.count + byteCount)
    beginning.append(content)
    weights.append(
      Weight(beginning: beginning, byteCount: byteCount) {
        tensor.converted(to: half ? .float16 : .float32).bytes
      })
    if half { add("Cast", [stored], name, [.integer("to", ONNXType.float.rawValue)]) }
  }

  /// A tensor without its elements.
  private static func initializer(
    _ name: String, _ type: ONNXType, _ shape: [Int]
  ) -> ProtocolBuffer {
    var tensor = ProtocolBuffer()
    for size in shape { tensor.integer(1, size) }
    tensor.integer(2, type.rawValue)
    tensor.text(8, name)
    return tensor
  }

  /// A few numbers that are no weights.
  private mutating func add(
    _ name: String, _ type: ONNXType, _ shape: [Int], _ values: [some BitwiseCopyable]
  ) {
    var tensor = Self.initializer(name, type, shape)
    tensor.data(9, values.withUnsafeBytes { Array($0) })
    numbers.message(5, tensor)
  }

  /// The name of a scalar, which is added once.
  mutating func constant(_ name: String, _ value: Float) -> String {
    if constants.insert(name).inserted { add(name, .float, [], [value]) }
    return name
  }

  /// The name of so many equal numbers.
  private mutating func constants(_ name: String, _ value: Float, count: Int) -> String {
    let name = "\(name)_\(count)"
    if constants.insert(name).inserted {
      add(name, .float, [count], [Float](repeating: value, count: count))
    }
    return name
  }

  /// The name of numbers, which are added once.
  private mutating func constants(_ name: String, shape: [Int], _ values: [Float]) -> String {
    if constants.insert(name).inserted { add(name, .float, shape, values) }
    return name
  }

  /// The name of whole numbers, such as a shape.
  private mutating func integers(_ name: String, _ values: [Int]) -> String {
    let name = name + values.map { "_\($0)" }.joined()
    if constants.insert(name).inserted { add(name, .int64, [values.count], values) }
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
        "Resize", inputs + ["", constants("doubling", shape: [4], [1, 1, 2, 2])], output,
        [
          .text("mode", "linear"), .text("coordinate_transformation_mode", "half_pixel"),
        ])
    case .smoothing(let channels):
      let filter = constants(
        "smoothing_\(channels)", shape: [channels, 1, 3, 3],
        Array(repeating: LayerGraph.smoothingFilter.joined(), count: channels).joined().map(
          Float.init))
      add("Conv", inputs + [filter], output, [.integer("group", channels)])
    case .reflectionPad(let padding):
      let pads = integers("pads", [0, 0, padding, padding, 0, 0, padding, padding])
      add("Pad", inputs + [pads], output, [.text("mode", "reflect")])
    case .linear(let weight, let bias):
      add("Gemm", inputs + [weight] + (bias.map { [$0] } ?? []), output, [.integer("transB", 1)])
    case .reshape(let sizes): add("Reshape", inputs + [integers("shape", [-1] + sizes)], output)
    case .part(let range):
      let bounds = [
        integers("starts", [range.lowerBound]), integers("ends", [range.upperBound]),
        integers("axes", [1]),
      ]
      add("Slice", inputs + bounds, output)
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
