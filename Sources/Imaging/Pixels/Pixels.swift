/// Pixels of one kind of sample: rows from top to bottom, pixels from left to right, the channels of a
/// pixel side by side.
///
/// The work on pixels is written here, once for all kinds of samples and numbers of channels; `Image` is
/// what the rest of the program knows.
struct Pixels<Element: Sample>: Sendable, Equatable {
  let height: Int
  let width: Int
  let channels: Int
  /// `height * width * channels` numbers, row-major and interleaved.
  let samples: [Element]

  /// Traps if height, width or channels are below 1, or the number of samples disagrees.
  init(height: Int, width: Int, channels: Int, samples: [Element]) {
    precondition(height >= 1 && width >= 1, "an image of \(height)x\(width) pixels")
    precondition(channels >= 1, "an image with \(channels) channels")
    precondition(
      samples.count == height * width * channels,
      "\(samples.count) samples for \(height)x\(width) pixels of \(channels) channels")
    self.height = height
    self.width = width
    self.channels = channels
    self.samples = samples
  }

  /// Makes pixels by filling all of their samples, `stride` of them in a row.
  init(
    height: Int, width: Int, channels: Int,
    fill: (_ target: UnsafeMutableBufferPointer<Element>, _ stride: Int) -> Void
  ) {
    let stride = width * channels
    self.init(
      height: height, width: width, channels: channels,
      samples: [Element](unsafeUninitializedCapacity: height * stride) { target, count in
        fill(target, stride)
        count = height * stride
      })
  }
}
