import CTorch

// Matrices are `[rows, columns]`.
extension Tensor {
  /// The matrix product. Traps unless this matrix has as many columns as the other has rows.
  package func times(_ other: Tensor) -> Tensor {
    Self.binary("matrix product", self, other, ctorch_matrix_product)
  }

  /// R of a = Q R with orthonormal columns in Q: `[min(rows, columns), columns]`, and R^T R is a^T a.
  package func triangularFactor() -> Tensor {
    Self.unary("triangular factor", self, ctorch_triangular_factor)
  }

  /// From the largest to the smallest.
  package func singularValues() -> Tensor {
    Self.unary("singular values", self, ctorch_singular_values)
  }

  /// The rows at the places given, which may repeat. Traps for a place that is not there.
  package func rows(_ places: [Int]) -> Tensor {
    tensorOrFail("rows(\(shape), \(places.count) places)") { result, message in
      places.map(Int64.init).withUnsafeBufferPointer {
        ctorch_rows(handle.pointer, $0.baseAddress, Int64($0.count), result, message)
      }
    }
  }

  /// 1 where the element is less than the other's and 0 elsewhere, with broadcasting.
  package func isLess(than other: Tensor) -> Tensor {
    Self.binary("less", self, other, ctorch_less)
  }

  /// The elements in row-major order, converted to `Double`.
  package var doubles: [Double] {
    let source = dtype == .float64 ? self : converted(to: .float64)
    return source.bytes.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
  }
}
