/// x weight^T + bias over the last axis: `[batch, inputs]` to `[batch, outputs]`.
package final class Linear: Weighted {
  package let weight: Parameter
  package let bias: Parameter?

  /// The weight, `[outputs, inputs]`, and the bias are zero until `initialize` or a state dict fills them.
  package init(inputs: Int, outputs: Int, bias: Bool = true) {
    weight = Parameter(.zeros(shape: [outputs, inputs]))
    self.bias = bias ? Parameter(.zeros(shape: [outputs])) : nil
  }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    x.linear(weight: weight.tensor, bias: bias?.tensor)
  }
}
