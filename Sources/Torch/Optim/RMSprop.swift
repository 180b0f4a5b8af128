import CTorch

/// RMSprop without momentum: each gradient is divided by the root of its running mean square.
/// Source: Tieleman and Hinton 2012, lecture 6.5; defaults are PyTorch's.
public final class RMSprop: Optimizer {
  public let parameters: [Parameter]
  private let alpha: Double
  private let eps: Double
  private var meanSquares: [Tensor]

  public var learningRate: Double

  public init(
    _ parameters: [Parameter], learningRate: Double, alpha: Double = 0.99, eps: Double = 1e-8
  ) {
    self.parameters = parameters
    self.learningRate = learningRate
    self.alpha = alpha
    self.eps = eps
    meanSquares = parameters.map { $0.tensor.filled(with: 0) }
  }

  public func step() {
    let all = parameters.map(\.gradient)
    let active = all.indices.filter { all[$0] != nil }
    let gradients = all.compactMap { $0 }
    withPointers(active.map { parameters[$0].tensor }) { values in
      withPointers(gradients) { slopes in
        withPointers(active.map { meanSquares[$0] }) { squares in
          attemptOrFail("rmsprop step") {
            ctorch_rmsprop_step(
              values, slopes, squares, Int32(active.count), learningRate, alpha, eps, $0)
          }
        }
      }
    }
    for parameter in parameters { parameter.dropGradient() }
  }

  public var state: [(name: String, tensor: Tensor)] {
    meanSquares.enumerated().map { ("\($0.offset).square", $0.element) }
  }

  public func load(_ saved: [String: Tensor], from path: String) throws(StateDictMismatch) {
    try StateDictMismatch.check(
      found: saved.mapValues(\.shape),
      expected: state.map { ($0.name, $0.tensor.shape) }, path: path)
    for (index, square) in meanSquares.enumerated() {
      square.copyInPlace(from: saved["\(index).square"]!)
    }
  }
}
