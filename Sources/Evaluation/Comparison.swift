import Foundation
import Wording

/// What came out of comparing made images with real ones.
package struct Comparison: Sendable, Equatable {
  /// One side.
  package struct Side: Sendable, Equatable {
    package let path: String
    package let images: Int
  }

  /// For programs: "translated", "a_to_b", "b_to_a".
  package let key: String
  package let made: Side
  package let real: Side
  package let measurements: [Measurement]
  /// What a reader has to know, a line each.
  package let notes: [String]

  /// Below this, nothing follows from the numbers.
  private static let fewestImages = 10
  /// What papers take; FID's own has as many features.
  private static let usualFeatures = 2048

  /// What follows from the numbers of images and from the features.
  static func notes(made: SetStatistics, real: SetStatistics, network: FeatureNetwork?) -> [String]
  {
    let smaller = min(made.count, real.count)
    var notes: [String] = []
    if smaller < fewestImages {
      notes.append(
        "fewer than \(fewestImages) images on a side (\(smaller)): the numbers mean nothing")
    }
    guard network != nil else {
      notes.append(
        "this is no FID: without --features the images are compared by the statistics of their patches, and the "
          + "numbers compare with each other only")
      return notes
    }
    let features = made.features.shape[1]
    notes.append(
      "the Fréchet distance is biased: it falls with more images; compare it only where there are as many "
        + "(\(grouped(made.count)) and \(grouped(real.count)))")
    if smaller < max(features, usualFeatures) {
      let least =
        smaller < features
        ? "fewer images than features (\(grouped(smaller)) and \(grouped(features))): most of the Fréchet "
          + "distance can be bias"
        : "fewer than \(grouped(usualFeatures)) images on a side: much of the Fréchet distance can be bias"
      notes.append(least + "; the KID has none")
    }
    return notes
  }
}
