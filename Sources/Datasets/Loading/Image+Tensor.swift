import Imaging
import Torch

extension Tensor {
  /// Images of one size and channel count as `[batch, channel, height, width]`, float32: black is -1 and white is 1.
  /// Traps on an empty list and where sizes or channels differ.
  ///
  /// - Parameters:
  ///   - device: gets the samples as they are, and makes numbers of them itself.
  ///   - layout: of the result on a GPU.
  package init(images: [Image], on device: Device = .cpu, _ layout: MapLayout = .planes) {
    // As one tensor where that is possible: of small images the calls for each would cost more than the step.
    self =
      Tensor(alike: images, on: device)
      ?? .concatenated(images.map { Tensor(image: $0, on: device) }, axis: 0)
    if layout == .pixels { self = laid(out: layout) }
  }

  /// `nil` unless all are of 8 bits, of one size and one range.
  private init?(alike images: [Image], on device: Device) {
    guard let first = images.first else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(images.count * first.height * first.width * first.channels)
    for image in images {
      guard case .eightBit(let samples) = image.samples, image.height == first.height,
        image.width == first.width, image.channels == first.channels, image.range == first.range
      else { return nil }
      bytes += samples
    }
    let interleaved = bytes.withUnsafeBytes {
      Tensor(
        bytes: $0, dtype: .uint8,
        shape: [images.count, first.height, first.width, first.channels], on: device)
    }
    self = interleaved.fromInterleaved(range: first.range)
  }

  private init(image: Image, on device: Device) {
    let shape = [1, image.height, image.width, image.channels]
    func interleaved(_ bytes: UnsafeRawBufferPointer, _ dtype: DType) -> Tensor {
      Tensor(bytes: bytes, dtype: dtype, shape: shape, on: device)
    }
    let samples =
      switch image.samples {
      case .eightBit(let bytes): bytes.withUnsafeBytes { interleaved($0, .uint8) }
      case .sixteenBit(let words):
        words.map(Float.init).withUnsafeBytes { interleaved($0, .float32) }
      case .float(let values): values.withUnsafeBytes { interleaved($0, .float32) }
      }
    self = samples.fromInterleaved(range: image.range)
  }

  /// Of `[batch, height, width, channel]`, with the values that become -1 and 1.
  private func fromInterleaved(range: ValueRange) -> Tensor {
    let values = permuted([0, 3, 1, 2]).contiguous().converted(to: .float32)
    // Taken off before anything is multiplied: values may be large and their range small.
    let low = range.low
    return (low == 0 ? values : values - low) * (2 / range.width) - 1
  }

  /// The images in a batch `[batch, channel, height, width]` with values in [-1, 1], which become black and white.
  ///
  /// 8 and 16 bits are rounded and clamped to the range; what is not a number becomes any value there. Floats (32)
  /// stay what they are.
  /// - Parameter range: of the images; nil takes the whole range of 8 and 16 bits, and 0 to 1 for floats.
  package func images(bitDepth: Int = 8, range: ValueRange? = nil) -> [Image] {
    let range = range ?? ValueRange(0, bitDepth == 32 ? 1 : bitDepth == 16 ? 65535 : 255)
    let shape = self.shape
    let (channels, height, width) = (shape[1], shape[2], shape[3])
    var values = (converted(to: .float32) + 1) * (range.width / 2)
    if range.low != 0 { values = values + range.low }
    if bitDepth < 32 {
      values = values.rounded().clamped(to: range.low.rounded(.up)...range.high.rounded(.down))
    }
    let interleaved = values.permuted([0, 2, 3, 1]).contiguous()
    return (0..<shape[0]).map { index in
      let image = interleaved.narrowed(axis: 0, index..<(index + 1))
      let samples: Image.Samples =
        switch bitDepth {
        case 32: .float(image.elements)
        case 16: .sixteenBit(image.elements.map { UInt16(exactly: $0) ?? 0 })
        default: .eightBit(image.converted(to: .uint8).bytes)
        }
      return Image(
        height: height, width: width, channels: channels, samples: samples, hasAlpha: false,
        range: range)
    }
  }
}
