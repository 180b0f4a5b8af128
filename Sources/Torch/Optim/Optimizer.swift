import CTorch

/// Changes parameters along their gradients.
package protocol Optimizer: AnyObject {
  var parameters: [Parameter] { get }

  /// The step size; a schedule changes it between epochs.
  var learningRate: Double { get set }

  /// Takes one step along the gradients that have been accumulated, and drops them.
  func step()

  /// What the optimizer remembers, for a snapshot.
  var state: [(name: String, tensor: Tensor)] { get }

  /// Puts a saved state back. Throws, and changes nothing, unless every name and shape fits.
  func load(_ saved: [String: Tensor], from path: String) throws(StateDictMismatch)
}

extension Optimizer {
  /// Takes one step along the gradients of `loss` and drops them. Parameters the loss does not depend
  /// on stay as they are. Traps unless `loss` is one number.
  package func step(_ loss: Tensor) {
    loss.backward()
    step()
  }

  /// Scales all accumulated gradients by one factor, so that their common norm is at most `largest`.
  /// Source: arXiv 1211.5063, algorithm 1.
  package func clipGradients(toNorm largest: Double) {
    let gradients = parameters.compactMap(\.gradient)
    withPointers(gradients) { pointers in
      attemptOrFail("clip gradients") {
        ctorch_clip_norm(pointers, Int32(gradients.count), largest, $0)
      }
    }
  }

  /// Clamps every learned value to [-largest, largest]. Source: arXiv 1701.07875, algorithm 1.
  package func clampParameters(to largest: Double) {
    let tensors = parameters.map(\.tensor)
    withPointers(tensors) { pointers in
      attemptOrFail("clamp parameters") {
        ctorch_clamp_in_place(pointers, Int32(tensors.count), largest, $0)
      }
    }
  }
}
