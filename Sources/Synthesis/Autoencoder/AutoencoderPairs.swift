import Datasets
import Files
import Foundation
import Imaging
import Models
import Torch

extension Tensor {
  /// Images in [-1, 1], as `Tensor(images:)` makes them.
  /// - Parameter threshold: values from this on, from 0 to 1, become white and the others black; `nil` leaves them.
  init(images: [Image], threshold: Double?) {
    let values = Tensor(images: images)
    guard let threshold else {
      self = values
      return
    }
    self =
      values.isLess(than: .full(2 * threshold - 1, shape: [1])).converted(to: .float32) * -2 + 1
  }
}

/// Images beside what an autoencoder makes of them.
package struct AutoencoderPairs {
  private let network: Autoencoder
  private let threshold: Double?
  private let device: Device

  /// - Parameter network: on `device` already.
  init(_ network: Autoencoder, threshold: Double?, device: Device) {
    (self.network, self.threshold, self.device) = (network, threshold, device)
  }

  package struct Pair {
    /// As the network sees it, 8 bits.
    package let image: Image
    package let reconstruction: Image
    /// Mean of (x - decoded)^2 over all values, from 0 to 1.
    package let squaredError: Double
    /// The code's means.
    package let code: [Float]
    /// The code's standard deviations; `nil` of a plain one.
    package let deviations: [Float]?
  }

  /// What the network makes of an image of its size and channels. One at a time: kernels for other batch sizes round
  /// differently, and a result must not depend on how many are asked for.
  package func pair(of image: Image) -> Pair {
    withoutGradients {
      let x = Tensor(images: [image], threshold: threshold).moved(to: device)
      let code = network.code(of: x, .inference)
      let decoded = network.decoder(code.mean, .inference)
      return Pair(
        image: x.moved(to: .cpu).images()[0], reconstruction: decoded.moved(to: .cpu).images()[0],
        // Values from -1 to 1 are twice as far apart.
        squaredError: decoded.meanSquaredError(x).item / 4, code: code.mean.elements,
        deviations: code.logVariance.map { ($0 * 0.5).exponential().elements })
    }
  }

  /// The same of a network that was read from a file. Throws `FileError` where its weights lead to numbers that are not
  /// finite.
  package func pair(of image: Image, madeBy file: URL) throws(FileError) -> Pair {
    let pair = pair(of: image)
    let numbers = pair.code + (pair.deviations ?? [])
    guard pair.squaredError.isFinite, numbers.allSatisfy(\.isFinite) else {
      throw .makesNotFinite(file)
    }
    return pair
  }
}
