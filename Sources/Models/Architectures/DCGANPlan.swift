/// The sizes and channels of a DCGAN's layers, from the narrowest to the image.
///
/// The paper's network for 64x64: 4x4 with 8 filters' channels, then 8x8 with 4, 16x16 with 2, 32x32 with
/// one, and the image. Other sizes have a doubling more or less; 28 begins at 7x7.
struct DCGANPlan {
  /// Side of the first feature map, in pixels.
  let startSize: Int
  /// Channels of the feature maps, each of twice the side of the one before.
  let channels: [Int]

  /// Traps for a size that is none of `SampleModelConfiguration.convolutionalSizes`.
  init(size: Int, filters: Int) {
    precondition(
      SampleModelConfiguration.convolutionalSizes.contains(size), "a DCGAN of \(size) pixels")
    startSize = size == 28 ? 7 : 4
    var factors: [Int] = []
    var side = startSize
    while side < size {
      factors.append(1 << factors.count)
      side *= 2
    }
    channels = factors.reversed().map { $0 * filters }
  }
}
