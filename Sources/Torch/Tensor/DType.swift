import CTorch

/// The type of a tensor's elements.
package enum DType: String, Sendable, CaseIterable {
  case float32, float64, float16, bfloat16, uint8, int64

  var shimValue: ctorch_dtype {
    switch self {
    case .float32: return CTORCH_FLOAT32
    case .float64: return CTORCH_FLOAT64
    case .float16: return CTORCH_FLOAT16
    case .bfloat16: return CTORCH_BFLOAT16
    case .uint8: return CTORCH_UINT8
    case .int64: return CTORCH_INT64
    }
  }

  /// The size of one element in bytes.
  package var byteCount: Int {
    switch self {
    case .float64, .int64: return 8
    case .float32: return 4
    case .float16, .bfloat16: return 2
    case .uint8: return 1
    }
  }
}
