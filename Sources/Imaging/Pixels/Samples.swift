extension Image {
  /// `height * width * channels` numbers, row-major and interleaved.
  package enum Samples: Sendable, Equatable {
    case eightBit([UInt8])
    case sixteenBit([UInt16])
    /// Values of any size.
    case float([Float])
  }
}

extension Image.Samples {
  /// So many samples of one level in 16 bits. Traps for other depths than 8, 16 and 32.
  init(repeating level: UInt16, count: Int, bitDepth: Int) {
    switch bitDepth {
    case 8: self = .eightBit(Array(repeating: UInt8(sixteenBits: level), count: count))
    case 16: self = .sixteenBit(Array(repeating: level, count: count))
    case 32: self = .float(Array(repeating: Float(sixteenBits: level), count: count))
    default: preconditionFailure("a bit depth of \(bitDepth)")
    }
  }

  /// So many samples, all of which `fill` writes. Traps for other depths than 8, 16 and 32.
  init<Failure: Error>(
    count: Int, bitDepth: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    switch bitDepth {
    case 8: self = .eightBit(try Self.filled(count, fill))
    case 16: self = .sixteenBit(try Self.filled(count, fill))
    case 32: self = .float(try Self.filled(count, fill))
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
    case .float: 32
    }
  }

  /// That of 8 and 16 bits, and 0 to 1 for floats.
  var wholeRange: ValueRange {
    switch self {
    case .eightBit: ValueRange(0, 255)
    case .sixteenBit: ValueRange(0, 65535)
    case .float: ValueRange(0, 1)
    }
  }

  var count: Int { withUnsafeBytes { $0.count } * 8 / bitDepth }

  /// The samples as numbers of the machine, without padding.
  func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch self {
    case .eightBit(let samples): samples.withUnsafeBytes(body)
    case .sixteenBit(let samples): samples.withUnsafeBytes(body)
    case .float(let samples): samples.withUnsafeBytes(body)
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
    case .float(var samples):
      self = .float([])
      defer { self = .float(samples) }
      return samples.withUnsafeMutableBytes(body)
    }
  }

  /// The samples as levels of another kind.
  func converted<S: Sample>(to kind: S.Type = S.self) -> [S] {
    switch self {
    case .eightBit(let samples): Self.converted(samples)
    case .sixteenBit(let samples): Self.converted(samples)
    case .float(let samples): Self.converted(samples)
    }
  }

  private static func converted<From: Sample, To: Sample>(_ samples: [From]) -> [To] {
    samples as? [To] ?? samples.map { To(sixteenBits: $0.sixteenBits) }
  }

  /// Pixels of so many channels as levels of 8 or 16 bits, of which `range` becomes the whole. Alpha has its whole
  /// range already. Traps for other depths.
  func levels(
    ofDepth depth: Int, range: ValueRange, channels: Int, hasAlpha: Bool
  ) -> Image.Samples {
    switch (self, depth) {
    case (_, 8) where range == wholeRange: .eightBit(converted())
    case (_, 16) where range == wholeRange: .sixteenBit(converted())
    case (.eightBit(let samples), _):
      Self.levels(samples, depth, range, channels: channels, hasAlpha: hasAlpha)
    case (.sixteenBit(let samples), _):
      Self.levels(samples, depth, range, channels: channels, hasAlpha: hasAlpha)
    case (.float(let samples), _):
      Self.levels(samples, depth, range, channels: channels, hasAlpha: hasAlpha)
    }
  }

  private static func levels<S: Sample>(
    _ samples: [S], _ depth: Int, _ range: ValueRange, channels: Int, hasAlpha: Bool
  ) -> Image.Samples {
    switch depth {
    case 8: .eightBit(levels(samples, range, channels: channels, hasAlpha: hasAlpha))
    case 16: .sixteenBit(levels(samples, range, channels: channels, hasAlpha: hasAlpha))
    default: preconditionFailure("a bit depth of \(depth)")
    }
  }

  private static func levels<From: Sample, To: Sample>(
    _ samples: [From], _ range: ValueRange, channels: Int, hasAlpha: Bool
  ) -> [To] {
    let alpha = hasAlpha ? channels - 1 : channels
    return samples.indices.map { index in
      index % channels == alpha
        ? To(sixteenBits: samples[index].sixteenBits)
        : To(nearest: range.position(of: samples[index].doubleValue) * To.full.doubleValue)
    }
  }

  /// Pixels of so many channels as floats: the colors' own values, and alpha from 0 to 1.
  func values(channels: Int, hasAlpha: Bool) -> [Float] {
    switch self {
    case .eightBit(let samples): Self.values(samples, channels: channels, hasAlpha: hasAlpha)
    case .sixteenBit(let samples): Self.values(samples, channels: channels, hasAlpha: hasAlpha)
    case .float(let samples): samples
    }
  }

  private static func values<S: Sample>(_ samples: [S], channels: Int, hasAlpha: Bool) -> [Float] {
    if !hasAlpha { return samples.map { Float($0.doubleValue) } }
    return samples.indices.map { index in
      let value = Float(samples[index].doubleValue)
      return index % channels == channels - 1 ? value / Float(S.full.doubleValue) : value
    }
  }
}
