import Torch

extension Tensor {
  /// How different the images of a batch are: the standard deviation between them, root mean square over
  /// all channels and pixels, as one number.
  /// The tensor is `[batch, ...]`; one image has a spread of zero.
  package var spreadBetweenSamples: Tensor {
    (self - mean(axes: [0])).squared().mean().squareRoot()
  }

  /// Pearson's correlation of each image of a batch with that of another batch, `[batch, 1, 1, 1]`; 0 where one of
  /// them does not vary. Both are `[batch, channels, height, width]`, of the same shape.
  package func correlations(with other: Tensor) -> Tensor {
    let axes = [1, 2, 3]
    let (x, y) = (self - mean(axes: axes), other - other.mean(axes: axes))
    let squares = x.squared().sum(axes: axes) * y.squared().sum(axes: axes)
    // Where one is flat both are 0.
    return (x * y).sum(axes: axes) / squares.clamped(to: 1e-20 ... .infinity).squareRoot()
  }
}
