/// Doubles an image's sides by bilinear interpolation and convolves the result, with its border mirrored outwards:
/// every output pixel is made of as many weights, where a transposed convolution of stride 2 makes one in four of
/// more than the others, which shows as a checkerboard. Source: Odena et al., "Deconvolution and Checkerboard
/// Artifacts", Distill 2016.
package final class BilinearConv2d: Biased {
  /// Of stride 1, without padding of its own.
  package let convolution: Conv2d

  /// Weights, `[outputChannels, inputChannels, kernelSize, kernelSize]`, and bias are zero until `initialize` or a
  /// state dict fills them. Traps for an even kernel, which has no middle.
  package init(inputChannels: Int, outputChannels: Int, kernelSize: Int, bias: Bool) {
    precondition(kernelSize % 2 == 1, "a kernel of \(kernelSize)")
    convolution = Conv2d(
      inputChannels: inputChannels, outputChannels: outputChannels, kernelSize: kernelSize,
      bias: bias)
  }

  package var weight: Parameter { convolution.weight }
  package var bias: Parameter? { convolution.bias }
  /// Pixels that the border is mirrored by.
  package var padding: Int { weight.tensor.shape[2] / 2 }

  package func callAsFunction(_ x: Tensor, addingBias: Bool) -> Tensor {
    convolution(
      x.doubledBilinearly().reflectionPadded(
        top: padding, bottom: padding, left: padding, right: padding), addingBias: addingBias)
  }
}
