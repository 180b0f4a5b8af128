extension Image {
  /// `height * width * channels` numbers, row-major and interleaved.
  package enum Samples: Sendable, Equatable {
    case eightBit([UInt8])
    case sixteenBit([UInt16])
  }
}

extension Image.Samples {
  /// So many samples of one level in 16 bits. Traps for other depths than 8 and 16.
  init(repeating level: UInt16, count: Int, bitDepth: Int) {
    switch bitDepth {
    case 8: self = .eightBit(Array(repeating: UInt8(sixteenBits: level), count: count))
    case 16: self = .sixteenBit(Array(repeating: level, count: count))
    default: preconditionFailure("a bit depth of \(bitDepth)")
    }
  }

  /// So many samples, all of which `fill` writes. Traps for other depths than 8 and 16.
  init<Failure: Error>(
    count: Int, bitDepth: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    switch bitDepth {
    case 8: self = .eightBit(try Self.filled(count, fill))
    case 16: self = .sixteenBit(try Self.filled(count, fill))
    default: preconditionFailure("a bit depth of \(bitDepth)")
    }
  }

  private static func filled<S: Sample, Failure: Error>(
    _ count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) -> [S] {
    var result: Result<Void, Failure> = .success(())
    let samples = [S](unsafeUninitializedCapacity: count) { target, initializedCount in
      result = Result { () throws(Failure) in
        try fill(
          UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(target)[..<(count * MemoryLayout<S>.stride)]))
      }
      if case .success = result { initializedCount = count }
    }
    try result.get()
    return samples
  }

  var bitDepth: Int {
    switch self {
    case .eightBit: 8
    case .sixteenBit: 16
    }
  }

  var count: Int { withUnsafeBytes { $0.count } * 8 / bitDepth }

  /// The samples as numbers of the machine, without padding.
  func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch self {
    case .eightBit(let samples): samples.withUnsafeBytes(body)
    case .sixteenBit(let samples): samples.withUnsafeBytes(body)
    }
  }

  /// The same, to be written to, in place.
  mutating func withUnsafeMutableBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) -> Result
  ) -> Result {
    switch self {
    case .eightBit(var samples):
      self = .eightBit([])  // so that there is one reference to the array, and it is not copied
      defer { self = .eightBit(samples) }
      return samples.withUnsafeMutableBytes(body)
    case .sixteenBit(var samples):
      self = .sixteenBit([])
      defer { self = .sixteenBit(samples) }
      return samples.withUnsafeMutableBytes(body)
    }
  }

  /// The samples as levels of another kind.
  func converted<S: Sample>(to kind: S.Type = S.self) -> [S] {
    switch self {
    case .eightBit(let samples): Self.converted(samples)
    case .sixteenBit(let samples): Self.converted(samples)
    }
  }

  private static func converted<From: Sample, To: Sample>(_ samples: [From]) -> [To] {
    samples as? [To] ?? samples.map { To(sixteenBits: $0.sixteenBits) }
  }

  /// Traps for other depths than 8 and 16.
  func withBitDepth(_ depth: Int) -> Image.Samples {
    switch depth {
    case 8: .eightBit(converted())
    case 16: .sixteenBit(converted())
    default: preconditionFailure("a bit depth of \(depth)")
    }
  }
}
