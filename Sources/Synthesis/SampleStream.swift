import Datasets

/// Independent streams of random numbers of what is made with a trained network, under the seed of a command.
enum SampleStream: UInt64 {
  /// The latent of a sample.
  case latent = 0x5A
  /// What is around a sum of samples.
  case neighbor = 0x5B
  /// The class or codes beside a sample's latent, or the code that is drawn of an image.
  case code = 0x5C

  /// For the sample, neighbor or image of a number.
  func numbers(of number: Int, seed: UInt64) -> SplitMix64 {
    SplitMix64(mixing: seed, rawValue, UInt64(number))
  }
}
