extension Image {
  /// The image with 8 or 16 bits a sample. 8 to 16 multiplies by 257, which is exact (255 becomes
  /// 65535); 16 to 8 divides by 257 and rounds. Traps for other depths.
  package func withBitDepth(_ depth: Int) -> Image {
    precondition(depth == 8 || depth == 16, "a bit depth of \(depth)")
    switch samples {
    case .eightBit(let samples) where depth == 16:
      return with(.sixteenBit(samples.map { UInt16($0) * 257 }))
    case .sixteenBit(let samples) where depth == 8:
      return with(.eightBit(samples.map { UInt8((UInt32($0) + 128) / 257) }))
    default:
      return self
    }
  }

  private func with(_ samples: Samples) -> Image {
    Image(height: height, width: width, channels: channels, samples: samples)
  }
}
