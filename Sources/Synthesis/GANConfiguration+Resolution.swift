import Datasets
import Models
import Training

extension GANConfiguration {
  /// Fills in everything that is open.
  mutating func adopt(_ source: ImageSource) {
    if data.size == nil || data.channels == nil {
      let typical = source.typicalImage()
      // The smallest that loses nothing, but no larger than the paper's unless it is asked for.
      let sizes = SampleModelConfiguration.convolutionalSizes.filter { $0 <= 64 }
      data.size = data.size ?? sizes.first { $0 >= typical.side } ?? 64
      data.channels = data.channels ?? typical.channels
    }
    resolve()
  }

  /// Fills in what does not depend on the images: what the loss's paper trains with, in place of what is
  /// open.
  package mutating func resolve() {
    networks.size = data.size ?? networks.size
    networks.channels = data.channels ?? networks.channels
    generatorDropout = generatorDropout ?? dropout
    discriminatorDropout = discriminatorDropout ?? dropout
    networks.generatorDropout = generatorDropout ?? dropout
    networks.discriminatorDropout = discriminatorDropout ?? dropout
    // A gradient penalty is each image's own, which batch norm is not; BEGAN's paper has no norm.
    discriminatorNormalization =
      discriminatorNormalization
      ?? (losses.loss == .wganGP ? .instance : losses.loss == .began ? Normalization.none : .batch)
    networks.discriminatorNormalization = discriminatorNormalization ?? .batch
    networks.discriminatorIsAutoencoder = losses.loss == .began
    adversaries = adversaries.resolved(for: losses.loss)
    optimization.learningRate = adversaries.generatorLearningRate ?? optimization.learningRate
    optimization.beta1 = adversaries.beta1 ?? optimization.beta1
  }
}
