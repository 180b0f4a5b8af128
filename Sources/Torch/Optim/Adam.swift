import CTorch

/// Adam without weight decay, over all parameters at once. Source: arXiv 1412.6980, algorithm 1.
package final class Adam: Optimizer {
  package let parameters: [Parameter]
  private let beta1: Double
  private let beta2: Double
  private let eps: Double
  private var firstMoments: [Tensor]
  private var secondMoments: [Tensor]
  private var stepCount = 0

  /// The step size; a schedule changes it between epochs.
  package var learningRate: Double

  package init(
    _ parameters: [Parameter], learningRate: Double, beta1: Double, beta2: Double = 0.999,
    eps: Double = 1e-8
  ) {
    self.parameters = parameters
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.eps = eps
    firstMoments = parameters.map { $0.tensor.likeThis(filledWith: 0) }
    secondMoments = parameters.map { $0.tensor.likeThis(filledWith: 0) }
  }

  /// Takes one step along the gradients that have been accumulated, and drops them: nothing has to be
  /// filled with zeros, and the memory is free for the next forward pass.
  package func step() {
    stepCount += 1
    let all = parameters.map(\.gradient)
    let active = all.indices.filter { all[$0] != nil }
    let gradients = all.compactMap { $0 }
    withPointers(active.map { parameters[$0].tensor }) { values in
      withPointers(gradients) { slopes in
        withPointers(active.map { firstMoments[$0] }) { first in
          withPointers(active.map { secondMoments[$0] }) { second in
            attemptOrFail("adam step") {
              ctorch_adam_step(
                values, slopes, first, second, Int32(active.count), Int64(stepCount), learningRate,
                beta1, beta2, eps, $0)
            }
          }
        }
      }
    }
    for parameter in parameters { parameter.dropGradient() }
  }

  /// Both moments of every parameter and the number of steps, for a snapshot.
  package var state: [(name: String, tensor: Tensor)] {
    let moments = parameters.indices.flatMap {
      [("\($0).first", firstMoments[$0]), ("\($0).second", secondMoments[$0])]
    }
    return moments + [("step", .full(Double(stepCount), shape: [], dtype: .float64))]
  }

  /// Puts a saved state back. Throws, and changes nothing, unless every name and shape fits.
  package func load(_ saved: [String: Tensor], from path: String) throws(StateDictMismatch) {
    try StateDictMismatch.check(
      found: saved.mapValues(\.shape),
      expected: state.map { ($0.name, $0.tensor.shape) }, path: path)
    for index in parameters.indices {
      firstMoments[index].copyInPlace(from: saved["\(index).first"]!)
      secondMoments[index].copyInPlace(from: saved["\(index).second"]!)
    }
    stepCount = Int(exactly: saved["step"]!.item.rounded()) ?? 0
  }
}
