import Training

/// How long a translation took.
package struct TranslationTimes: Sendable {
  /// From the first image's reading to the last one's writing.
  package internal(set) var total = Duration.zero
  /// In the network; for images in tiles, with their reading.
  package internal(set) var network = Duration.zero
}
