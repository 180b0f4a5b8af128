/// `x` where it is positive, `slope * x` elsewhere.
package final class LeakyReLU: Module {
  package let slope: Double

  package init(slope: Double) { self.slope = slope }

  /// The leaky ReLU of slope 0.
  package static func relu() -> LeakyReLU { LeakyReLU(slope: 0) }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x.leakyReLU(slope: slope) }
}

/// To (-1, 1), the range of images inside the networks.
package final class Tanh: Module {
  package init() {}

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x.tanh() }
}

/// Returns its input; stands where a network has no normalization, so that later layers keep their index.
package final class Identity: Module {
  package init() {}

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x }
}

/// Zeroes elements with the given probability in training; does nothing in inference.
package final class Dropout: Module {
  private let probability: Double

  package init(probability: Double) { self.probability = probability }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    mode == .training ? x.dropout(probability: probability) : x
  }
}

/// Mirrors the image outwards by the same number of pixels on every side.
package final class ReflectionPad2d: Module {
  package let padding: Int

  package init(_ padding: Int) { self.padding = padding }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.reflectionPadded(padding)
  }
}
