import CTorch

extension Tensor {
  /// The same elements, row-major, under another shape. Traps if the counts differ.
  package func reshaped(_ newShape: [Int]) -> Tensor {
    tensorOrFail("reshape(\(shape) to \(newShape))") { result, message in
      withSizes(newShape) { ctorch_reshape(handle.pointer, $0, $1, result, message) }
    }
  }

  /// Axis `i` of the result is axis `axes[i]` of this tensor.
  package func permuted(_ axes: [Int]) -> Tensor {
    tensorOrFail("permute(\(shape), \(axes))") { result, message in
      withSizes(axes) { ctorch_permute(handle.pointer, $0, $1, result, message) }
    }
  }

  /// The part of one axis from `range.lowerBound` up to, not including, `range.upperBound`.
  package func narrowed(axis: Int, _ range: Range<Int>) -> Tensor {
    tensorOrFail("narrow(\(shape), axis \(axis), \(range))") {
      ctorch_narrow(
        handle.pointer, Int64(axis), Int64(range.lowerBound), Int64(range.count), $0, $1)
    }
  }

  /// The tensors one after another along `axis`; all other axes have to agree. Traps on an empty list.
  package static func concatenated(_ tensors: [Tensor], axis: Int) -> Tensor {
    tensorOrFail("concatenate(\(tensors.map(\.shape)), axis \(axis))") { result, message in
      withPointers(tensors) {
        ctorch_concatenate($0, Int32(tensors.count), Int64(axis), result, message)
      }
    }
  }

  package func converted(to dtype: DType) -> Tensor {
    tensorOrFail("convert(\(shape) to \(dtype))") {
      ctorch_to_dtype(handle.pointer, dtype.shimValue, $0, $1)
    }
  }

  package func moved(to device: Device) -> Tensor {
    tensorOrFail("move(\(shape) to \(device))") {
      ctorch_to_device(handle.pointer, device.shimValue, $0, $1)
    }
  }

  /// The same elements with row-major storage, copied only where they have another.
  package func contiguous() -> Tensor {
    tensorOrFail("contiguous(\(shape))") { ctorch_contiguous(handle.pointer, $0, $1) }
  }

  /// The same elements in storage of their own.
  package func cloned() -> Tensor {
    tensorOrFail("clone(\(shape))") { ctorch_clone(handle.pointer, $0, $1) }
  }

  /// Writes `source` into this tensor's storage, converting its type. Only for leaves with gradients
  /// off: loading weights and running statistics. Traps if the shapes differ.
  package func copyInPlace(from source: Tensor) {
    withoutGradients {
      attemptOrFail("copy(\(source.shape) into \(shape))") {
        ctorch_copy_in_place(handle.pointer, source.handle.pointer, $0)
      }
    }
  }
}

/// Lends a list of tensors to the shim; they stay alive until `body` returns.
func withPointers<R>(
  _ tensors: [Tensor], _ body: (UnsafePointer<OpaquePointer?>?) -> R
) -> R {
  let pointers = tensors.map { Optional($0.handle.pointer) }
  return withExtendedLifetime(tensors) {
    pointers.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
