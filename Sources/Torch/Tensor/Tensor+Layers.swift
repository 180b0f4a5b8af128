import CTorch

// The layers' arithmetic without their parameters; the names and arguments are PyTorch's.
extension Tensor {
  /// - Parameter weight: `[outputChannels, inputChannels, kernelHeight, kernelWidth]`.
  public func conv2d(weight: Tensor, bias: Tensor?, stride: Int, padding: Int) -> Tensor {
    tensorOrFail("conv2d(\(shape), weight \(weight.shape))") {
      ctorch_conv2d(
        handle.pointer, weight.handle.pointer, bias?.handle.pointer, Int64(stride), Int64(padding),
        $0, $1)
    }
  }

  /// - Parameter weight: `[inputChannels, outputChannels, kernelHeight, kernelWidth]`.
  public func convTranspose2d(
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
  public func linear(weight: Tensor, bias: Tensor?) -> Tensor {
    tensorOrFail("linear(\(shape), weight \(weight.shape))") {
      ctorch_linear(handle.pointer, weight.handle.pointer, bias?.handle.pointer, $0, $1)
    }
  }

  /// Mirrors the picture outwards without repeating its edge: [1 2 3] padded by 2 is [3 2 1 2 3 2 1].
  public func reflectionPadded(top: Int, bottom: Int, left: Int, right: Int) -> Tensor {
    tensorOrFail("reflection pad(\(shape), \(top), \(bottom), \(left), \(right))") {
      ctorch_reflection_pad2d(
        handle.pointer, Int64(top), Int64(bottom), Int64(left), Int64(right), $0, $1)
    }
  }

  /// (x - mean) / sqrt(variance + eps) over each channel of each image.
  public func instanceNorm(eps: Double) -> Tensor {
    Self.unary("instance norm", self) { ctorch_instance_norm($0, eps, $1, $2) }
  }

  /// `instanceNorm(eps:).leakyReLU(slope:)` as one operator that keeps less for its backward pass.
  public func instanceNormLeakyReLU(eps: Double, slope: Double) -> Tensor {
    Self.unary("instance norm and relu", self) {
      ctorch_instance_norm_leaky_relu($0, eps, slope, $1, $2)
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

  /// Zeroes each element with the given probability and scales the others up by 1 / (1 - p).
  public func dropout(probability: Double) -> Tensor {
    Self.unary("dropout", self) { ctorch_dropout($0, probability, $1, $2) }
  }
}
