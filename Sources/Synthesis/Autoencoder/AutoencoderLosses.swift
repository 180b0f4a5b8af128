import Foundation
import Models
import Torch
import Training

extension AutoencoderConfiguration.Likelihood {
  /// -log p(x|z) of each image, in nats: `[batch]`.
  ///
  /// Bernoulli: the sum over the values of -x log s - (1 - x) log(1 - s) with s = sigmoid(logit).
  /// Gaussian: that of (x - s)^2 / (2 d^2) + log d + log(2 pi) / 2 with the deviation d, which is a density of
  /// values from 0 to 1 and can be below 0. Source: arXiv 1312.6114, appendix C; one deviation for all values, which
  /// is learned: arXiv 2006.13202.
  ///
  /// - Parameters:
  ///   - values: `[batch, channels, size, size]`, from 0 to 1.
  ///   - logits: the decoder's, of the same shape.
  ///   - logDeviation: `[1]`; of the Gaussian.
  func negativeLog(of values: Tensor, logits: Tensor, logDeviation: Tensor?) -> Tensor {
    func sum(_ x: Tensor) -> Tensor { x.sum(axes: [1, 2, 3]).reshaped([-1]) }
    switch self {
    case .bernoulli: return sum(logits.binaryCrossEntropiesWithLogits(values))
    case .gaussian:
      guard let logDeviation else { preconditionFailure("a Gaussian without a deviation") }
      let squares = sum((values - logits.sigmoid()).squared())
      let count = Double(values.elementCount / values.shape[0])
      return squares * (logDeviation * -2).exponential() * 0.5
        + (logDeviation + log(2 * .pi) / 2) * count
    }
  }
}

extension Autoencoder.Code {
  /// A draw from each distribution, which gradients go through: mean + exp(logVariance / 2) noise; the mean alone
  /// of a plain code. Source: arXiv 1312.6114, section 2.4.
  ///
  /// - Parameter noise: `[batch, code]`, from N(0, 1).
  func drawn(_ noise: Tensor) -> Tensor {
    guard let logVariance else { return mean }
    return mean + (logVariance * 0.5).exponential() * noise
  }

  /// The Kullback-Leibler divergence of each distribution from N(0, 1), in nats: `[batch]`; `nil` for plain codes.
  ///
  /// The sum over the numbers of (m^2 + v - 1 - log v) / 2. Source: arXiv 1312.6114, appendix B.
  var divergence: Tensor? {
    logVariance.map { logVariance in
      ((mean.squared() + logVariance.exponential() - logVariance - 1) * 0.5).sum(axes: [1])
        .reshaped([-1])
    }
  }
}

/// What one step of an autoencoder reports: means over the batch, in nats an image.
package struct AutoencoderStepLosses: StepLosses, Equatable {
  package var reconstruction: Double
  /// Of a variational one.
  package var divergence: Double?
  /// What is minimized: the reconstruction and beta times the divergence. With beta 1 the negative ELBO.
  package var loss: Double
  /// Mean over all values of (x - decoded)^2, from 0 to 1.
  package var squaredError: Double
  /// Of the Gaussian likelihood.
  package var deviation: Double?

  package var named: [(name: String, value: Double)] {
    [("reconstruction", reconstruction)] + (divergence.map { [("KL", $0)] } ?? [])
      + [("loss", loss), ("mse", squaredError)]
  }

  package var others: [(name: String, value: Double)] {
    deviation.map { [("deviation", $0)] } ?? []
  }

  package var generatorTotal: Double { loss }
}
