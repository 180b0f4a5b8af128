import CTorch

/// RMSprop without momentum: each gradient is divided by the root of its running mean square.
/// Source: Tieleman and Hinton 2012, lecture 6.5; defaults are PyTorch's.
package final class RMSprop: Optimizer {
  package let parameters: [Parameter]
  private let alpha: Double
  private let eps: Double
  private var meanSquares: [Tensor]

  package var learningRate: Double

  package init(
    _ parameters: [Parameter], learningRate: Double, alpha: Double = 0.99, eps: Double = 1e-8
  ) {
    self.parameters = parameters
    self.learningRate = learningRate
    self.alpha = alpha
    self.eps = eps
    meanSquares = parameters.map { $0.tensor.likeThis(filledWith: 0) }
  }

  package func step() {
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

  package var state: [(name: String, tensor: Tensor)] {
    meanSquares.enumerated().map { ("\($0.offset).square", $0.element) }
  }

  package func load(_ saved: [String: Tensor], from path: String) throws(StateDictMismatch) {
    try StateDictMismatch.check(
      found: saved.mapValues(\.shape),
      expected: state.map { ($0.name, $0.tensor.shape) }, path: path)
    for (index, square) in meanSquares.enumerated() {
      square.copyInPlace(from: saved["\(index).square"]!)
    }
  }
}
