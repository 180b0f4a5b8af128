import CTorch

// What networks that judge images have beside the layers of those that make them.
extension Tensor {
  /// A convolution whose kernel has any height and width.
  /// - Parameter weight: `[outputChannels, inputChannels, kernelHeight, kernelWidth]`.
  package func conv2d(
    weight: Tensor, bias: Tensor?, stride: Int, verticalPadding: Int, horizontalPadding: Int
  ) -> Tensor {
    tensorOrFail("conv2d(\(shape), weight \(weight.shape))") {
      ctorch_conv2d_rectangular(
        handle.pointer, weight.handle.pointer, bias?.handle.pointer, Int64(stride),
        Int64(verticalPadding), Int64(horizontalPadding), $0, $1)
    }
  }

  /// The largest value of each square window.
  package func maxPooled(size: Int, stride: Int, padding: Int = 0) -> Tensor {
    Self.unary("max pool", self) {
      ctorch_max_pool2d($0, Int64(size), Int64(stride), Int64(padding), $1, $2)
    }
  }

  /// The mean of each square window; pixels of the padding do not count.
  package func averagePooled(size: Int, stride: Int, padding: Int = 0) -> Tensor {
    Self.unary("average pool", self) {
      ctorch_average_pool2d($0, Int64(size), Int64(stride), Int64(padding), $1, $2)
    }
  }

  /// Interpolated between the four nearest pixels, which are squares; nothing is averaged where the map becomes
  /// smaller.
  package func resizedBilinearly(height: Int, width: Int) -> Tensor {
    Self.unary("resize bilinearly", self) {
      ctorch_resize_bilinear($0, Int64(height), Int64(width), $1, $2)
    }
  }
}
