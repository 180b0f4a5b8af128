/// Layers one after another. Every child has its index as its name, also those without parameters, as in
/// PyTorch's `nn.Sequential`.
public final class Sequential: Module {
  private let layers: [any Module]

  public init(_ layers: [any Module]) { self.layers = layers }

  public var children: [(name: String, module: any Module)] {
    layers.enumerated().map { (String($0.offset), $0.element) }
  }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    var x = x
    var index = 0
    while index < layers.count {
      // Instance norm and the ReLU after it run as one operator.
      if let norm = layers[index] as? InstanceNorm2d, index + 1 < layers.count,
        let activation = layers[index + 1] as? LeakyReLU
      {
        x = x.instanceNormLeakyReLU(eps: norm.eps, slope: activation.slope)
        index += 2
      } else {
        x = layers[index](x, mode)
        index += 1
      }
    }
    return x
  }
}
