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

/// Seeds the generators that dropout draws from, and says of which samples the tensors will be that follow in this
/// thread: dropout draws for the whole batch, so that a sample loses the same elements in whichever part it is.
package func seedDropout(_ seed: UInt64, for part: BatchPart? = nil) {
  attemptOrFail("seed") {
    ctorch_seed_dropout(seed, Int64(part?.samples.lowerBound ?? 0), Int64(part?.total ?? 0), $0)
  }
}
