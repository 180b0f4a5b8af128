/// Layers one after another. Every child has its index as its name, also those without parameters, as in
/// PyTorch's `nn.Sequential`.
package final class Sequential: Module {
  package let layers: [any Module]
  private let stages: [Stage]

  package init(_ layers: [any Module]) {
    self.layers = layers
    stages = Stage.fusing(layers)
  }

  package var children: [(name: String, module: any Module)] {
    numbered.enumerated().map { (String($0.offset), $0.element) }
  }

  /// The layers, with those inside nameless connections.
  private var numbered: [any Module] {
    layers.flatMap { layer in
      guard let skip = layer as? Skip, skip.name == nil else { return [layer] }
      return skip.layers.numbered
    }
  }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    stages.reduce(x) { $1($0, mode, adding: nil) }
  }

  /// The layers' output plus `residual`, of the same shape, with its border mirrored outwards by `padding` pixels.
  package func callAsFunction(
    _ x: Tensor, _ mode: Mode, adding residual: Tensor, padding: Int = 0
  ) -> Tensor {
    guard let last = stages.last else { return (x + residual).reflectionPadded(padding) }
    return last(
      stages.dropLast().reduce(x) { $1($0, mode, adding: nil) }, mode, adding: residual,
      padding: padding)
  }
}

/// One or more layers that run as one operator.
private enum Stage {
  case layer(any Module)
  /// A convolution before instance norm, which takes any bias away again with the mean: adding it would
  /// change nothing, and its gradient is zero.
  case withoutBias(any Biased)
  /// Instance norm with the activation and the reflection padding after it.
  case norm(InstanceNorm2d, slope: Double, padding: Int)
  /// A sum with what goes around layers, and the reflection padding after it: where the layers end with a norm, all
  /// that is its operator.
  case sum(Skip, padding: Int)

  static func fusing(_ layers: [any Module]) -> [Stage] {
    var stages: [Stage] = []
    var rest = layers[...]
    while let layer = rest.popFirst() {
      if let convolution = layer as? any Biased, rest.first is InstanceNorm2d {
        stages.append(.withoutBias(convolution))
      } else if let norm = layer as? InstanceNorm2d {
        var slope = 1.0
        var padding = 0
        if let activation = rest.first as? LeakyReLU {
          slope = activation.slope
          rest.removeFirst()
        }
        if let reflection = rest.first as? ReflectionPad2d {
          padding = reflection.padding
          rest.removeFirst()
        }
        stages.append(.norm(norm, slope: slope, padding: padding))
      } else if let skip = layer as? Skip, skip.joining == .sum,
        let reflection = rest.first as? ReflectionPad2d
      {
        stages.append(.sum(skip, padding: reflection.padding))
        rest.removeFirst()
      } else {
        stages.append(.layer(layer))
      }
    }
    return stages
  }

  /// - Parameters:
  ///   - residual: added to the output.
  ///   - outer: what the border of the sum is mirrored outwards by.
  func callAsFunction(
    _ x: Tensor, _ mode: Mode, adding residual: Tensor?, padding outer: Int = 0
  ) -> Tensor {
    let output: Tensor
    switch self {
    case .layer(let layer): output = layer(x, mode)
    case .withoutBias(let convolution): output = convolution(x, addingBias: false)
    case .sum(let skip, let padding): output = skip.layers(x, mode, adding: x, padding: padding)
    case .norm(let norm, let slope, let padding):
      // A sum comes after the norm's own padding, so that they fit into one operator only without it.
      if padding == 0 {
        return x.instanceNorm(eps: norm.eps, slope: slope, adding: residual, padding: outer)
      }
      output = x.instanceNorm(eps: norm.eps, slope: slope, padding: padding)
    }
    return (residual.map { output + $0 } ?? output).reflectionPadded(outer)
  }
}
