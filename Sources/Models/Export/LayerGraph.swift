import Torch

/// A network as a list of operations on numbered values, for programs that know no layers of ours. It computes
/// what the network computes in inference: without dropout, with running statistics.
package struct LayerGraph {
  package enum Operation: Equatable {
    /// Names are those of the state dict; `bias` is nil where there is none.
    case convolution(weight: String, bias: String?, stride: Int, padding: Int)
    case transposedConvolution(
      weight: String, bias: String?, stride: Int, padding: Int, outputPadding: Int)
    case instanceNorm(channels: Int, eps: Double)
    /// - Parameter name: what stands before `.weight`, `.bias`, `.running_mean` and `.running_var`.
    case batchNorm(name: String, eps: Double)
    case leakyReLU(slope: Double)
    case tanh
    /// To twice the sides, by bilinear interpolation between squares of pixels.
    case doubling
    /// The binomial filter of 3x3 over each of so many channels; the border comes before.
    case smoothing(channels: Int)
    /// By so many pixels on every side.
    case reflectionPad(Int)
    /// x weight^T + bias
    case linear(weight: String, bias: String?)
    /// To `[batch]` and these sizes.
    case reshape([Int])
    /// Some of the values behind one another, of axis 1.
    case part(Range<Int>)
    /// Of two values.
    case sum
    /// Of the channels of two values.
    case concatenation
  }

  /// Rows of the binomial filter: [1 2 1] [1 2 1]^T / 16.
  static let smoothingFilter = [
    [0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625],
  ]

  package struct Node: Equatable {
    package let operation: Operation
    /// 0 is the network's input, `n` the output of the n-th node from 1.
    package let inputs: [Int]
  }

  package private(set) var nodes: [Node] = []
  /// The value that the network returns.
  package private(set) var output = 0
  /// That the last convolution made.
  private var channels = 0

  /// Traps for a layer that this does not know, which is then to be added here and where graphs are written.
  package init(of network: any Module) { visit(network, "") }

  private mutating func append(_ operation: Operation, with other: Int? = nil) {
    nodes.append(Node(operation: operation, inputs: [output] + (other.map { [$0] } ?? [])))
    output = nodes.count
  }

  private mutating func visit(_ module: any Module, _ path: String) {
    func name(_ end: String) -> String { path.isEmpty ? end : "\(path).\(end)" }
    switch module {
    case let named as Named: visit(named.module, name(named.name))
    case let sequential as Sequential: visit(sequential, path, from: 0)
    case let skip as Skip: visit(skip, skip.name.map(name) ?? path, from: 0)
    case let layer as Conv2d:
      channels = layer.weight.tensor.shape[0]
      append(
        .convolution(
          weight: name("weight"), bias: layer.bias.map { _ in name("bias") }, stride: layer.stride,
          padding: layer.padding))
    case let layer as ConvTranspose2d:
      channels = layer.weight.tensor.shape[1]
      append(
        .transposedConvolution(
          weight: name("weight"), bias: layer.bias.map { _ in name("bias") }, stride: layer.stride,
          padding: layer.padding, outputPadding: layer.outputPadding))
    case let layer as SmoothedConvTranspose2d:
      visit(layer.convolution, path)
      append(.reflectionPad(1))
      append(.smoothing(channels: channels))
    case let layer as BilinearConv2d:
      append(.doubling)
      append(.reflectionPad(layer.padding))
      visit(layer.convolution, path)
    case let layer as InstanceNorm2d: append(.instanceNorm(channels: channels, eps: layer.eps))
    case let layer as BatchNorm2d: append(.batchNorm(name: path, eps: layer.eps))
    case let layer as LeakyReLU: append(.leakyReLU(slope: layer.slope))
    case let layer as HiddenActivation: append(.leakyReLU(slope: layer.slope))
    case is Tanh: append(.tanh)
    case is Identity, is Dropout: break
    case let layer as ReflectionPad2d: append(.reflectionPad(layer.padding))
    case let layer as Linear:
      append(.linear(weight: name("weight"), bias: layer.bias.map { _ in name("bias") }))
    case let generator as DCGANGenerator:
      append(.reshape([generator.latent, 1, 1]))
      visitChildren(generator, name)
    case let generator as MLPGenerator:
      visitChildren(generator, name)
      append(.reshape([generator.channels, generator.size, generator.size]))
    case let generator as JoinedGenerator: visit(generator, name)
    default: fatalError("no operation for \(type(of: module))")
    }
  }

  /// The latent and the classes go through a layer each, whose values the others take together.
  private mutating func visit(_ generator: JoinedGenerator, _ name: (String) -> String) {
    let input = output
    var ends: [Int] = []
    for (part, (child, layers)) in zip(generator.parts, generator.children) {
      output = input
      append(.part(part))
      visit(layers, name(child))
      ends.append(output)
    }
    nodes.append(Node(operation: .concatenation, inputs: ends))
    output = nodes.count
    if let (child, layers) = generator.children.last { visit(layers, name(child)) }
    append(.reshape(generator.shape))
  }

  private mutating func visitChildren(_ module: any Module, _ name: (String) -> String) {
    for (child, module) in module.children { visit(module, name(child)) }
  }

  /// Layers under the numbers that they have in the sequence, where those inside of nameless connections count.
  private mutating func visit(_ sequence: Sequential, _ path: String, from first: Int) {
    var index = first
    for layer in sequence.layers {
      if let skip = layer as? Skip, skip.name == nil {
        visit(skip, path, from: index)
        index += skip.children.count
      } else {
        visit(layer, path.isEmpty ? "\(index)" : "\(path).\(index)")
        index += 1
      }
    }
  }

  private mutating func visit(_ skip: Skip, _ path: String, from first: Int) {
    let around = output
    visit(skip.layers, path, from: first)
    switch skip.joining {
    case .sum: append(.sum, with: around)
    case .channels:
      nodes.append(Node(operation: .concatenation, inputs: [around, output]))
      output = nodes.count
    }
  }
}
