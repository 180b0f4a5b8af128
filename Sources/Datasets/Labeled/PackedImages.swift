import Imaging

/// Images of one size in one array of bytes, cut out when they are asked for.
struct PackedImages: Sendable {
  /// Where the samples of an image lie: `channels` planes, one after the other, each row by row.
  struct Layout: Sendable {
    let height: Int
    let width: Int
    /// 1 gray, 3 for a red, a green and a blue plane.
    let channels: Int
    /// Bytes in front of each image's samples.
    let prefix: Int

    var planeSize: Int { height * width }
    /// Bytes from one image to the next.
    var recordSize: Int { prefix + channels * planeSize }
  }

  let layout: Layout
  /// Whole records, one for each image.
  let bytes: [UInt8]

  /// Traps if the records are not whole.
  init(layout: Layout, bytes: [UInt8]) {
    precondition(
      bytes.count.isMultiple(of: layout.recordSize),
      "\(bytes.count) bytes of records of \(layout.recordSize)")
    self.layout = layout
    self.bytes = bytes
  }

  /// The gray images of an IDX file.
  init(_ file: IDXFile) {
    self.init(
      layout: Layout(height: file.sizes[1], width: file.sizes[2], channels: 1, prefix: 0),
      bytes: file.bytes)
  }

  var count: Int { bytes.count / layout.recordSize }

  /// An image of 8 bits with its channels interleaved. Traps if there is no such image.
  func image(at index: Int) -> Image {
    let start = index * layout.recordSize + layout.prefix
    let samples = bytes[start..<start + layout.channels * layout.planeSize]
    return Image(
      height: layout.height, width: layout.width, channels: layout.channels,
      pixels: layout.channels == 1 ? Array(samples) : interleaved(samples))
  }

  private func interleaved(_ planes: ArraySlice<UInt8>) -> [UInt8] {
    let (channels, planeSize) = (layout.channels, layout.planeSize)
    return [UInt8](unsafeUninitializedCapacity: planes.count) { target, initializedCount in
      for (position, sample) in planes.enumerated() {
        target[position % planeSize * channels + position / planeSize] = sample
      }
      initializedCount = planes.count
    }
  }
}
