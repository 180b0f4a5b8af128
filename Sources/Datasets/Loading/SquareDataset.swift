import Files
import Imaging

/// One image as a square, ready for the networks.
package struct SquareSample: Sendable {
  package let image: Image
  /// Why other images could not be used; the next ones in order took their place.
  package let skipped: [FileError]
}

/// The images of a source as squares of one size, shuffled anew in each epoch.
///
/// What an epoch shows is decided by (seed, epoch, position) alone.
package struct SquareDataset: Sendable {
  /// The largest square in the middle at another size; more than 8 bits become floats.
  struct Squares: Preparation {
    /// In pixels a side.
    let size: Int
    let channels: Int
    /// What shows through transparent pixels.
    let background: Color
    var reading = ReadOptions()

    var range: ValueRange? { nil }

    var readingOptions: ReadOptions {
      var options = reading
      (options.minimumHeight, options.minimumWidth) = (size, size)
      return options
    }

    func obstacle(height: Int, width: Int) -> String? { nil }

    func prepared(_ image: Image) -> Image {
      let shorter = min(image.height, image.width)
      // Cut before it is resized: an image of one row would grow beyond all memory.
      let square = image.cropped(
        top: (image.height - shorter) / 2, left: (image.width - shorter) / 2, height: shorter,
        width: shorter)
      let deep = square.bitDepth == 8 ? square : square.inFloats()
      return deep.converted(toChannels: channels, background: background)
        .resized(height: size, width: size)
    }
  }

  let source: ImageSource
  let seed: UInt64
  let strict: Bool
  let loader: ImageLoader
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
    self.seed = seed
    self.strict = strict
    loader = ImageLoader(
      preparation: Squares(
        size: size, channels: channels, background: background, reading: source.reading),
      cache: cache)
    count = min(source.count, maximumCount ?? .max)
  }

  /// The samples of one epoch, counted from 1; called from any thread.
  package func samples(ofEpoch epoch: Int) -> @Sendable (Int) throws -> SquareSample {
    // A stream of its own: the unpaired data sets use 0 to 3.
    var generator = SplitMix64(mixing: seed, UInt64(epoch), 4)
    let order = Array(0..<count).shuffledByFisherYates(using: &generator)
    return { position in
      var skipped: [FileError] = []
      let image = try firstUsable(
        of: count, from: order[position], strict: strict, skipped: &skipped, square)
      return SquareSample(image: image, skipped: skipped)
    }
  }

  private func square(_ index: Int) throws(FileError) -> Image {
    switch source.stored(at: index) {
    case .file(let page): try loader.image(page)
    case .memory(let image): loader.preparation.prepared(image)
    }
  }
}
