import CTorch

// Each call draws from a generator of its own, so that a result depends on its seed alone: not on what
// was drawn before it, and not on the device.
extension Tensor {
  /// Independent draws from N(0, 1), float32 on the CPU.
  package static func normal(shape: [Int], seed: UInt64) -> Tensor {
    tensorOrFail("normal(\(shape))") { result, message in
      withSizes(shape) { ctorch_normal(seed, $0, $1, result, message) }
    }
  }

  /// Independent draws, uniform on [0, 1), float32 on the CPU.
  package static func uniform(shape: [Int], seed: UInt64) -> Tensor {
    tensorOrFail("uniform(\(shape))") { result, message in
      withSizes(shape) { ctorch_uniform(seed, $0, $1, result, message) }
    }
  }

  /// A random matrix `[rows, columns]` with orthonormal columns. Traps if there are fewer rows.
  static func orthogonal(rows: Int, columns: Int, seed: UInt64) -> Tensor {
    tensorOrFail("orthogonal(\(rows), \(columns))") {
      ctorch_orthogonal(seed, Int64(rows), Int64(columns), $0, $1)
    }
  }
}

/// Seeds the generators that dropout draws from.
package func seedDropout(_ seed: UInt64) {
  attemptOrFail("seed") { ctorch_seed_default_generators(seed, $0) }
}
