import Datasets
import Training

/// One of several parts of the images to translate, of about the same size: for as many processes, which need
/// to know nothing of each other.
package struct Shard: Sendable, Equatable {
  /// From 0 on.
  package let index: Int
  package let count: Int

  package static let largestCount = 1_000_000

  /// `nil` unless there is such a part.
  package init?(index: Int, count: Int) {
    guard (1...Self.largestCount).contains(count), (0..<count).contains(index) else { return nil }
    (self.index, self.count) = (index, count)
  }

  /// Everything.
  package static let whole = Shard(index: 0, count: 1)!

  /// Whether the image whose result has this name, relative to the output folder, belongs to the part. Images
  /// whose results would have one name belong to one part, which finds that out.
  func holds(_ name: String) -> Bool {
    if count == 1 { return true }
    var fingerprint = Fingerprint()
    fingerprint.add(name)
    // The fingerprint's lowest bits depend on the name's lowest bits alone.
    return SplitMix64.mixed(fingerprint.state) % UInt64(count) == UInt64(index)
  }
}
