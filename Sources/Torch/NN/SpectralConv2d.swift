/// A convolution whose weight is divided by its largest singular value, so that it changes no difference by more than
/// its own length, up to the overlap of its windows.
///
/// With W the weight as a matrix `[outputs, inputs * kernel]`: v = W^T u / |W^T u|, sigma = u^T W v, and the weight is
/// W / sigma. `iterate` replaces u by W v / |W v|, one step of the power iteration, which after some steps makes sigma
/// the largest singular value. Gradients take u and v as constants.
/// Source: arXiv 1802.05957, section 2.1 and algorithm 1.
package final class SpectralConv2d: Biased {
  package let convolution: Conv2d
  /// u, `[outputs]`; a buffer of the state dict, with PyTorch's name.
  private let leftVector: Parameter

  /// Weights, u and bias are zero until `initialize` or a state dict fills them.
  package init(_ convolution: Conv2d) {
    self.convolution = convolution
    leftVector = Parameter(
      .zeros(shape: [convolution.weight.tensor.shape[0]]), isTrainable: false)
  }

  package var weight: Parameter { convolution.weight }
  package var bias: Parameter? { convolution.bias }

  package var parameters: [(name: String, value: Parameter)] {
    convolution.parameters + [("weight_u", leftVector)]
  }

  package func initializeOwnParameters(_ initialization: Initialization, seed: UInt64) {
    convolution.initializeOwnParameters(initialization, seed: seed)
    let random = Tensor.normal(shape: leftVector.tensor.shape, seed: seed &+ 1)
    leftVector.tensor.copyInPlace(from: random.normalized())
    // Fresh weights change slowly: some steps before the first make u fit them.
    for _ in 0..<10 { iterate() }
  }

  /// `[outputs, inputs * kernel]`
  private var matrix: Tensor {
    weight.tensor.reshaped([weight.tensor.shape[0], -1])
  }

  /// v, `[1, inputs * kernel]`
  private var rightVector: Tensor {
    withoutGradients {
      (matrix * leftVector.tensor.reshaped([-1, 1])).sum(axes: [0]).normalized()
    }
  }

  /// One step of the power iteration.
  func iterate() {
    withoutGradients {
      let product = (matrix * rightVector).sum(axes: [1])
      leftVector.tensor.copyInPlace(
        from: product.normalized().reshaped(leftVector.tensor.shape))
    }
  }

  /// u^T W v
  var largestSingularValue: Tensor {
    ((matrix * rightVector).sum(axes: [1]) * leftVector.tensor.reshaped([-1, 1])).sum()
  }

  package func callAsFunction(_ x: Tensor, addingBias: Bool) -> Tensor {
    x.conv2d(
      weight: weight.tensor / largestSingularValue, bias: addingBias ? bias?.tensor : nil,
      stride: convolution.stride, padding: convolution.padding)
  }
}

extension Tensor {
  /// Of length 1; zero stays zero.
  fileprivate func normalized() -> Tensor {
    self / squared().sum().clamped(to: 1e-24 ... .infinity).squareRoot()
  }
}

extension Module {
  /// One step of the power iteration of every spectral norm below.
  package func iterateSpectralNorms() {
    (self as? SpectralConv2d)?.iterate()
    for (_, child) in children { child.iterateSpectralNorms() }
  }
}
