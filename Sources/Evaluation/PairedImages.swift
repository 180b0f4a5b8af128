import Files
import Foundation
import Imaging
import Wording

/// Made images beside the true ones of the same names.
struct PairedImages {
  private var psnr: [Double] = []
  private var ssim: [Double] = []
  private var lpips: [Double] = []
  private var identicalCount = 0
  private var otherSizeCount = 0
  let perceptual: PerceptualDistance?

  /// SSIM's window has as many pixels a side.
  private static let leastSide = 11

  init(perceptual: PerceptualDistance?) { self.perceptual = perceptual }

  /// - Parameter path: of the made image. Throws `FileError` where the network for LPIPS does not take it.
  mutating func add(_ made: Image, truth: Image, path: String) throws(FileError) {
    let channels = max(made.colors, truth.colors)
    guard made.height == truth.height, made.width == truth.width,
      min(made.height, made.width) >= Self.leastSide, made.canConvert(toChannels: channels),
      truth.canConvert(toChannels: channels)
    else {
      otherSizeCount += 1
      return
    }
    let (x, y) = (made.converted(toChannels: channels), truth.converted(toChannels: channels))
    let similarity = ImageSimilarity(of: x, to: y)
    if similarity.psnr.isFinite { psnr.append(similarity.psnr) } else { identicalCount += 1 }
    ssim.append(similarity.ssim)
    if let perceptual, x.canConvert(toChannels: 3) {
      lpips.append(try perceptual(x.withBitDepth(8), y.withBitDepth(8), path))
    }
  }

  /// Empty where there was no pair that can be compared.
  var measurements: [Measurement] {
    if ssim.isEmpty { return [] }
    let words = "standard error, \(counted(ssim.count, "pair")) of the same name"
    var remark = words
    if identicalCount > 0 { remark += "; without \(grouped(identicalCount)) that are equal" }
    let first =
      psnr.isEmpty
      ? Measurement("psnr", "PSNR, dB", value: nil, "all pairs are equal")
      : Measurement("psnr", "PSNR, dB", Estimate(meanOf: psnr), remark)
    return [first, Measurement("ssim", "SSIM", Estimate(meanOf: ssim), words)]
      + (lpips.isEmpty ? [] : [Measurement("lpips", "LPIPS", Estimate(meanOf: lpips), words)])
  }

  /// What was left out, in words; nil for nothing.
  var note: String? {
    otherSizeCount == 0
      ? nil
      : "\(counted(otherSizeCount, "pair")) of the same name left out: other sizes on both sides, or less than "
        + "\(Self.leastSide) pixels a side"
  }
}
