import CTorch
import CZlib

/// Owns one reference to a libtorch tensor and gives it back when the last Swift owner is gone.
final class TensorHandle {
  let pointer: OpaquePointer

  /// Takes over the reference that came with `pointer`.
  init(adopting pointer: OpaquePointer) { self.pointer = pointer }

  deinit { ctorch_tensor_release(pointer) }
}

/// An n-dimensional array that autograd can follow. Images and feature maps are `[batch, channel, height,
/// width]`.
///
/// A value: copies share storage, and nothing writes into storage. Not `Sendable`: tensors stay on
/// the thread that trains or translates; pixels travel between threads.
package struct Tensor {
  let handle: TensorHandle

  package var rank: Int { Int(ctorch_rank(handle.pointer)) }

  package var shape: [Int] {
    (0..<ctorch_rank(handle.pointer)).map { Int(ctorch_size(handle.pointer, $0)) }
  }

  package var elementCount: Int { shape.reduce(1, *) }

  /// `nil` for a type the project never makes, such as complex numbers.
  package var dtype: DType? {
    let value = ctorch_get_dtype(handle.pointer)
    return DType.allCases.first { $0.shimValue == value }
  }

  package var device: Device {
    let device = ctorch_get_device(handle.pointer)
    switch device.type {
    case CTORCH_CUDA: return .cuda(index: Int(device.index))
    case CTORCH_MPS: return .mps
    default: return .cpu
    }
  }
}

extension Tensor {
  /// Gives the memory of a tensor that nobody will read again back to the system, where no other tensor shares
  /// it. Otherwise it stays with the program for new tensors, also where those are of other sizes.
  package func discardValues() { ctorch_discard_values(handle.pointer) }
}

// MARK: Making tensors

extension Tensor {
  /// A tensor on the CPU from elements in row-major order. Traps unless there is one for each place.
  package init(_ elements: [Float], shape: [Int]) {
    precondition(elements.count == shape.reduce(1, *), "\(elements.count) elements for \(shape)")
    self = elements.withUnsafeBytes { Tensor(bytes: $0, dtype: .float32, shape: shape) }
  }

  /// A tensor from raw elements, row-major and in the machine's byte order. A GPU takes them in while it computes what
  /// it was asked for before. Traps unless `bytes` has exactly the length the shape needs.
  package init(
    bytes: UnsafeRawBufferPointer, dtype: DType, shape: [Int], on device: Device = .cpu
  ) {
    precondition(
      bytes.count == shape.reduce(dtype.byteCount, *), "\(bytes.count) bytes for \(shape)")
    self = tensorOrFail("from bytes \(shape)") { result, message in
      withSizes(shape) {
        ctorch_from_bytes_on(
          device.shimValue, bytes.baseAddress, dtype.shimValue, $0, $1, result, message)
      }
    }
  }

  package static func full(
    _ value: Double, shape: [Int], dtype: DType = .float32, device: Device = .cpu
  ) -> Tensor {
    tensorOrFail("full(\(shape))") { result, message in
      withSizes(shape) {
        ctorch_full(value, dtype.shimValue, $0, $1, device.shimValue, result, message)
      }
    }
  }

  package static func zeros(shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor
  {
    full(0, shape: shape, dtype: dtype, device: device)
  }

  /// A tensor of one value, with the shape, type and device of this one.
  package func filled(with value: Double) -> Tensor {
    .full(value, shape: shape, dtype: dtype ?? .float32, device: device)
  }
}

// MARK: Reading tensors

extension Tensor {
  /// The elements in row-major order, converted to `Float`.
  package var elements: [Float] {
    let source = dtype == .float32 ? self : converted(to: .float32)
    return [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
      source.copyBytes(into: UnsafeMutableRawBufferPointer(buffer))
      count = elementCount
    }
  }

  /// The elements as they are stored, row-major.
  package var bytes: [UInt8] {
    let length = elementCount * (dtype?.byteCount ?? 0)
    return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      copyBytes(into: UnsafeMutableRawBufferPointer(buffer))
      count = length
    }
  }

  /// The CRC-32 of `bytes`.
  var checksum: UInt32 {
    bytes.withUnsafeBufferPointer { czlib_checksum($0.baseAddress, $0.count) }
  }

  private func copyBytes(into buffer: UnsafeMutableRawBufferPointer) {
    attemptOrFail("copy \(shape)") {
      ctorch_copy_bytes(handle.pointer, buffer.baseAddress, buffer.count, $0)
    }
  }

  /// The only element. Traps if there are more or none.
  package var item: Double {
    precondition(elementCount == 1, "item of a tensor of shape \(shape)")
    var value = 0.0
    attemptOrFail("item") { ctorch_item(handle.pointer, &value, $0) }
    return value
  }
}

/// Lends a shape to the shim.
func withSizes<R>(_ sizes: [Int], _ body: (UnsafePointer<Int64>?, Int32) -> R) -> R {
  sizes.map(Int64.init).withUnsafeBufferPointer { body($0.baseAddress, Int32(sizes.count)) }
}
