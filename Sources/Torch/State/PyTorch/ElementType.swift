/// The type of a storage's elements, under the name that PyTorch's pickles have for it.
enum ElementType: String {
  case float = "FloatStorage"
  case double = "DoubleStorage"
  case half = "HalfStorage"
  case bfloat16 = "BFloat16Storage"
  case uint8 = "ByteStorage"
  case int64 = "LongStorage"
  case int32 = "IntStorage"
  case int16 = "ShortStorage"
  case int8 = "CharStorage"
  case bool = "BoolStorage"

  /// In bytes.
  var byteCount: Int {
    switch self {
    case .double, .int64: 8
    case .float, .int32: 4
    case .half, .bfloat16, .int16: 2
    case .uint8, .int8, .bool: 1
    }
  }

  /// What a tensor of such elements becomes here: whole numbers that have no type of their own are widened.
  var dtype: DType {
    switch self {
    case .float: .float32
    case .double: .float64
    case .half: .float16
    case .bfloat16: .bfloat16
    case .uint8: .uint8
    case .int64, .int32, .int16, .int8, .bool: .int64
    }
  }

  /// Elements, row-major and in the machine's byte order, as those of `dtype`.
  func converted(_ bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .int32: Self.widened(bytes, Int32.self)
    case .int16: Self.widened(bytes, Int16.self)
    case .int8: Self.widened(bytes, Int8.self)
    case .bool: Self.widened(bytes.map { $0 == 0 ? 0 : 1 }, UInt8.self)
    default: bytes
    }
  }

  private static func widened<Element: FixedWidthInteger>(
    _ bytes: [UInt8], _ type: Element.Type
  ) -> [UInt8] {
    bytes.withUnsafeBytes { source in
      let numbers = (0..<(bytes.count / MemoryLayout<Element>.size)).map {
        Int64(source.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.size, as: type))
      }
      return numbers.withUnsafeBytes { Array($0) }
    }
  }
}
