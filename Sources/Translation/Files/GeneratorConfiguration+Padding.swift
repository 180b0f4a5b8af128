import Models
import Training

extension GeneratorConfiguration {
  /// The side that an image of this side is padded to: as large as the network needs, and a multiple of
  /// what it takes.
  func paddedSize(_ size: Int) -> Int {
    (max(size, minimumSize) + sizeMultiple - 1) / sizeMultiple * sizeMultiple
  }
}
