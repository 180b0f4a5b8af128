/// Where a tensor's elements are in its storage, checked: every one of them is there.
struct StridedTensor {
  let name: String
  let storage: PickleHeap.Storage
  let shape: [Int]
  private let strides: [Int]
  /// In the whole storage, in elements.
  private let offset: Int
  let elementCount: Int

  var dtype: DType { storage.type.dtype }
  /// Of the tensor that it becomes.
  var byteCount: Int { elementCount * dtype.byteCount }

  /// Throws for sizes and strides that are impossible, or that lead out of the storage.
  init(_ name: String, _ tensor: PickleHeap.Tensor) throws(UnusableWeights) {
    let range = tensor.storage.range
    // Zeros count as one, because libtorch multiplies the other sizes for the strides all the same.
    var extent = 8
    for size in tensor.shape {
      let (product, overflow) = extent.multipliedReportingOverflow(by: max(size, 1))
      guard size >= 0, !overflow else {
        throw UnusableWeights("tensor '\(name)' has the impossible shape \(tensor.shape)")
      }
      extent = product
    }
    elementCount = tensor.shape.contains(0) ? 0 : extent / 8
    guard tensor.offset >= 0, tensor.strides.allSatisfy({ $0 >= 0 }) else {
      throw UnusableWeights("tensor '\(name)' has a negative offset or stride")
    }
    var last = tensor.offset
    for (size, stride) in zip(tensor.shape, tensor.strides) where elementCount > 0 {
      let (step, tooFar) = stride.multipliedReportingOverflow(by: size - 1)
      let (sum, beyond) = last.addingReportingOverflow(step)
      guard !tooFar, !beyond else {
        throw UnusableWeights("tensor '\(name)' leads out of its storage")
      }
      last = sum
    }
    guard elementCount == 0 || last < range.count else {
      throw UnusableWeights(
        "tensor '\(name)' leads out of its storage, which has \(range.count) elements")
    }
    self.name = name
    storage = tensor.storage
    shape = tensor.shape
    strides = tensor.strides
    offset = elementCount == 0 ? 0 : range.lowerBound + tensor.offset
  }

  /// The tensor, row-major, with a type that this project has.
  /// - Parameter bytes: of the whole storage.
  func tensor(from bytes: [UInt8]) -> Tensor {
    let size = storage.type.byteCount
    let elements: [UInt8]
    if isContiguous {
      elements = Array(bytes[(offset * size)..<((offset + elementCount) * size)])
    } else {
      elements = gathered(from: bytes, size)
    }
    return storage.type.converted(elements).withUnsafeBytes {
      Tensor(bytes: $0, dtype: dtype, shape: shape)
    }
  }

  private var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() {
      if size != 1 && stride != expected { return false }
      expected *= max(size, 1)
    }
    return true
  }

  private func gathered(from bytes: [UInt8], _ size: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: elementCount * size) { target, count in
      var index = [Int](repeating: 0, count: shape.count)
      var place = offset
      for _ in 0..<elementCount {
        for byte in 0..<size {
          target[count] = bytes[place * size + byte]
          count += 1
        }
        for axis in shape.indices.reversed() {
          index[axis] += 1
          place += strides[axis]
          if index[axis] < shape[axis] { break }
          place -= index[axis] * strides[axis]
          index[axis] = 0
        }
      }
    }
  }
}
