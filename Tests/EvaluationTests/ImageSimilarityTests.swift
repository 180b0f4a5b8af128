import Foundation
import Imaging
import TestSupport
import Testing
import Training

@testable import Evaluation

/// PSNR and SSIM against values from their definitions.
struct ImageSimilarityTests {
  /// 51 is a fifth of 255: 10 log10(1 / 0.2^2) = 20 log10(5) = 13.979400 dB, and 0 dB from black to white.
  @Test(arguments: [(100, 151, 13.979400), (0, 255, 0), (200, 199, 48.130804)])
  func uniformDifferences(_ one: UInt8, _ other: UInt8, psnr: Double) {
    let similarity = ImageSimilarity(of: flat(one), to: flat(other))
    // Values near 0.5 have 24 bits, so that a difference of one level, 1/255, has at least 16: 1e-4 dB.
    expectClose(similarity.psnr, psnr, tolerance: 1e-3)
  }

  /// The mean is over all channels: a difference in one of three is 10 log10(3) = 4.771213 dB less noise.
  @Test func channelsCountAlike() {
    var pixels = [UInt8](repeating: 100, count: 12 * 12 * 3)
    for index in stride(from: 1, to: pixels.count, by: 3) { pixels[index] = 151 }
    let one = Image(height: 12, width: 12, channels: 3, pixels: pixels)
    expectClose(
      ImageSimilarity(of: one, to: flat(100)).psnr, 13.979400 + 4.771213, tolerance: 1e-3)
  }

  @Test func equalImagesAreAsAlikeAsCanBe() {
    let image = makeImage(3, height: 20, width: 13)
    let similarity = ImageSimilarity(of: image, to: image)
    #expect(similarity.psnr == .infinity)
    expectClose(similarity.ssim, 1, tolerance: 1e-6)
  }

  /// Without variance, equation 13 leaves (2 a b + c1) / (a^2 + b^2 + c1): for 0 and 1, 0.0001 / 1.0001.
  @Test func flatImagesDifferInLuminanceOnly() {
    let similarity = ImageSimilarity(of: flat(0), to: flat(255))
    expectClose(similarity.ssim, 0.0001 / 1.0001, tolerance: 1e-6)
  }

  /// Float32 variances are right within about 1e-7, where c2 = 9e-4 is the least they are divided by.
  @Test(arguments: ["noise", "pale", "negative", "flat"])
  func valuesOfWangsFormula(_ name: String) throws {
    struct Values: Decodable {
      let psnr: Double
      let ssim: Double
    }
    let all = try JSONDecoder().decode(
      [String: Values].self, from: Data(contentsOf: fixture("ImageSimilarity/values.json")))
    let values = try #require(all[name])
    let truth = try ImageFile.read(from: fixture("ImageSimilarity/truth.png")).image
    let image = try ImageFile.read(from: fixture("ImageSimilarity/\(name).png")).image
    let similarity = ImageSimilarity(of: image, to: truth)
    expectClose(similarity.psnr, values.psnr, tolerance: 1e-4)
    expectClose(similarity.ssim, values.ssim, tolerance: 2e-4)
    // Both measures are symmetric.
    let swapped = ImageSimilarity(of: truth, to: image)
    expectClose(swapped.ssim, values.ssim, tolerance: 2e-4)
  }

  @Test func theMeanIsOfBoth() {
    let mean = ImageSimilarity.mean([.init(psnr: 10, ssim: 0.25), .init(psnr: 20, ssim: 0.75)])
    #expect(mean == ImageSimilarity(psnr: 15, ssim: 0.5))
  }

  private func flat(_ level: UInt8) -> Image {
    Image(
      height: 12, width: 12, channels: 3, pixels: [UInt8](repeating: level, count: 12 * 12 * 3))
  }
}
