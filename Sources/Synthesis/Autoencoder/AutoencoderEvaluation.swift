import Datasets
import Foundation
import Imaging
import Models
import Torch

/// How well an autoencoder describes images that it was not trained on.
package struct AutoencoderEvaluation {
  private let model: AutoencoderModel
  private let threshold: Double?
  private let samples: Int
  private let seed: UInt64
  private let device: Device

  /// - Parameters:
  ///   - model: whose network is moved to the device.
  ///   - threshold: values from this on become white and the others black; `nil` leaves them.
  ///   - samples: draws of each image's code.
  package init(
    _ model: AutoencoderModel, threshold: Double?, samples: Int, seed: UInt64, device: Device
  ) {
    model.network.move(to: device)
    (self.model, self.threshold, self.samples) = (model, threshold, samples)
    (self.seed, self.device) = (seed, device)
  }

  /// What is found out about one image, in nats.
  package struct Found: Equatable {
    /// -log p(x|z): of a variational autoencoder the mean over the draws of z, of a plain one that of its code.
    package let reconstruction: Double
    /// Of q(z|x) from N(0, 1); `nil` of a plain autoencoder, as is the next.
    package let divergence: Double?
    /// The importance-sampled bound of -log p(x).
    package let negativeLogLikelihood: Double?
    /// Mean of (x - decoded)^2 over all values, for the code's mean.
    package let squaredError: Double
    /// Whether a value is neither black nor white.
    package let isGray: Bool

    /// The negative evidence lower bound, whatever beta was in training: arXiv 1312.6114, equation 10.
    package var negativeELBO: Double? { divergence.map { reconstruction + $0 } }
  }

  /// - Parameters:
  ///   - image: of the network's size and channels.
  ///   - number: of the image among all, on which its draws depend.
  package func look(at image: Image, number: Int) -> Found {
    withoutGradients {
      let x = Tensor(images: [image], threshold: threshold).moved(to: device)
      let values = (x + 1) * 0.5
      let code = model.network.code(of: x, .inference)
      let squares = (model.network.decoder(code.mean, .inference) - x).squared().mean().item / 4
      let isGray = (values * (values * -1 + 1)).sum().item > 0
      guard let logVariance = code.logVariance, let divergence = code.divergence else {
        return Found(
          reconstruction: negativeLogs(of: values, codes: code.mean)[0], divergence: nil,
          negativeLogLikelihood: nil, squaredError: squares, isGray: isGray)
      }
      var stream = SampleStream.code.numbers(of: number, seed: seed)
      var (logs, ratios): ([Double], [Double]) = ([], [])
      while logs.count < samples {
        let count = min(samples - logs.count, drawsAtOnce)
        let noise = Tensor.normal(
          shape: [count, model.configuration.code], seed: stream.next()
        ).moved(to: device)
        let codes = code.drawn(noise)
        logs += negativeLogs(of: values, codes: codes)
        // log p(z) - log q(z|x), without the constants that both have.
        ratios += ((noise.squared() + logVariance - codes.squared()) * 0.5).sum(axes: [1]).doubles
      }
      return Found(
        reconstruction: logs.reduce(0, +) / Double(logs.count), divergence: divergence.item,
        negativeLogLikelihood: -logMeanExp(zip(ratios, logs).map { $0 - $1 }),
        squaredError: squares, isGray: isGray)
    }
  }

  /// -log p(x|z) of one image for each code.
  private func negativeLogs(of values: Tensor, codes: Tensor) -> [Double] {
    model.configuration.likelihood.negativeLog(
      of: values + Tensor.zeros(shape: [codes.shape[0], 1, 1, 1], device: device),
      logits: model.network.decoder.logits(of: codes, .inference),
      logDeviation: model.network.logDeviation?.tensor
    ).doubles
  }

  /// Bounds the memory of many draws. What is drawn depends on it, and on the model alone.
  var drawsAtOnce: Int { max(1, (1 << 22) / model.configuration.valuesOfLargestLayer) }
}

/// log(mean of exp(x)), without overflow. With x = log p(x, z) - log q(z|x) for draws of z from q this is a lower
/// bound of log p(x) on average, the tighter the more draws there are. Source: arXiv 1509.00519, equation 8.
///
/// Traps on an empty list.
func logMeanExp(_ logs: [Double]) -> Double {
  guard let largest = logs.max() else { preconditionFailure("no draws") }
  guard largest.isFinite else { return largest }
  return largest + log(logs.reduce(0) { $0 + exp($1 - largest) } / Double(logs.count))
}

/// A mean over images, and how far it may be off.
package struct MeanOfImages: Equatable {
  /// Not finite where weights lead to such numbers.
  package let mean: Double
  /// Standard error: the deviation between images by the square root of their number; `nil` of one image.
  package let error: Double?

  /// Traps on an empty list.
  package init(_ values: [Double]) {
    precondition(!values.isEmpty, "no images")
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    error = values.count > 1 ? (squares / (count - 1) / count).squareRoot() : nil
  }
}

extension MeanOfImages: Encodable {
  private enum CodingKeys: String, CodingKey { case mean, error }

  /// Programs find both keys, with null where there is no number: JSON has none that is not finite.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(mean.isFinite ? mean : nil, forKey: .mean)
    try container.encode(error.flatMap { $0.isFinite ? $0 : nil }, forKey: .error)
  }
}
