/// A transposed convolution of stride 2 and the binomial filter behind it: the filter takes away all that changes from
/// one pixel to the next and back again, which is what a transposed convolution's checkerboard does. What is
/// computed is an interpolation with a convolution behind it, with a quarter of its work.
///
/// Source: Karras et al., arXiv 1812.04948, appendix C ("we low-pass filter the activations with a separable
/// second-order binomial filter after each upsampling layer"), after Zhang, arXiv 1904.11486.
package final class SmoothedConvTranspose2d: Biased {
  package let convolution: ConvTranspose2d

  /// Weights, `[inputChannels, outputChannels, 3, 3]`, and bias are zero until `initialize` or a state dict fills
  /// them. The result has twice the sides.
  package init(inputChannels: Int, outputChannels: Int, bias: Bool) {
    convolution = ConvTranspose2d(
      inputChannels: inputChannels, outputChannels: outputChannels, kernelSize: 3, stride: 2,
      padding: 1, outputPadding: 1, bias: bias)
  }

  package var weight: Parameter { convolution.weight }
  package var bias: Parameter? { convolution.bias }

  package func callAsFunction(_ x: Tensor, addingBias: Bool) -> Tensor {
    convolution(x, addingBias: addingBias).smoothed()
  }
}
