import Imaging
import Torch

extension Tensor {
  /// Images of one size and channel count as `[batch, channel, height, width]` in [-1, 1], float32, on
  /// the CPU. Traps on an empty list and where sizes or channels differ.
  package init(images: [Image]) {
    self = .concatenated(images.map(Tensor.init(image:)), axis: 0)
  }

  private init(image: Image) {
    let shape = [1, image.height, image.width, image.channels]
    let scaled: Tensor
    switch image.samples {
    case .eightBit(let values):
      let bytes = values.withUnsafeBytes { Tensor(bytes: $0, dtype: .uint8, shape: shape) }
      scaled = bytes.permuted([0, 3, 1, 2]).contiguous().converted(to: .float32) * (2.0 / 255)
    case .sixteenBit(let values):
      scaled =
        Tensor(values.map(Float.init), shape: shape).permuted([0, 3, 1, 2]).contiguous()
        * (2.0 / 65535)
    }
    self = scaled - 1
  }

  /// The images in a batch `[batch, channel, height, width]` with values in [-1, 1], which are clamped
  /// and rounded to 8 or 16 bits; what is not a number becomes any value. Traps unless there are 1 or 3 channels.
  package func images(bitDepth: Int = 8) -> [Image] {
    let largest = bitDepth == 16 ? 65535.0 : 255.0
    let shape = self.shape
    let (channels, height, width) = (shape[1], shape[2], shape[3])
    let levels = ((converted(to: .float32) + 1) * (largest / 2)).rounded().clamped(to: 0...largest)
    let interleaved = levels.permuted([0, 2, 3, 1]).contiguous()
    return (0..<shape[0]).map { index in
      let image = interleaved.narrowed(axis: 0, index..<(index + 1))
      let samples: Image.Samples =
        bitDepth == 16
        ? .sixteenBit(image.elements.map { UInt16(exactly: $0) ?? 0 })
        : .eightBit(image.converted(to: .uint8).bytes)
      return Image(height: height, width: width, channels: channels, samples: samples)
    }
  }
}
