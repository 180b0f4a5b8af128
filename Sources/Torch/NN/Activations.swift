/// `x` where it is positive, `slope * x` elsewhere.
public final class LeakyReLU: Module {
  let slope: Double

  public init(slope: Double) { self.slope = slope }

  /// The leaky ReLU of slope 0.
  public static func relu() -> LeakyReLU { LeakyReLU(slope: 0) }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x.leakyReLU(slope: slope) }
}

/// To (-1, 1), the range of pictures inside the networks.
public final class Tanh: Module {
  public init() {}

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x.tanh() }
}

/// Returns its input; stands where a network has no normalisation, so that later layers keep their index.
public final class Identity: Module {
  public init() {}

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x }
}

/// Zeroes elements with the given probability in training; does nothing in inference.
public final class Dropout: Module {
  private let probability: Double

  public init(probability: Double) { self.probability = probability }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    mode == .training ? x.dropout(probability: probability) : x
  }
}

/// Mirrors the picture outwards by the same number of pixels on every side.
public final class ReflectionPad2d: Module {
  let padding: Int

  public init(_ padding: Int) { self.padding = padding }

  public func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.reflectionPadded(top: padding, bottom: padding, left: padding, right: padding)
  }
}
