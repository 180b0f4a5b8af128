import Files
import Imaging

/// One image as a square, ready for the networks.
package struct SquareSample: Sendable {
  package let image: Image
  /// The place of its class among the source's; `nil` for an image without one.
  package let label: Int?
  /// Another image, whose class is told; `nil` in a data set that tells none.
  package let labeled: (image: Image, label: Int)?
  /// Why other images could not be used; the next ones in order took their place.
  package let skipped: [FileError]
}

/// The images of a source as squares of one size, shuffled anew in each epoch.
///
/// What an epoch shows is decided by (seed, epoch, position) alone.
package struct SquareDataset: Sendable {
  let source: ImageSource
  let seed: UInt64
  let strict: Bool
  let loader: ImageLoader
  /// Images that are drawn from: the first ones of the source.
  package let count: Int
  /// The images whose classes are told, in ascending order; each sample comes with one. Empty for none.
  package var toldImages: [Int] = []

  /// - Parameters:
  ///   - size: side of the squares, in pixels.
  ///   - channels: 1 for gray, 3 for color.
  ///   - maximumCount: takes at most so many images; `nil` takes all.
  ///   - strict: a file that does not decode any more ends the run.
  ///   - background: what shows through transparent pixels.
  ///   - cache: keeps the squares of files, as far as there is room.
  package init(
    _ source: ImageSource, size: Int, channels: Int, maximumCount: Int?, seed: UInt64,
    strict: Bool, background: Color = .white, cache: ImageCache = ImageCache(capacity: 0)
  ) {
    self.source = source
    self.seed = seed
    self.strict = strict
    loader = ImageLoader(
      preparation: SquarePreparation(
        size: size, channels: channels, background: background, reading: source.reading),
      cache: cache)
    count = min(source.count, maximumCount ?? .max)
  }

  /// The samples of one epoch, counted from 1; called from any thread.
  package func samples(ofEpoch epoch: Int) -> @Sendable (Int) throws -> SquareSample {
    // A stream of its own: the unpaired data sets use 0 to 3.
    var generator = SplitMix64(mixing: seed, UInt64(epoch), 4)
    let order = Array(0..<count).shuffledByFisherYates(using: &generator)
    let told = toldOrder(ofEpoch: epoch)
    return { position in
      var skipped: [FileError] = []
      let found = try firstUsable(
        of: count, from: order[position], strict: strict, skipped: &skipped, square)
      var labeled: (image: Image, label: Int)?
      if !told.isEmpty {
        // The next of the same list takes the place of one that cannot be read any more.
        let other = try firstUsable(
          of: told.count, from: position, strict: strict, skipped: &skipped
        ) { (place) throws(FileError) in try square(told[place]) }
        labeled = other.label.map { (other.image, $0) }
      }
      return SquareSample(
        image: found.image, label: found.label, labeled: labeled, skipped: skipped)
    }
  }

  /// The images whose classes are told, repeated until there is one for each sample.
  private func toldOrder(ofEpoch epoch: Int) -> [Int] {
    guard !toldImages.isEmpty else { return [] }
    var generator = SplitMix64(mixing: seed, UInt64(epoch), 5)
    var order: [Int] = []
    while order.count < count { order += toldImages.shuffledByFisherYates(using: &generator) }
    return order
  }

  private func square(_ index: Int) throws(FileError) -> (image: Image, label: Int?) {
    switch source.stored(at: index) {
    case .file(let page): (try loader.image(page), source.label(at: index))
    case .memory(let image): (loader.preparation.prepared(image), source.label(at: index))
    }
  }
}
