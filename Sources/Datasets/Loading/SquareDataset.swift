import Imaging

/// One image as a square, ready for the networks.
package struct SquareSample: Sendable {
  package let image: Image
  /// Why other images could not be used, a line each; the next ones in order took their place.
  package let skipped: [String]
}

/// The images of a source as squares of one size, shuffled anew in each epoch.
///
/// What an epoch shows is decided by (seed, epoch, position) alone.
package struct SquareDataset: Sendable {
  let source: ImageSource
  let size: Int
  let channels: Int
  let seed: UInt64
  let strict: Bool
  /// What shows through transparent pixels.
  let background: Color
  let cache: ImageCache
  /// Images that are drawn from: the first ones of the source.
  package let count: Int

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
    self.size = size
    self.channels = channels
    self.seed = seed
    self.strict = strict
    self.background = background
    self.cache = cache
    count = min(source.count, maximumCount ?? .max)
  }

  /// The samples of one epoch, counted from 1; called from any thread.
  package func samples(ofEpoch epoch: Int) -> @Sendable (Int) throws -> SquareSample {
    // A stream of its own: the unpaired data sets use 0 to 3.
    var generator = SplitMix64(mixing: seed, UInt64(epoch), 4)
    let order = Array(0..<count).shuffledByFisherYates(using: &generator)
    return { try sample(order[$0]) }
  }

  private func square(_ index: Int) throws(ImageFileError) -> Image {
    let file = source.file(at: index)
    if let kept = file.flatMap({ cache.image($0, channels: channels) }) { return kept }
    let square = try source.image(at: index, minimumSize: size)
      .centerdSquare(size, channels: channels, background: background)
    if let file { cache.keep(square, of: file) }
    return square
  }

  private func sample(_ start: Int) throws -> SquareSample {
    var skipped: [String] = []
    var index = start
    while true {
      do {
        return SquareSample(image: try square(index), skipped: skipped)
      } catch {
        skipped.append("\(error)")
        index = (index + 1) % count
        if strict || index == start { throw error }
      }
    }
  }
}

extension ImageSource {
  /// Whether images are gray, and a typical shorter side in pixels, from the headers of some of them.
  ///
  /// A source of files is looked at in at most `samples` places, evenly spread. Files that are no images any
  /// more are passed over; without any that is one, the answer is color and 64.
  package func typicalImage(samples: Int = 100) -> (channels: Int, side: Int) {
    let looked = min(count, samples)
    let layouts = (0..<looked).compactMap { try? layout(at: $0 * count / looked) }
    let sides = layouts.map { min($0.height, $0.width) }.sorted()
    guard !sides.isEmpty else { return (3, 64) }
    let isGray = layouts.allSatisfy { $0.channels <= 2 }
    return (channels ?? (isGray ? 1 : 3), nativeSize ?? sides[sides.count / 2])
  }
}
