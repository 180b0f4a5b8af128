/// How the weights of convolutions and linear layers are drawn before training. Biases become zero; the scales of batch
/// norm N(1, gain). Source: `init_weights` of the reference.
package enum Initialization: Sendable, Equatable {
  /// N(0, gain)
  case normal(gain: Double)
  /// N(0, gain * sqrt(2 / (fanIn + fanOut))). Source: Glorot and Bengio 2010, equation 16's variance.
  case xavier(gain: Double)
  /// N(0, sqrt(2 / fanIn)). Source: arXiv 1502.01852, equation 10.
  case kaiming(gain: Double)
  /// Orthonormal rows or columns of the weight as a matrix, times gain. Source: arXiv 1312.6120.
  case orthogonal(gain: Double)

  /// `gain` scales batch norm's spread in every case; Kaiming's own weights ignore it, as in the reference.
  var gain: Double {
    switch self {
    case .normal(let gain), .xavier(let gain), .kaiming(let gain), .orthogonal(let gain):
      return gain
    }
  }

  /// A weight of the shape given: `[a, b, kernelHeight, kernelWidth]` or `[a, b]`, where PyTorch's fan-in
  /// counts `b` and its fan-out `a`, also for transposed convolutions.
  func weight(shape: [Int], seed: UInt64) -> Tensor {
    let kernel = shape.dropFirst(2).reduce(1, *)
    let fanIn = Double(shape[1] * kernel)
    let fanOut = Double(shape[0] * kernel)
    switch self {
    case .normal(let gain):
      return .normal(shape: shape, seed: seed) * gain
    case .xavier(let gain):
      return .normal(shape: shape, seed: seed) * (gain * (2 / (fanIn + fanOut)).squareRoot())
    case .kaiming:
      return .normal(shape: shape, seed: seed) * (2 / fanIn).squareRoot()
    case .orthogonal(let gain):
      let rows = shape[0]
      let columns = shape[1] * kernel
      let tall = Tensor.orthogonal(
        rows: max(rows, columns), columns: min(rows, columns), seed: seed)
      return (rows >= columns ? tall : tall.permuted([1, 0])).reshaped(shape) * gain
    }
  }
}

extension Module {
  /// Draws every weight of the module anew. The same seed gives the same weights on every device.
  package func initialize(_ initialization: Initialization, seed: UInt64) {
    // Layers are numbered in state-dict order; each draws from a stream of its own.
    var layer: UInt64 = 0
    visitLayers { module in
      layer += 1
      module.initializeOwnParameters(initialization, seed: seed &+ layer &* 0x9E37_79B9_7F4A_7C15)
    }
  }

  private func visitLayers(_ visit: (any Module) -> Void) {
    visit(self)
    for (_, child) in children { child.visitLayers(visit) }
  }
}

/// A layer with a weight that is drawn, and perhaps a bias that begins with zeros.
protocol Weighted: Module {
  var weight: Parameter { get }
  var bias: Parameter? { get }
  /// In place of the network's; `nil` for layers that begin as their network does.
  var ownInitialization: Initialization? { get }
}

extension Weighted {
  package var parameters: [(name: String, value: Parameter)] {
    [("weight", weight)] + (bias.map { [("bias", $0)] } ?? [])
  }

  var ownInitialization: Initialization? { nil }

  package func initializeOwnParameters(_ initialization: Initialization, seed: UInt64) {
    let initialization = ownInitialization ?? initialization
    weight.tensor.copyInPlace(
      from: initialization.weight(shape: weight.tensor.shape, seed: seed))
    bias?.fill(with: 0)
  }
}

extension Parameter {
  func fill(with value: Double) { tensor.copyInPlace(from: tensor.filled(with: value)) }
}
