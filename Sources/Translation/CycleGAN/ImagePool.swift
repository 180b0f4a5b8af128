import Datasets
import Torch

/// Fakes of earlier steps, so that a discriminator does not forget what the generator used to do.
///
/// Until the pool is full it keeps and returns each image; then, with probability one half, it returns
/// a random earlier one and keeps the new one in its place. Source: arXiv 1612.07828, section 2.3;
/// REFERENCE.md, section 1.7.
package struct ImagePool {
  private let capacity: Int
  private(set) var images: [Tensor] = []

  /// - Parameter capacity: images kept; 0 returns every query as it is.
  package init(capacity: Int) { self.capacity = capacity }

  /// Fakes to judge in place of `fakes`, `[batch, channel, height, width]`, without their graph.
  /// - Parameter generator: decides which images are exchanged.
  package mutating func query(_ fakes: Tensor, drawing generator: inout SplitMix64) -> Tensor {
    if capacity == 0 { return fakes.detached() }
    let returned = (0..<fakes.shape[0]).map { index in
      exchange(fakes.detached().narrowed(axis: 0, index..<(index + 1)).cloned(), &generator)
    }
    return returned.count == 1 ? returned[0] : .concatenated(returned, axis: 0)
  }

  private mutating func exchange(_ image: Tensor, _ generator: inout SplitMix64) -> Tensor {
    if images.count < capacity {
      images.append(image)
      return image
    }
    // Both are drawn each time, so that the stream does not depend on the outcome.
    let coin = generator.next()
    let place = generator.next()
    guard coin >> 63 == 1 else { return image }
    let index = Int(place % UInt64(capacity))
    defer { images[index] = image }
    return images[index]
  }

  /// Puts saved images back, oldest first.
  mutating func restore(_ saved: [Tensor]) {
    images = Array(saved.prefix(capacity))
  }
}
