/// A layer that adds a bias of its own to what it computes.
protocol Biased: Weighted {
  func callAsFunction(_ x: Tensor, addingBias: Bool) -> Tensor
}

extension Biased {
  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { self(x, addingBias: true) }
}

/// A two-dimensional convolution with zero padding and a square kernel.
package final class Conv2d: Biased {
  package let weight: Parameter
  package let bias: Parameter?
  package let stride: Int
  package let padding: Int

  /// Weights and bias are zero until `initialize` or a state dict fills them.
  package init(
    inputChannels: Int, outputChannels: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0,
    bias: Bool
  ) {
    weight = Parameter(.zeros(shape: [outputChannels, inputChannels, kernelSize, kernelSize]))
    self.bias = bias ? Parameter(.zeros(shape: [outputChannels])) : nil
    self.stride = stride
    self.padding = padding
  }

  package func callAsFunction(_ x: Tensor, addingBias: Bool) -> Tensor {
    x.conv2d(
      weight: weight.tensor, bias: addingBias ? bias?.tensor : nil, stride: stride,
      padding: padding)
  }
}

/// The transposed convolution that doubles an image's sides for stride 2.
package final class ConvTranspose2d: Biased {
  package let weight: Parameter
  package let bias: Parameter?
  package let stride: Int
  package let padding: Int
  package let outputPadding: Int

  /// Weights, `[inputChannels, outputChannels, kernelSize, kernelSize]`, and bias are zero until
  /// `initialize` or a state dict fills them.
  package init(
    inputChannels: Int, outputChannels: Int, kernelSize: Int, stride: Int, padding: Int,
    outputPadding: Int = 0, bias: Bool
  ) {
    weight = Parameter(.zeros(shape: [inputChannels, outputChannels, kernelSize, kernelSize]))
    self.bias = bias ? Parameter(.zeros(shape: [outputChannels])) : nil
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
  }

  package func callAsFunction(_ x: Tensor, addingBias: Bool) -> Tensor {
    x.convTranspose2d(
      weight: weight.tensor, bias: addingBias ? bias?.tensor : nil, stride: stride,
      padding: padding, outputPadding: outputPadding)
  }
}
