import CTorch

// The layers' arithmetic without their parameters; the names and arguments are PyTorch's.
extension Tensor {
  /// - Parameter weight: `[outputChannels, inputChannels, kernelHeight, kernelWidth]`.
  package func conv2d(weight: Tensor, bias: Tensor?, stride: Int, padding: Int) -> Tensor {
    tensorOrFail("conv2d(\(shape), weight \(weight.shape))") {
      ctorch_conv2d(
        handle.pointer, weight.handle.pointer, bias?.handle.pointer, Int64(stride), Int64(padding),
        $0, $1)
    }
  }

  /// - Parameter weight: `[inputChannels, outputChannels, kernelHeight, kernelWidth]`.
  package func convTranspose2d(
    weight: Tensor, bias: Tensor?, stride: Int, padding: Int, outputPadding: Int
  ) -> Tensor {
    tensorOrFail("conv transpose 2d(\(shape), weight \(weight.shape))") {
      ctorch_conv_transpose2d(
        handle.pointer, weight.handle.pointer, bias?.handle.pointer, Int64(stride), Int64(padding),
        Int64(outputPadding), $0, $1)
    }
  }

  /// x weight^T + bias
  /// - Parameter weight: `[outputs, inputs]`.
  package func linear(weight: Tensor, bias: Tensor?) -> Tensor {
    tensorOrFail("linear(\(shape), weight \(weight.shape))") {
      ctorch_linear(handle.pointer, weight.handle.pointer, bias?.handle.pointer, $0, $1)
    }
  }

  /// Mirrors the image outwards without repeating its edge: [1 2 3] padded by 2 is [3 2 1 2 3 2 1].
  package func reflectionPadded(top: Int, bottom: Int, left: Int, right: Int) -> Tensor {
    tensorOrFail("reflection pad(\(shape), \(top), \(bottom), \(left), \(right))") {
      ctorch_reflection_pad2d(
        handle.pointer, Int64(top), Int64(bottom), Int64(left), Int64(right), $0, $1)
    }
  }

  /// The same by as many pixels on every side; the tensor itself for none.
  func reflectionPadded(_ padding: Int) -> Tensor {
    padding == 0
      ? self : reflectionPadded(top: padding, bottom: padding, left: padding, right: padding)
  }

  /// A map of twice the sides, each value interpolated between the four nearest of this one; beyond the border
  /// its pixels go on. Along one axis [a b] becomes [a, 3/4 a + 1/4 b, 1/4 a + 3/4 b, b].
  package func doubledBilinearly() -> Tensor {
    Self.unary("double bilinearly", self, ctorch_double_bilinear)
  }

  /// A map through the binomial filter, each value with its eight neighbours, the border mirrored outwards. Along
  /// one axis [a b c] becomes [1/2 a + 1/2 b, 1/4 a + 1/2 b + 1/4 c, 1/2 b + 1/2 c]. Both sides have at least two
  /// pixels.
  package func smoothed() -> Tensor { Self.unary("smooth", self, ctorch_smooth) }

  /// n = (x - mean) / sqrt(variance + eps) over each channel of each image, then n where it is positive and
  /// slope * n elsewhere, then the sum with `residual`, then padding by reflection.
  ///
  /// As one operator it moves less memory, and keeps less for its backward pass, than as four.
  package func instanceNorm(
    eps: Double, slope: Double = 1, adding residual: Tensor? = nil, padding: Int = 0
  ) -> Tensor {
    Self.unary("instance norm", self) {
      ctorch_instance_norm($0, eps, slope, residual?.handle.pointer, Int64(padding), $1, $2)
    }
  }

  /// Of each channel of one image's map `[1, channel, height, width]`: the mean, and the sum of the squared
  /// differences from it.
  package func channelMoments() -> (means: [Double], squares: [Double]) {
    var means = [Double](repeating: 0, count: shape[1])
    var squares = means
    attemptOrFail("channel moments(\(shape))") {
      ctorch_channel_moments(handle.pointer, &means, &squares, $0)
    }
    return (means, squares)
  }

  /// n = (x - mean) * scale with a number for each channel of one image's map, then n where it is positive and
  /// slope * n elsewhere. Traps unless there is a number for each channel.
  package func normalized(means: [Float], scales: [Float], slope: Double) -> Tensor {
    precondition(means.count == shape[1] && scales.count == shape[1], "\(means.count) channels")
    return Self.unary("normalize", self) {
      ctorch_normalize_channels($0, means, scales, slope, $1, $2)
    }
  }

  /// Batch norm over each channel; in training the running statistics are updated in place.
  func batchNorm(
    weight: Tensor, bias: Tensor, runningMean: Tensor, runningVariance: Tensor, training: Bool,
    momentum: Double, eps: Double
  ) -> Tensor {
    tensorOrFail("batch norm(\(shape))") {
      ctorch_batch_norm(
        handle.pointer, weight.handle.pointer, bias.handle.pointer, runningMean.handle.pointer,
        runningVariance.handle.pointer, training, momentum, eps, $0, $1)
    }
  }

  /// Each element plus an independent draw from N(0, deviation), from the generators that dropout draws from.
  package func disturbed(deviation: Double) -> Tensor {
    self + Self.unary("normal like", self, ctorch_normal_like) * deviation
  }

  /// Zeroes each element with the given probability and scales the others up by 1 / (1 - p).
  package func dropout(probability: Double) -> Tensor {
    Self.unary("dropout", self) { ctorch_dropout($0, probability, $1, $2) }
  }
}
