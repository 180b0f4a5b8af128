/// The largest of several linear functions of the input, for each value: arXiv 1302.4389, equation 2.
package final class Maxout: Weighted {
  package let weight: Parameter
  package let bias: Parameter?
  private let pieces: Int
  let ownInitialization: Initialization?

  /// The weight, `[outputs * pieces, inputs]`, has the functions of one output after the other; it and the bias are
  /// zero until `initialize` or a state dict fills them.
  /// - Parameter initialization: in place of the network's.
  package init(inputs: Int, outputs: Int, pieces: Int, initialization: Initialization? = nil) {
    ownInitialization = initialization
    weight = Parameter(.zeros(shape: [outputs * pieces, inputs]))
    bias = Parameter(.zeros(shape: [outputs * pieces]))
    self.pieces = pieces
  }

  /// `[batch, inputs]` to `[batch, outputs]`.
  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let all = x.linear(weight: weight.tensor, bias: bias?.tensor)
    return all.reshaped([all.shape[0], all.shape[1] / pieces, pieces]).maximum(axis: 2)
  }
}
