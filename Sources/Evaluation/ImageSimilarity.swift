import Datasets
import Foundation
import Imaging
import Torch

/// How alike two images of one size are.
package struct ImageSimilarity: Sendable, Equatable {
  /// Peak signal-to-noise ratio in dB over all channels: 10 log10(1 / mean squared difference) for values
  /// in [0, 1]; infinite for equal images.
  package var psnr: Double
  /// Structural similarity in [-1, 1], the mean over windows and channels; 1 for equal images.
  /// Source: Wang et al., "Image quality assessment", IEEE TIP 13(4), 2004, equation 13, with its
  /// Gaussian window of 11x11 pixels and deviation 1.5.
  package var ssim: Double

  package init(psnr: Double, ssim: Double) {
    self.psnr = psnr
    self.ssim = ssim
  }

  /// Compares images of at least 11x11 pixels. Traps where sizes or channels differ.
  package init(of image: Image, to truth: Image) {
    // [channel, 1, height, width] in [0, 1]: each channel by itself.
    func channels(_ image: Image) -> Tensor {
      (Tensor(images: [image]) * 0.5 + 0.5)
        .reshaped([image.channels, 1, image.height, image.width])
    }
    self = withoutGradients {
      let (x, y) = (channels(image), channels(truth))
      let error = x.meanSquaredError(y).item
      return ImageSimilarity(psnr: -10 * log10(error), ssim: Self.structure(x, y))
    }
  }

  private static func structure(_ x: Tensor, _ y: Tensor) -> Double {
    let window = gaussianWindow(size: 11, deviation: 1.5)
    func local(_ t: Tensor) -> Tensor { t.conv2d(weight: window, bias: nil, stride: 1, padding: 0) }
    let (meanX, meanY) = (local(x), local(y))
    let varianceX = local(x * x) - meanX * meanX
    let varianceY = local(y * y) - meanY * meanY
    let covariance = local(x * y) - meanX * meanY
    let c1 = 0.01 * 0.01
    let c2 = 0.03 * 0.03
    let numerator = (meanX * meanY * 2 + c1) * (covariance * 2 + c2)
    let denominator = (meanX * meanX + meanY * meanY + c1) * (varianceX + varianceY + c2)
    return (numerator / denominator).mean().item
  }

  /// `[1, 1, size, size]`, with sum 1.
  private static func gaussianWindow(size: Int, deviation: Double) -> Tensor {
    let line = (0..<size).map { index in
      let distance = Double(index) - Double(size - 1) / 2
      return exp(-distance * distance / (2 * deviation * deviation))
    }
    let sum = line.reduce(0, +)
    let window = line.flatMap { row in line.map { Float(row * $0 / (sum * sum)) } }
    return Tensor(window, shape: [1, 1, size, size])
  }

  /// The mean of both measures over several images. Traps on an empty list.
  package static func mean(_ all: [ImageSimilarity]) -> ImageSimilarity {
    precondition(!all.isEmpty, "the mean of no images")
    return ImageSimilarity(
      psnr: all.map(\.psnr).reduce(0, +) / Double(all.count),
      ssim: all.map(\.ssim).reduce(0, +) / Double(all.count))
  }
}
